import type { Caller } from '../core/call-types.ts';

/** If the wall clock gains more than this on the monotonic clock, the computer was suspended. Unit: ms. */
const asleepMs = 5_000;

/** A monotonic clock that also counts the time while the computer is suspended. */
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
    // Smaller differences are corrections of the wall clock.
    if (lead - this.#lead > asleepMs) this.#sleptMs += lead - this.#lead;
    this.#lead = lead;
    return this.#time.now() + this.#sleptMs;
  }

  /** How far this clock is ahead of the clock of the client. Unit: ms. */
  get aheadMs(): number {
    return this.#sleptMs;
  }
}
