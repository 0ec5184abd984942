/**
 * Time that requests move on by their own turns, for Workers: the timers and messages of a request that has ended never come, so
 * nobody may wait for those of another one.
 */
import { afterRealTime, nextTurn } from './real-time.ts';
import type { Timer } from './timer-heap.ts';

/** Looks without anything new before they become rare. Unit: count. */
const oftenLooks = 8;
/** Time between rare looks. Unit: ms of real time. */
const pauseMs = 4;
/** So many looks without anything new show that the request of the first timer has ended: a live one fires it. Unit: count. */
const endedAfter = oftenLooks + 2;
/** So many, a second, show that whoever keeps time from moving has ended. Unit: count. */
const abandonedAfter = oftenLooks + 1_000 / pauseMs;

/** Calls back in the turn after the next: what a timer has set off may need a turn of its own. */
export function afterTurns(callback: () => void): void {
  nextTurn(() => nextTurn(callback));
}

/** The clock whose time it is. */
export interface Moved {
  readonly first: Timer | undefined;
  /** Changes with all that happens. */
  readonly activity: number;
  /** Whether time flows by itself. */
  readonly flows: boolean;
  /** Whether the simulator itself is at work. */
  readonly isBusy: boolean;
  now(): number;
  /** Whether time may jump to the next timer for somebody who waits. */
  mayJump(): boolean;
  fire(timer: Timer): void;
  moveTo(time: number): void;
  /** Lets go what keeps time from moving. */
  letGo(): void;
}

/** Moves a clock on by turns of whichever request waits on it. */
export class OwnTurns {
  readonly #clock: Moved;
  /** The activity at which the first timer was allowed to fire. */
  #allowedAt = -1;
  /** Where the advances under way end. */
  readonly #targets = new Set<number>();

  constructor(clock: Moved) {
    this.#clock = clock;
  }

  get isAdvancing(): boolean {
    return this.#targets.size > 0;
  }

  /** Moves time on for a wait of the present request until it is over; `own` is its timer, if it has one. */
  wait(isOver: () => boolean, own?: Timer): void {
    const clock = this.#clock;
    const look = (quiet: number) => {
      if (clock.flows) this.#allow(quiet, clock.now());
      // A limit alone does not make time move.
      else if (own?.purpose !== 'limit' && quiet > 0) this.#jump(quiet);
      if (own !== undefined && own === clock.first && this.#allowedAt === clock.activity) clock.fire(own);
    };
    this.#keepLooking(isOver, look);
  }

  advance(ms: number): Promise<void> {
    const clock = this.#clock;
    const target = Math.max(clock.now(), ...this.#targets) + ms;
    this.#targets.add(target);
    return new Promise((resolve) => {
      let isOver = false;
      const look = (quiet: number) => {
        if (clock.isBusy && quiet >= abandonedAfter) clock.letGo();
        if (clock.isBusy || quiet === 0 || this.#allow(quiet, target)) return;
        isOver = true;
        clock.moveTo(target);
        this.#targets.delete(target);
        resolve();
      };
      this.#keepLooking(() => isOver, look);
    });
  }

  #jump(quiet: number): void {
    if (this.#clock.mayJump()) this.#allow(quiet, Number.MAX_VALUE);
    else if (quiet >= abandonedAfter) {
      this.#targets.clear();
      this.#clock.letGo();
    }
  }

  /** Lets the first timer fire if it is due by `end`: by the request that set it or, when that has ended, here. False if none is. */
  #allow(quiet: number, end: number): boolean {
    const clock = this.#clock;
    const next = clock.first;
    if (next === undefined || next.dueAt > end) return false;
    this.#allowedAt = clock.activity;
    if (quiet >= endedAfter) clock.fire(next);
    return true;
  }

  /** Looks again and again; tells each time how many looks in a row, with this one, have found nothing new. */
  #keepLooking(isOver: () => boolean, look: (quiet: number) => void): void {
    const clock = this.#clock;
    let quiet = 0;
    const lookLater = () => {
      const seen = clock.activity;
      const lookNow = () => {
        if (isOver()) return;
        quiet = clock.activity === seen ? quiet + 1 : 0;
        look(quiet);
        if (!isOver()) lookLater();
      };
      if (quiet < oftenLooks) afterTurns(lookNow);
      else afterRealTime(lookNow, pauseMs);
    };
    lookLater();
  }
}
