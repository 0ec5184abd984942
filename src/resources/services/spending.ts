/** What a session has cost and will cost, reckoned from what the API says now and then. */
import type { ServiceInfo } from '../../../generated/models.ts';

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

/** What the API said of a session, and when it was asked. Unit: ms of the clock. */
interface Reading {
  readonly at: number;
  readonly chargeWei: bigint;
}

/** Charges grow by the second. Unit: ms. */
const tickMs = 1_000;

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** Reckons when the next limit of one session is reached. */
export class Spending {
  readonly #limits: SpendingLimits;
  /** When the reckoning began. Unit: ms of the clock. */
  readonly #begunAt: number;
  /** When the session began, as far as is known. Unit: ms of the clock. */
  #startedAt: number;
  #last: Reading | undefined;
  /** Wei per tick: the highest rate that was seen, since what is charged may also depend on traffic. */
  #rate = 0n;

  constructor(limits: SpendingLimits, now: number) {
    this.#limits = limits;
    this.#begunAt = now;
    this.#startedAt = now;
  }

  /** Takes note of what the API said to a question asked at `at`. */
  note({ charge_amount: chargeWei, duration }: ServiceInfo, at: number): void {
    const durationMs = duration === undefined ? 0 : duration * 1000;
    this.#startedAt = Math.min(this.#startedAt, at - durationMs);
    if (chargeWei === undefined) return;
    // Without a duration the charge may be that of any time before, and tells no rate.
    if (durationMs >= tickMs) this.#raise(chargeWei, durationMs);
    const last = this.#last;
    if (last !== undefined && at - last.at >= tickMs) this.#raise(chargeWei - last.chargeWei, at - last.at);
    this.#last = { at, chargeWei };
  }

  #raise(wei: bigint, ms: number): void {
    const rate = divideUp(wei * BigInt(tickMs), BigInt(Math.max(1, Math.floor(ms))));
    if (rate > this.#rate) this.#rate = rate;
  }

  /** The limit that comes next; `fresh` says whether the last reading is of this very moment. */
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
    return maxDurationMs - (now - this.#startedAt);
  }

  /** Until one more tick would cost more than is allowed. */
  #untilSpent(now: number, fresh: boolean): number {
    const { maxSpend } = this.#limits;
    if (maxSpend === undefined) return Number.POSITIVE_INFINITY;
    const { at = now, chargeWei = 0n } = this.#last ?? {};
    const left = maxSpend - chargeWei;
    if (left < this.#rate || (left === 0n && chargeWei > 0n)) return 0;
    if (this.#rate === 0n) return Number.POSITIVE_INFINITY;
    // How many ticks still fit; after the last of them it has to be over.
    const untilMs = Number(left / this.#rate) * tickMs;
    const inMs = untilMs - (now - at);
    // A fresh reading within the limit was just judged above; rounding must not make a rush of looks out of it. One whose answer
    // took longer than what is left is not within it.
    return fresh ? Math.max(inMs - tickMs, Math.min(inMs, tickMs / 4)) : inMs - tickMs;
  }
}
