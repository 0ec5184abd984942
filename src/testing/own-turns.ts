/**
 * Moves virtual time on Workers, where each request may use only its own turns: the timers and messages of a request that has ended
 * never arrive, so no request may wait for those of another one.
 */
import { afterRealTime, nextTurn } from './real-time.ts';
import type { Timer } from './timer-heap.ts';

/** After this many looks without a change, looks become rare. Unit: count. */
const oftenLooks = 8;
/** Time between rare looks. Unit: ms of real time. */
const pauseMs = 4;
/** After this many looks without a change, the request of the first timer has ended: a live one would fire it. Unit: count. */
const endedAfter = oftenLooks + 2;
/** After this many, about a second, the request that keeps time from moving has ended. Unit: count. */
const abandonedAfter = oftenLooks + 1_000 / pauseMs;

/** Calls back in the turn after the next, because work that a timer starts may need a turn of its own. */
export function afterTurns(callback: () => void): void {
  nextTurn(() => nextTurn(callback));
}

/** The clock that is moved. */
export interface Moved {
  readonly first: Timer | undefined;
  /** Changes whenever something happens. */
  readonly activity: number;
  /** Whether time passes by itself. */
  readonly flows: boolean;
  /** Whether the simulator itself is working. */
  readonly isBusy: boolean;
  now(): number;
  /** Whether time may jump to the next timer, because code waits. */
  mayJump(): boolean;
  fire(timer: Timer): void;
  moveTo(time: number): void;
  /** Releases everything that keeps time from moving. */
  letGo(): void;
}

/** Moves a clock in the turns of the request that waits on it. */
export class OwnTurns {
  readonly #clock: Moved;
  /** The activity at which the first timer was allowed to fire. */
  #allowedAt = -1;
  /** The ends of the calls of `advance` in progress. */
  readonly #targets = new Set<number>();

  constructor(clock: Moved) {
    this.#clock = clock;
  }

  get isAdvancing(): boolean {
    return this.#targets.size > 0;
  }

  /** Moves time until a wait of the current request is over; `own` is its timer, if it has one. */
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

  /** If a timer is due by `end`, lets its request fire it, or fires it here if that request has ended. False if none is due. */
  #allow(quiet: number, end: number): boolean {
    const clock = this.#clock;
    const next = clock.first;
    if (next === undefined || next.dueAt > end) return false;
    this.#allowedAt = clock.activity;
    if (quiet >= endedAfter) clock.fire(next);
    return true;
  }

  /** Calls `look` repeatedly, with the number of consecutive looks, including this one, without a change. */
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
