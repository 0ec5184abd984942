import type { Clock, TimerPurpose } from '../clock.ts';
import { onAbort } from './abort.ts';

/** Options of `sleep`. */
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
