import type { Clock } from '../clock.ts';
import { onAbort } from '../transport/abort.ts';
import { type SleepOptions, sleep } from '../transport/clock.ts';

/** A signal that follows another one, and a function that detaches it. */
export interface LaterSignal {
  readonly signal: AbortSignal;
  release(): void;
}

/** Time functions for operations of several calls. */
export interface Time {
  /** Monotonic time since an arbitrary start. Unit: ms. */
  now(): number;
  /** The wall clock. Unit: Unix ms. */
  wallNow(): number;
  /** Random numbers of a virtual clock, at least 0 and below 1; undefined with real time. */
  readonly random: (() => number) | undefined;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
  /** Settles with the work, or rejects with the signal's reason as soon as it is aborted. The work continues. */
  orAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result>;
  /** Settles with the work, or with the result of `late` if the work takes longer than `ms`. The work continues. */
  orLate<Result, Late>(work: Promise<Result>, ms: number, late: () => Late): Promise<Result | Late>;
  /** Runs `act` once when a signal is aborted, or immediately if it already is. Returns a function that cancels this. */
  onAbort(signal: AbortSignal | undefined, act: () => void): () => void;
  /** A signal that is aborted `ms` after another one, for the same reason. */
  later(signal: AbortSignal | undefined, ms: number): LaterSignal;
}

function orAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      // The result is no longer used, so a rejection must not count as unhandled.
      work.catch(() => undefined);
      reject(signal.reason);
      return;
    }
    const stopListening = onAbort(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(stopListening);
  });
}

async function orLate<Result, Late>(
  clock: Clock,
  work: Promise<Result>,
  { ms, late }: { readonly ms: number; readonly late: () => Late },
): Promise<Result | Late> {
  const done = new AbortController();
  const limit = sleep(clock, ms, { signal: done.signal, purpose: 'limit' }).then(late);
  // The loser of the race is no longer used, so its rejection must not count as unhandled.
  for (const each of [limit, work]) each.catch(() => undefined);
  return await Promise.race([work, limit]).finally(() => done.abort());
}

function later(clock: Clock, signal: AbortSignal | undefined, ms: number): LaterSignal {
  const controller = new AbortController();
  if (signal === undefined) return { signal: controller.signal, release: () => undefined };
  let timer: unknown;
  const wait = () => {
    timer = clock.setTimer(() => controller.abort(signal.reason), ms, 'limit');
  };
  let stopListening: () => void = () => undefined;
  if (signal.aborted) wait();
  else stopListening = onAbort(signal, wait);
  const release = () => {
    stopListening();
    clock.clearTimer(timer);
  };
  return { signal: controller.signal, release };
}

/** Time functions based on a clock. */
export function timeOf(clock: Clock): Time {
  return {
    now: () => clock.now(),
    wallNow: () => clock.wallNow?.() ?? clock.now(),
    random: clock.random?.bind(clock),
    sleep: (ms, options) => sleep(clock, ms, options),
    orAborted,
    orLate: (work, ms, late) => orLate(clock, work, { ms, late }),
    onAbort: (signal, act) => {
      if (signal === undefined) return () => undefined;
      if (!signal.aborted) return onAbort(signal, act);
      act();
      return () => undefined;
    },
    later: (signal, ms) => later(clock, signal, ms),
  };
}
