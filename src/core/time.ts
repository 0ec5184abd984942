import type { Clock } from '../clock.ts';
import { type SleepOptions, sleep } from '../transport/clock.ts';

/** Time for what is made of several calls. */
export interface Time {
  /** Never goes back; from an arbitrary start. Unit: ms. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
}

/** Time by a clock. */
export function timeOf(clock: Clock): Time {
  return { now: () => clock.now(), sleep: (ms, options) => sleep(clock, ms, options) };
}
