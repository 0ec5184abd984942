/** Time and timers of the runtime. */
import type { Clock } from './clock.ts';

/** Longest delay a timer takes; beyond it, timers fire at once. Unit: ms. */
const longestDelayMs = 2 ** 31 - 1;

/** A delay that every runtime's timers understand. */
export function timerDelay(ms: number): number {
  return Math.min(Math.max(0, ms), longestDelayMs);
}

/** Real time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer: (callback, ms, purpose) => {
    const timer: unknown = setTimeout(callback, timerDelay(ms));
    if (purpose === 'background' && typeof timer === 'object') (timer as { unref?(): void }).unref?.();
    return timer;
  },
  // Only what setTimer gave comes back here.
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout> | undefined),
};
