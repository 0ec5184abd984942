/** The SDK's clock: real time, or a virtual time that tests control. */

/**
 * The purpose of a timer. `wait`: the caller does nothing until the timer fires, such as between two polls. `limit`: a time limit for
 * other work. `background`: also a time limit, which does not keep the process alive. A virtual clock may jump to the end of a `wait`,
 * but not to the end of the others.
 */
export type TimerPurpose = 'wait' | 'limit' | 'background';

/** The source of time and timers for the SDK. */
export interface Clock {
  /** Monotonic time since an arbitrary start. Unit: ms. */
  now(): number;
  /** Wall clock, which continues while the computer sleeps. Default: the same as `now`. Unit: Unix ms. */
  wallNow?(): number;
  /** Calls `callback` once after `ms`, never synchronously. Returns a handle for `clearTimer`. */
  setTimer(callback: () => void, ms: number, purpose: TimerPurpose): unknown;
  /** Cancels a timer. Does nothing if it has already fired, or is undefined. */
  clearTimer(timer: unknown): void;
  /** Random number for jitter, at least 0 and below 1. Default: `Math.random`. */
  random?(): number;
  /**
   * Runs the caller's code, such as a hook, and returns its result. If the result is a promise, a virtual clock does not advance
   * until it settles. Default: only runs the code.
   */
  hold?<Result>(work: () => Result): Result;
}

/** Runs the caller's code. A virtual clock does not advance meanwhile. */
export function held<Result>(clock: Clock, work: () => Result): Result {
  return clock.hold === undefined ? work() : clock.hold(work);
}

/** The property of a simulator's `fetch` that holds its clock. All copies of the package in a process share it. */
export const clockMark = Symbol.for('@octaspace/sdk/clock');

/** The clock of a simulator's `fetch`; undefined for any other `fetch`. */
export function clockOf(fetch: unknown): Clock | undefined {
  const clock: unknown = typeof fetch === 'function' ? Reflect.get(fetch, clockMark) : undefined;
  // Only this package writes this property.
  return clock === undefined ? undefined : (clock as Clock);
}
