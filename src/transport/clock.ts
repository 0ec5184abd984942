import { onAbort } from './abort.ts';
import type { Clock } from './types.ts';

/** Longest delay a timer takes; beyond it, timers fire at once. Unit: ms. */
const longestDelayMs = 2 ** 31 - 1;

/** A delay that every runtime's timers understand. */
export function timerDelay(ms: number): number {
  return Math.min(Math.max(0, ms), longestDelayMs);
}

/** Real time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const timer = setTimeout(() => {
        stopListening();
        resolve();
      }, timerDelay(ms));
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const stopListening = signal === undefined ? () => undefined : onAbort(signal, stop);
    }),
};
