/**
 * Virtual time. It stands still while a request is processed, and jumps from timer to timer while code waits on the clock. Timers with
 * the purposes `limit` and `background` do not make it move.
 */
import type { Clock } from '../clock.ts';
import { isWorkers } from '../errors/runtime.ts';
import { type Guest, Guests } from './guests.ts';
import { afterTurns, type Moved, OwnTurns } from './own-turns.ts';
import { Random } from './random.ts';
import { afterRealTime, realNow } from './real-time.ts';
import { type Purpose, Timer, TimerHeap } from './timer-heap.ts';

/** An error of a callback must not stop time; it is thrown as from any timer. */
function run(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Whether time moves on to a timer of this purpose. Nobody waits for limits and background work. */
function movesTime(purpose: Purpose): boolean {
  return purpose === 'wait' || purpose === 'answer';
}

/** The clock of a virtual world. */
export class VirtualClock implements Clock {
  readonly #timers = new TimerHeap();
  readonly #guests = new Guests();
  readonly #seed: string;
  #random: Random;
  #now = 0;
  #speed: number;
  /** The real time at which `#now` was set. Used while time passes by itself. */
  #realBase = realNow();
  #order = 0;
  /** Changes whenever something happens, so that the clock can detect a turn in which nothing happened. */
  #activity = 0;
  #waits = 0;
  #busy = 0;
  /** Changes when everything that is busy is released. */
  #era = 0;
  #turnPending = false;
  #advancing: Promise<void> | undefined;
  #cancelReal: (() => void) | undefined;
  /** Moves time on runtimes where requests cannot share turns. */
  readonly #ownTurns: OwnTurns | undefined;

  constructor(speed: number, seed = '') {
    this.#speed = speed;
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#ownTurns = isWorkers() ? new OwnTurns(this.#moved()) : undefined;
  }

  /** Restarts the random numbers; time continues. */
  reseed(): void {
    this.#random = new Random(this.#seed);
  }

  random(): number {
    return this.#random.next();
  }

  /** Changes how fast time passes by itself, as a multiple of real time; 0: it does not pass. */
  setSpeed(speed: number): void {
    this.#now = this.now();
    this.#realBase = realNow();
    this.#speed = speed;
    this.#cancelReal?.();
    this.#cancelReal = undefined;
    this.#goOn();
  }

  now(): number {
    return this.#speed === 0 ? this.#now : this.#now + (realNow() - this.#realBase) * this.#speed;
  }

  setTimer(callback: () => void, ms: number, purpose: Purpose): unknown {
    const dueAt = this.now() + Math.max(0, Number.isNaN(ms) ? 0 : ms);
    const guest = movesTime(purpose) ? this.#guests.current : undefined;
    const timer = new Timer({ callback, dueAt, order: this.#order++, purpose, guest });
    this.#timers.add(timer);
    if (movesTime(purpose)) this.#beginWait(guest);
    this.#goOn();
    this.#ownTurns?.wait(() => timer.place === -1, timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    if (!(timer instanceof Timer) || !this.#timers.remove(timer)) return;
    if (movesTime(timer.purpose)) this.#endWait(timer.guest);
    this.#goOn();
  }

  hold<Result>(work: () => Result): Result {
    return this.#guests.run(work, () => this.#goOn());
  }

  /** Keeps time from moving while the simulator itself works. Returns a function that ends this. */
  occupy(): () => void {
    this.#busy++;
    const era = this.#era;
    return this.#once(() => {
      if (era === this.#era) this.#busy--;
    });
  }

  /** Adds a wait without end, so that time moves on to the next limit. Returns a function that ends the wait. */
  waitForever(): () => void {
    const guest = this.#guests.current;
    this.#beginWait(guest);
    this.#goOn();
    let isOver = false;
    this.#ownTurns?.wait(() => isOver);
    return this.#once(() => {
      isOver = true;
      this.#endWait(guest);
    });
  }

  /** Moves time forward by `ms`. Timers that are due meanwhile run in order, and each can finish the work that it starts. */
  advance(ms: number): Promise<void> {
    if (this.#ownTurns !== undefined) return this.#ownTurns.advance(ms);
    const before = this.#advancing ?? Promise.resolve();
    const advanced = before.then(() => this.#advanceTo(this.now() + ms));
    this.#advancing = advanced;
    return advanced.then(() => {
      if (this.#advancing !== advanced) return;
      this.#advancing = undefined;
      this.#goOn();
    });
  }

  async #advanceTo(target: number): Promise<void> {
    for (;;) {
      await this.#quiet();
      const next = this.#timers.first;
      if (next === undefined || next.dueAt > target) break;
      this.#fire(next);
    }
    this.#moveTo(target);
  }

  /** Resolves after a turn in which nothing happened and the simulator did not work. */
  async #quiet(): Promise<void> {
    for (let seen = -1; seen !== this.#activity || this.#busy > 0; ) {
      seen = this.#activity;
      await new Promise<void>(afterTurns);
    }
  }

  #beginWait(guest: Guest | undefined): void {
    this.#waits++;
    guest?.beginWait();
  }

  #endWait(guest: Guest | undefined): void {
    this.#waits--;
    guest?.endWait();
  }

  #once(release: () => void): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      release();
      this.#goOn();
    };
  }

  #moveTo(time: number): void {
    if (time <= this.now()) return;
    this.#now = time;
    this.#realBase = realNow();
  }

  #fire(timer: Timer): void {
    this.#timers.remove(timer);
    if (movesTime(timer.purpose)) this.#endWait(timer.guest);
    this.#activity++;
    this.#moveTo(timer.dueAt);
    run(timer.callback);
  }

  /** Call this when something has happened, so that time continues. */
  #goOn(): void {
    this.#activity++;
    if (this.#ownTurns !== undefined) return;
    if (this.#speed > 0) this.#setRealTimer();
    else if (!this.#turnPending && this.#mayJump()) this.#awaitTurn();
  }

  #mayJump(): boolean {
    const isAdvancing = this.#advancing !== undefined || this.#ownTurns?.isAdvancing === true;
    const idle = this.#speed === 0 && !isAdvancing && this.#busy === 0 && this.#waits > 0;
    // Busy code may wait for a response that is due, because another call may have to end first.
    return idle && (!this.#guests.busy || this.#timers.first?.purpose === 'answer');
  }

  #awaitTurn(): void {
    this.#turnPending = true;
    const seen = this.#activity;
    afterTurns(() => {
      this.#turnPending = false;
      if (!this.#mayJump()) return;
      const next = this.#timers.first;
      // If no timer is ever due, time stands still until something happens.
      if (next === undefined || next.dueAt === Number.POSITIVE_INFINITY) return;
      if (seen === this.#activity) this.#fire(next);
      this.#awaitTurn();
    });
  }

  #setRealTimer(): void {
    this.#cancelReal?.();
    this.#cancelReal = undefined;
    const next = this.#timers.first;
    if (next === undefined) return;
    this.#cancelReal = afterRealTime(() => this.#fireDue(), (next.dueAt - this.now()) / this.#speed);
  }

  #fireDue(): void {
    this.#cancelReal = undefined;
    const next = this.#timers.first;
    if (next !== undefined && next.dueAt <= this.now()) this.#fire(next);
    if (this.#speed > 0) this.#setRealTimer();
  }

  #moved(): Moved {
    const clock = this;
    return {
      get first() {
        return clock.#timers.first;
      },
      get activity() {
        return clock.#activity;
      },
      get flows() {
        return clock.#speed > 0;
      },
      get isBusy() {
        return clock.#busy > 0;
      },
      now: () => this.now(),
      mayJump: () => this.#mayJump(),
      fire: (timer) => this.#fire(timer),
      moveTo: (time) => this.#moveTo(time),
      letGo: () => this.#letGo(),
    };
  }

  /** Releases everything that keeps time from moving, because it belongs to requests that have ended. */
  #letGo(): void {
    this.#era++;
    this.#busy = 0;
    this.#guests.forget();
    this.#goOn();
  }
}
