/** How long a session has run and what it has cost, reckoned from what the API says now and then. */
import type { ServiceInfo } from '../../generated/models.ts';
import type { Look } from './observer.ts';

/** What a session may cost and how long it may run. */
export interface SpendingLimits {
  readonly maxDurationMs?: number | undefined;
  readonly maxSpend?: bigint | undefined;
}

/** Which limit comes next, and when. Unit: ms; 0 or less is now. */
export interface Due {
  readonly reason: 'duration' | 'spend';
  readonly inMs: number;
}

/** Charges grow by the second. Unit: ms. */
const tickMs = 1_000;
/** Smaller times are seconds, whatever they should be. Unit: Unix ms. */
const leastUnixMs = 100_000_000_000;

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** How old the API says that a session is; by the clock that the answer itself shows, never by ours. Unit: ms. */
export function ageOf(
  { duration, started_at }: Pick<ServiceInfo, 'duration' | 'started_at'>,
  serverNow: number | undefined,
): number | undefined {
  if (duration !== undefined) return duration * 1000;
  if (started_at === undefined || started_at <= 0 || serverNow === undefined) return undefined;
  const startedAt = started_at < leastUnixMs ? started_at * 1000 : started_at;
  return Math.max(0, serverNow - startedAt);
}

/** Reckons when the next limit of one session is reached. Its clock goes on while the computer sleeps. */
export class Spending {
  readonly #limits: SpendingLimits;
  /** When the reckoning began. Unit: ms of the clock. */
  readonly #begunAt: number;
  /** How old the session was, when that was last known. Unit: ms; ms of the clock. */
  #age = { ms: 0, at: 0 };
  /** The highest age that the API gave. Unit: ms. */
  #oldestMs = Number.NEGATIVE_INFINITY;
  /** The highest charge that was seen, and when. Unit: ms of the clock. */
  #last: { readonly at: number; readonly chargeWei: bigint } | undefined;
  /** Wei per tick: the highest rate that was seen, since what is charged may also depend on traffic. */
  #rate = 0n;

  /** `startedAt` is when the session began, as far as is known. Unit: ms of the clock. */
  constructor(limits: SpendingLimits, now: number, startedAt = now) {
    this.#limits = limits;
    this.#begunAt = now;
    this.#age = { ms: now - startedAt, at: now };
  }

  /**
   * Takes note of what a look found; gives what it said of the charge: nothing (`unknown`), less than before (`fell`, so that the highest
   * one counts), or `known`.
   */
  note(info: ServiceInfo, { at, serverNow }: Pick<Look, 'at' | 'serverNow'>): 'known' | 'fell' | 'unknown' {
    const ageMs = ageOf(info, serverNow);
    // An age that does not grow is old news, and must not put off the limit.
    if (ageMs !== undefined && ageMs > this.#oldestMs) {
      this.#oldestMs = ageMs;
      this.#age = { ms: ageMs, at };
    }
    const { charge_amount: chargeWei } = info;
    if (chargeWei === undefined || chargeWei < 0n) return 'unknown';
    const last = this.#last;
    if (last !== undefined && chargeWei < last.chargeWei) return 'fell';
    // Without an age the charge may be that of any time before, and tells no rate.
    if (ageMs !== undefined && ageMs >= tickMs) this.#raise(chargeWei, ageMs);
    if (last !== undefined && at - last.at >= tickMs) this.#raise(chargeWei - last.chargeWei, at - last.at);
    this.#last = { at, chargeWei };
    return 'known';
  }

  #raise(wei: bigint, ms: number): void {
    const rate = divideUp(wei * BigInt(tickMs), BigInt(Math.max(1, Math.floor(ms))));
    if (rate > this.#rate) this.#rate = rate;
  }

  /** The limit that comes next; `fresh` says whether the last charge is of this very moment. */
  next(now: number, fresh: boolean): Due {
    const duration: Due = { reason: 'duration', inMs: this.#untilOld(now) };
    const spend: Due = { reason: 'spend', inMs: this.#untilSpent(now, fresh) };
    return spend.inMs < duration.inMs ? spend : duration;
  }

  /** When to look for the first charge, which tells the rate: often, and more seldom the longer there is none. Unit: ms. */
  firstChargeInMs(now: number): number {
    if (this.#limits.maxSpend === undefined || this.#rate > 0n) return Number.POSITIVE_INFINITY;
    return Math.max(tickMs, (now - this.#begunAt) / 10);
  }

  /** How long a look may take that begins now: not beyond a limit, but for the tick that is left for it. Unit: ms. */
  lookWithinMs(now: number): number {
    return Math.min(this.#untilOld(now), Math.max(tickMs, this.#untilSpent(now, false) + tickMs));
  }

  #untilOld(now: number): number {
    const { maxDurationMs = Number.POSITIVE_INFINITY } = this.#limits;
    return maxDurationMs - (this.#age.ms + now - this.#age.at);
  }

  /** Until one more tick would cost more than is allowed. */
  #untilSpent(now: number, fresh: boolean): number {
    const { maxSpend } = this.#limits;
    if (maxSpend === undefined) return Number.POSITIVE_INFINITY;
    const { at = now, chargeWei = 0n } = this.#last ?? {};
    const left = maxSpend - chargeWei;
    if (left < this.#rate || (left <= 0n && chargeWei > 0n)) return 0;
    if (this.#rate === 0n) return Number.POSITIVE_INFINITY;
    // How many ticks still fit; after the last of them it has to be over.
    const untilMs = Number(left / this.#rate) * tickMs;
    const inMs = untilMs - (now - at);
    // A fresh reading within the limit was just judged above; rounding must not make a rush of looks out of it. One whose answer
    // took longer than what is left is not within it.
    return fresh ? Math.max(inMs - tickMs, Math.min(inMs, tickMs / 4)) : inMs - tickMs;
  }
}
