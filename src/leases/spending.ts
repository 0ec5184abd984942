/** Estimates how long a session has run and what it has cost, between the responses of the API. */
import type { ServiceInfo } from '../../generated/models.ts';
import type { Look } from './observer.ts';

/** Limits on the cost and the duration of a session. */
export interface SpendingLimits {
  readonly maxDurationMs?: number | undefined;
  readonly maxSpend?: bigint | undefined;
}

/** Which limit is reached next, and in how long. Unit: ms; 0 or less is now. */
export interface Due {
  readonly reason: 'duration' | 'spend';
  readonly inMs: number;
}

/** Charges grow by the second. Unit: ms. */
const tickMs = 1_000;
/** Smaller times are interpreted as Unix seconds. Unit: Unix ms. */
const leastUnixMs = 100_000_000_000;

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/**
 * The age of a session: its duration, or the server time of the same response minus its start. Our own clock is never used, as it may be
 * wrong. Unit: ms.
 */
export function ageOf(
  { duration, started_at }: Pick<ServiceInfo, 'duration' | 'started_at'>,
  serverNow: number | undefined,
): number | undefined {
  if (duration !== undefined) return duration * 1000;
  if (started_at === undefined || started_at <= 0 || serverNow === undefined) return undefined;
  const startedAt = started_at < leastUnixMs ? started_at * 1000 : started_at;
  return Math.max(0, serverNow - startedAt);
}

/** Calculates when a session reaches its next limit. Expects a clock that counts while the computer is suspended. */
export class Spending {
  readonly #limits: SpendingLimits;
  /** When the calculation began. Unit: ms of the clock. */
  readonly #begunAt: number;
  /** The last known age, and when it was known. Unit: ms; ms of the clock. */
  #age = { ms: 0, at: 0 };
  /** The highest age that the API has reported. Unit: ms. */
  #oldestMs = Number.NEGATIVE_INFINITY;
  /** The highest charge seen so far, and when. Unit: ms of the clock. */
  #last: { readonly at: number; readonly chargeWei: bigint } | undefined;
  /** Wei per tick: the highest rate seen so far, because the charge may also depend on traffic. */
  #rate = 0n;

  /** `startedAt` is the best known start of the session. Unit: ms of the clock. */
  constructor(limits: SpendingLimits, now: number, startedAt = now) {
    this.#limits = limits;
    this.#begunAt = now;
    this.#age = { ms: now - startedAt, at: now };
  }

  /**
   * Records the result of a look. Returns whether it had no charge (`unknown`), a lower one than before (`fell`; the highest one counts),
   * or a usable one (`known`).
   */
  note(info: ServiceInfo, { at, serverNow }: Pick<Look, 'at' | 'serverNow'>): 'known' | 'fell' | 'unknown' {
    const ageMs = ageOf(info, serverNow);
    // An age that does not grow is outdated, and must not delay the limit.
    if (ageMs !== undefined && ageMs > this.#oldestMs) {
      this.#oldestMs = ageMs;
      this.#age = { ms: ageMs, at };
    }
    const { charge_amount: chargeWei } = info;
    if (chargeWei === undefined || chargeWei < 0n) return 'unknown';
    const last = this.#last;
    if (last !== undefined && chargeWei < last.chargeWei) return 'fell';
    // Without an age, no rate can be calculated: the charge may be from any earlier time.
    if (ageMs !== undefined && ageMs >= tickMs) this.#raise(chargeWei, ageMs);
    if (last !== undefined && at - last.at >= tickMs) this.#raise(chargeWei - last.chargeWei, at - last.at);
    this.#last = { at, chargeWei };
    return 'known';
  }

  #raise(wei: bigint, ms: number): void {
    const rate = divideUp(wei * BigInt(tickMs), BigInt(Math.max(1, Math.floor(ms))));
    if (rate > this.#rate) this.#rate = rate;
  }

  /** The next limit. `fresh`: the last charge was read just now. */
  next(now: number, fresh: boolean): Due {
    const duration: Due = { reason: 'duration', inMs: this.#untilOld(now) };
    const spend: Due = { reason: 'spend', inMs: this.#untilSpent(now, fresh) };
    return spend.inMs < duration.inMs ? spend : duration;
  }

  /** Time until the next look for the first charge, which is needed for the rate: short at first, then longer. Unit: ms. */
  firstChargeInMs(now: number): number {
    if (this.#limits.maxSpend === undefined || this.#rate > 0n) return Number.POSITIVE_INFINITY;
    return Math.max(tickMs, (now - this.#begunAt) / 10);
  }

  /** How long a look that begins now may take without passing a limit, apart from the tick reserved for it. Unit: ms. */
  lookWithinMs(now: number): number {
    return Math.min(this.#untilOld(now), Math.max(tickMs, this.#untilSpent(now, false) + tickMs));
  }

  #untilOld(now: number): number {
    const { maxDurationMs = Number.POSITIVE_INFINITY } = this.#limits;
    return maxDurationMs - (this.#age.ms + now - this.#age.at);
  }

  /** Time until one more tick would exceed `maxSpend`. Unit: ms. */
  #untilSpent(now: number, fresh: boolean): number {
    const { maxSpend } = this.#limits;
    if (maxSpend === undefined) return Number.POSITIVE_INFINITY;
    const { at = now, chargeWei = 0n } = this.#last ?? {};
    const left = maxSpend - chargeWei;
    if (left < this.#rate || (left <= 0n && chargeWei > 0n)) return 0;
    if (this.#rate === 0n) return Number.POSITIVE_INFINITY;
    // How many more ticks are affordable; the session must be stopped after the last one.
    const untilMs = Number(left / this.#rate) * tickMs;
    const inMs = untilMs - (now - at);
    // A fresh charge was compared with the limit above; rounding must not cause a burst of looks. If the response took longer than
    // the remaining time, the charge is not within the limit.
    return fresh ? Math.max(inMs - tickMs, Math.min(inMs, tickMs / 4)) : inMs - tickMs;
  }
}
