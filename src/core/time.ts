import type { Clock } from '../clock.ts';
import { onAbort } from '../transport/abort.ts';
import { type SleepOptions, sleep } from '../transport/clock.ts';

/** A signal, and what ends its watch over another one. */
export interface LaterSignal {
  readonly signal: AbortSignal;
  release(): void;
}

/** Time for what is made of several calls. */
export interface Time {
  /** Never goes back; from an arbitrary start. Unit: ms. */
  now(): number;
  /** The wall clock. Unit: Unix ms. */
  wallNow(): number;
  /** What a virtual world draws instead of chance, from 0 up to, but not including, 1; undefined in the real one. */
  readonly random: (() => number) | undefined;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
  /** Settles with the work, or rejects with the signal's reason as soon as it is aborted; the work goes on. */
  orAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result>;
  /** Settles with the work, or with the result of `late` if the work takes longer than `ms`; the work goes on. */
  orLate<Result, Late>(work: Promise<Result>, ms: number, late: () => Late): Promise<Result | Late>;
  /** Runs `act` once when a signal is aborted, or at once if it is; gives what takes that back. Many may listen to one signal. */
  onAbort(signal: AbortSignal | undefined, act: () => void): () => void;
  /** A signal that is aborted `ms` after another one, for the same reason. */
  later(signal: AbortSignal | undefined, ms: number): LaterSignal;
}

function orAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      // Nobody hears any more what becomes of it.
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
  // The limit that did not pass, and the work that came too late, are nobody's business any more.
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

/** Time by a clock. */
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
