import type { Clock, TimerPurpose } from '../clock.ts';
import { onAbort } from './abort.ts';

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

/** How a sleep may end early, and what it is for. */
export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default `wait`. */
  readonly purpose?: TimerPurpose;
}

/** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, ms: number, { signal, purpose = 'wait' }: SleepOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    let stopListening: () => void = () => undefined;
    const timer = clock.setTimer(
      () => {
        stopListening();
        resolve();
      },
      ms,
      purpose,
    );
    if (signal === undefined) return;
    stopListening = onAbort(signal, () => {
      clock.clearTimer(timer);
      reject(signal.reason);
    });
  });
}
