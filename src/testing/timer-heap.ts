/** Timers in the order of their due times. Of two with the same due time, the one that was set first comes first. */
import type { TimerPurpose } from '../clock.ts';
import type { Guest } from './guests.ts';

/** The purposes of clients' timers, and `answer`: a response of the simulator, which a client waits for. */
export type Purpose = TimerPurpose | 'answer';

/** One timer that was set. */
export class Timer {
  readonly callback: () => void;
  /** Unit: ms of the clock. */
  readonly dueAt: number;
  readonly order: number;
  readonly purpose: Purpose;
  /** The caller's code that waits for it, if known. */
  readonly guest: Guest | undefined;
  /** Place in the heap; -1 if it is not in a heap. */
  place = -1;

  constructor(given: Omit<Timer, 'place'>) {
    this.callback = given.callback;
    this.dueAt = given.dueAt;
    this.order = given.order;
    this.purpose = given.purpose;
    this.guest = given.guest;
  }
}

function isBefore(left: Timer, right: Timer): boolean {
  return left.dueAt === right.dueAt ? left.order < right.order : left.dueAt < right.dueAt;
}

/** A binary heap. Each timer knows its place, so that any timer can be removed. */
export class TimerHeap {
  readonly #timers: Timer[] = [];

  /** The timer that is due next. */
  get first(): Timer | undefined {
    return this.#timers[0];
  }

  /** How many timers are set. */
  get size(): number {
    return this.#timers.length;
  }

  add(timer: Timer): void {
    this.#timers.push(timer);
    this.#put(timer, this.#timers.length - 1);
    this.#rise(timer);
  }

  /** Removes a timer; false if it is no longer in the heap. */
  remove(timer: Timer): boolean {
    const { place } = timer;
    if (place === -1) return false;
    timer.place = -1;
    const last = this.#timers.pop();
    if (last === undefined || last === timer) return true;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
    return true;
  }

  #put(timer: Timer, place: number): void {
    this.#timers[place] = timer;
    timer.place = place;
  }

  #rise(timer: Timer): void {
    while (timer.place > 0) {
      const above = (timer.place - 1) >> 1;
      const parent = this.#timers[above];
      if (parent === undefined || !isBefore(timer, parent)) return;
      this.#put(parent, timer.place);
      this.#put(timer, above);
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const [left, right] = [this.#timers[2 * timer.place + 1], this.#timers[2 * timer.place + 2]];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, timer)) return;
      const above = timer.place;
      this.#put(timer, child.place);
      this.#put(child, above);
    }
  }
}
