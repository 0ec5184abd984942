/**
 * Time that passes when nobody works. It stands still while a request is worked on, and jumps from timer to timer while
 * somebody waits; a limit alone does not make it move.
 */
import type { Clock } from '../clock.ts';
import { isWorkers } from '../errors/runtime.ts';
import { type Guest, Guests } from './guests.ts';
import { afterTurns, type Moved, OwnTurns } from './own-turns.ts';
import { Random } from './random.ts';
import { afterRealTime, realNow } from './real-time.ts';
import { type Purpose, Timer, TimerHeap } from './timer-heap.ts';

/** What a callback throws must not stop time; it surfaces as it would out of any timer. */
function run(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** The clock of a virtual world. */
export class VirtualClock implements Clock {
  readonly #timers = new TimerHeap();
  readonly #guests = new Guests();
  readonly #seed: string;
  #random: Random;
  #now = 0;
  #speed: number;
  /** Real time at which `#now` was true; of use while time flows. */
  #realBase = realNow();
  #order = 0;
  /** Changes with all that happens, so that a turn in which nothing did can be told. */
  #activity = 0;
  #waits = 0;
  #busy = 0;
  /** Changes when all that is busy is let go. */
  #era = 0;
  #turnPending = false;
  #advancing: Promise<void> | undefined;
  #cancelReal: (() => void) | undefined;
  /** Moves time where turns cannot be shared. */
  readonly #ownTurns: OwnTurns | undefined;

  constructor(speed: number, seed = '') {
    this.#speed = speed;
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#ownTurns = isWorkers() ? new OwnTurns(this.#moved()) : undefined;
  }

  /** Begins anew with what is random; time goes on. */
  reseed(): void {
    this.#random = new Random(this.#seed);
  }

  random(): number {
    return this.#random.next();
  }

  /** Changes how fast time flows by itself, as a multiple of real time; 0: it does not flow. */
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
    const guest = purpose === 'limit' ? undefined : this.#guests.current;
    const timer = new Timer({ callback, dueAt, order: this.#order++, purpose, guest });
    this.#timers.add(timer);
    if (purpose !== 'limit') this.#beginWait(guest);
    this.#goOn();
    this.#ownTurns?.wait(() => timer.place === -1, timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    if (!(timer instanceof Timer) || !this.#timers.remove(timer)) return;
    if (timer.purpose !== 'limit') this.#endWait(timer.guest);
    this.#goOn();
  }

  hold<Result>(work: () => Result): Result {
    return this.#guests.run(work, () => this.#goOn());
  }

  /** Keeps time from moving until `release` is called: the simulator itself is at work. */
  occupy(): () => void {
    this.#busy++;
    const era = this.#era;
    return this.#once(() => {
      if (era === this.#era) this.#busy--;
    });
  }

  /** Waits for nothing in particular, without end, until `release` is called: time goes on to the next limit. */
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

  /** Moves time on by `ms`; what is due on the way runs in its order, each with time for what it sets off. */
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

  /** Ends after a turn in which nothing happened and nothing was worked on. */
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
    if (timer.purpose !== 'limit') this.#endWait(timer.guest);
    this.#activity++;
    this.#moveTo(timer.dueAt);
    run(timer.callback);
  }

  /** Something has happened: see that time goes on in its way. */
  #goOn(): void {
    this.#activity++;
    if (this.#ownTurns !== undefined) return;
    if (this.#speed > 0) this.#setRealTimer();
    else if (!this.#turnPending && this.#mayJump()) this.#awaitTurn();
  }

  #mayJump(): boolean {
    const isAdvancing = this.#advancing !== undefined || this.#ownTurns?.isAdvancing === true;
    const idle = this.#speed === 0 && !isAdvancing && this.#busy === 0 && this.#waits > 0;
    // Somebody at work may wait for an answer that is due: another call may have to end first.
    return idle && (!this.#guests.busy || this.#timers.first?.purpose === 'answer');
  }

  #awaitTurn(): void {
    this.#turnPending = true;
    const seen = this.#activity;
    afterTurns(() => {
      this.#turnPending = false;
      if (!this.#mayJump()) return;
      const next = this.#timers.first;
      // With nothing due ever, time stands until something happens again.
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

  /** What keeps time from moving belongs to requests that have ended. */
  #letGo(): void {
    this.#era++;
    this.#busy = 0;
    this.#guests.forget();
    this.#goOn();
  }
}
