import type { Caller } from '../core/call-types.ts';

/** A longer gap between the wall clock and the clock that never goes back is a computer that was asleep. Unit: ms. */
const asleepMs = 5_000;

/** A clock that goes on while the computer sleeps, and so by itself never goes back. */
export class WakefulClock {
  readonly #time: Caller['time'];
  #lead: number;
  #sleptMs = 0;

  constructor(time: Caller['time']) {
    this.#time = time;
    this.#lead = time.wallNow() - time.now();
  }

  now(): number {
    const lead = this.#time.wallNow() - this.#time.now();
    // Smaller differences are the wall clock being put right.
    if (lead - this.#lead > asleepMs) this.#sleptMs += lead - this.#lead;
    this.#lead = lead;
    return this.#time.now() + this.#sleptMs;
  }

  /** The same moment as the clock of the client shows it. */
  get aheadMs(): number {
    return this.#sleptMs;
  }
}
