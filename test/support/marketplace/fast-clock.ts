/**
 * A clock that runs many times faster than the real one, for a server and the clients that talk to it. At speed 100 a rule about 60 s
 * takes 0.6 s. Sockets are real, so the client's work takes real time as well: at speed 100 an answer that takes 2 ms seems to take 200 ms.
 */

export interface FastClockOptions {
  /**
   * What happens to time in which the process did not get to run, such as on a busy machine. `skip`: it does not count, so that no time
   * limit passes because of it; server and clients have to be in this one process. `count`: it counts, as it does outside, so that clocks of
   * several processes keep step. Default `skip`.
   */
  readonly stalls?: 'skip' | 'count';
  /** What the wall clock says at first. Unit: Unix ms. Default: now. */
  readonly wallStart?: number;
}

/** A stall is what lasts longer than this between two looks at the real clock. Unit: real ms. */
const stallMs = 5;
/** Time between two looks while there are timers. Unit: real ms. */
const tickMs = 2;

interface Timer {
  readonly due: number;
  readonly callback: () => void;
  cleared: boolean;
}

/** Shared by a server and its clients. What it calls time is its own; nothing but the constants above is real milliseconds. */
export class FastClock {
  /** Milliseconds of this clock in one of the real one. */
  readonly speed: number;
  readonly #longestMs: number;
  readonly #wallStart: number;
  #now = 0;
  #jumped = 0;
  #real = performance.now();
  /** The earliest first. */
  #timers: Timer[] = [];
  #ticking = false;
  #seed = 1;

  constructor(speed: number, { stalls = 'skip', wallStart = Date.now() }: FastClockOptions = {}) {
    this.speed = speed;
    this.#longestMs = stalls === 'skip' ? stallMs : Number.POSITIVE_INFINITY;
    this.#wallStart = wallStart;
    // A client takes these apart from their clock.
    this.now = this.now.bind(this);
    this.wallNow = this.wallNow.bind(this);
    this.setTimer = this.setTimer.bind(this);
    this.clearTimer = this.clearTimer.bind(this);
    this.random = this.random.bind(this);
  }

  /** Never goes back, and stands still while the machine sleeps. */
  now(): number {
    const real = performance.now();
    this.#now += Math.min(real - this.#real, this.#longestMs) * this.speed;
    this.#real = real;
    return this.#now;
  }

  /** What a calendar says. Unit: Unix ms. */
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
    // One that is about to be called is in the list no more.
    if (typeof timer === 'object' && timer !== null) Object.assign(timer, { cleared: true });
    if (known !== undefined) this.#timers = this.#timers.filter((each) => each !== known);
  }

  /** The same numbers in every run, from 0 up to, but not including, 1. */
  random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }

  /** The machine was asleep for so long: the wall clock moves on, and nothing else. */
  jump(ms: number): void {
    this.#jumped += ms;
  }

  /** The process was stopped for so long: all timers that have become due are called before anything is read from a socket. */
  freeze(ms: number): void {
    this.now();
    this.#now += ms;
    this.#callDue();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(resolve, ms));
  }

  /** Waits until something is so. Throws when it is not within `withinMs`. */
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
    // Each in a turn of its own, as the runtime's timers are called, and nothing is read between them.
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
