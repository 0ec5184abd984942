/**
 * A clock that runs many times faster than the real one, for a server and its clients. At speed 100 a rule about 60 s
 * takes 0.6 s. Sockets are real, so the client's work takes real time, too: at speed 100 a response after 2 ms seems to take 200 ms.
 */

export interface FastClockOptions {
  /**
   * How to treat time in which the process could not run, such as on a busy machine. `skip`: it does not count, so that no time
   * limit passes because of it; server and clients must be in the same process. `count`: it counts, as outside, so that clocks of
   * several processes agree. Default `skip`.
   */
  readonly stalls?: 'skip' | 'count';
  /** Initial time of the wall clock. Unit: Unix ms. Default: now. */
  readonly wallStart?: number;
}

/** If two looks at the real clock are further apart than this, the process was stalled. Unit: real ms. */
const stallMs = 5;
/** Time between two looks while there are timers. Unit: real ms. */
const tickMs = 2;

interface Timer {
  readonly due: number;
  readonly callback: () => void;
  cleared: boolean;
}

/** Shared by a server and its clients. All times are of this clock; only the constants above are real milliseconds. */
export class FastClock {
  /** Milliseconds of this clock per real millisecond. */
  readonly speed: number;
  readonly #longestMs: number;
  readonly #wallStart: number;
  #now = 0;
  #jumped = 0;
  #real = performance.now();
  /** Timers, the earliest first. */
  #timers: Timer[] = [];
  #ticking = false;
  #seed = 1;

  constructor(speed: number, { stalls = 'skip', wallStart = Date.now() }: FastClockOptions = {}) {
    this.speed = speed;
    this.#longestMs = stalls === 'skip' ? stallMs : Number.POSITIVE_INFINITY;
    this.#wallStart = wallStart;
    // A client calls these without the clock as receiver.
    this.now = this.now.bind(this);
    this.wallNow = this.wallNow.bind(this);
    this.setTimer = this.setTimer.bind(this);
    this.clearTimer = this.clearTimer.bind(this);
    this.random = this.random.bind(this);
  }

  /** Never goes back, and stands still while the machine is suspended. */
  now(): number {
    const real = performance.now();
    this.#now += Math.min(real - this.#real, this.#longestMs) * this.speed;
    this.#real = real;
    return this.#now;
  }

  /** The wall clock. Unit: Unix ms. */
  wallNow(): number {
    return this.#wallStart + this.#jumped + this.now();
  }

  /** Calls back once, after `ms` of this clock, however long that is. */
  setTimer(callback: () => void, ms: number, _purpose?: string): unknown {
    const timer: Timer = { due: this.now() + ms, callback, cleared: false };
    const after = this.#timers.findIndex(({ due }) => due > timer.due);
    this.#timers.splice(after === -1 ? this.#timers.length : after, 0, timer);
    this.#tick();
    return timer;
  }

  clearTimer(timer: unknown): void {
    const known = this.#timers.find((each) => each === timer);
    // A timer that is about to be called is no longer in the list.
    if (typeof timer === 'object' && timer !== null) Object.assign(timer, { cleared: true });
    if (known !== undefined) this.#timers = this.#timers.filter((each) => each !== known);
  }

  /** The same numbers in every run, from 0 to 1, without 1. */
  random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }

  /** Simulates a suspend of the machine: only the wall clock moves forward. */
  jump(ms: number): void {
    this.#jumped += ms;
  }

  /** Simulates a stop of the process: all timers that have become due are called before anything is read from a socket. */
  freeze(ms: number): void {
    this.now();
    this.#now += ms;
    this.#callDue();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(resolve, ms));
  }

  /** Waits until a condition is true. Throws if it is not within `withinMs`. */
  async until(isSo: () => boolean, what = 'what was waited for', withinMs = 900_000): Promise<void> {
    for (const end = this.now() + withinMs; !isSo(); await this.sleep(tickMs * this.speed)) {
      if (this.now() > end) throw new Error(`${what} did not happen within ${withinMs} ms`);
    }
  }

  #tick(): void {
    if (this.#ticking || this.#timers.length === 0) return;
    this.#ticking = true;
    setTimeout(() => {
      this.#ticking = false;
      this.#callDue();
      this.#tick();
    }, tickMs);
  }

  #callDue(): void {
    const now = this.now();
    const later = this.#timers.findIndex(({ due }) => due > now);
    // Each in its own turn, like timers of the runtime, and nothing is read between them.
    for (const timer of this.#timers.splice(0, later === -1 ? this.#timers.length : later)) {
      setImmediate(() => {
        if (!timer.cleared) timer.callback();
      });
    }
  }
}

/** A clock that is `speed` times faster than the real one. */
export function fastClock(speed: number, options?: FastClockOptions): FastClock {
  return new FastClock(speed, options);
}
