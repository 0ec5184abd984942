/** Time as the SDK sees it: the runtime's own, or a virtual one that tests move on by themselves. */

/**
 * What passing time means to whoever set a timer. `wait`: somebody does nothing until then, such as between two polls. `limit`:
 * it only matters when something else takes that long. `background`: the same, and it need not keep the process alive. A virtual
 * clock may jump to the end of a wait, but not to the others.
 */
export type TimerPurpose = 'wait' | 'limit' | 'background';

/** What the SDK tells time and sets timers by. */
export interface Clock {
  /** Never goes back; from an arbitrary start. Unit: ms. */
  now(): number;
  /** The wall clock, which goes on while the computer sleeps. Absent: the same as `now`. Unit: Unix ms. */
  wallNow?(): number;
  /** Calls back once, after `ms` and never at once; gives what `clearTimer` takes back. */
  setTimer(callback: () => void, ms: number, purpose: TimerPurpose): unknown;
  /** Takes a timer back; one that has passed, or undefined, is left alone. */
  clearTimer(timer: unknown): void;
  /** What waits differ by, from 0 up to, but not including, 1. Absent: `Math.random`. */
  random?(): number;
  /**
   * Runs code of a caller, such as a hook, and gives what it gives. When that is a promise, a virtual clock does not run ahead
   * until it settles. Absent: the code is just run.
   */
  hold?<Result>(work: () => Result): Result;
}

/** Runs code of a caller, which a virtual clock is not to run ahead of. */
export function held<Result>(clock: Clock, work: () => Result): Result {
  return clock.hold === undefined ? work() : clock.hold(work);
}

/** Where a `fetch` of a virtual world keeps the clock of that world; shared by all copies of the package in a process. */
export const clockMark = Symbol.for('@octaspace/sdk/clock');

/** The clock that comes with a `fetch`, such as that of a simulator; undefined for any other. */
export function clockOf(fetch: unknown): Clock | undefined {
  const clock: unknown = typeof fetch === 'function' ? Reflect.get(fetch, clockMark) : undefined;
  // Nobody else writes to this slot.
  return clock === undefined ? undefined : (clock as Clock);
}
