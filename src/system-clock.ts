/** Real time, with the runtime's timers. */
import type { Clock } from './clock.ts';

/** Longest delay that timers support. With a longer one they fire immediately. Unit: ms. */
const longestDelayMs = 2 ** 31 - 1;

/** Limits a delay to what every runtime's timers support. */
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
  // Callers pass only what setTimer returned.
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout> | undefined),
};
