/** The charges of sessions over time, kept as long as the playground is open. */
import { type ServiceInfo, weiToUsd } from '@octaspace/sdk';
import { createStore, useStore } from './store.ts';

/** The charge at one time. */
export interface Sample {
  /** Since the start of the session. Unit: s. */
  readonly seconds: number;
  readonly wei: bigint;
}

const kept = 1_000;

const samples = createStore<Readonly<Record<string, readonly Sample[]>>>({});

/** Records the current charge of a session. */
export function recordSpending({ uuid, duration: told, started_at, finished_at, charge_amount }: ServiceInfo): void {
  // An ended session has a rounded-up duration, but is charged for whole seconds.
  const ended = started_at !== undefined && finished_at !== undefined && finished_at > 0;
  const duration = ended ? Math.floor((finished_at - started_at) / 1000) : told;
  if (duration === undefined || charge_amount === undefined) return;
  const all = samples.get();
  const known = all[uuid] ?? [{ seconds: 0, wei: 0n }];
  const last = known.at(-1);
  if (last !== undefined && last.seconds >= duration) return;
  samples.set({ ...all, [uuid]: [...known, { seconds: duration, wei: charge_amount }].slice(-kept) });
}

/** The recorded charges of a session. */
export function useSpending(uuid: string): readonly Sample[] {
  return useStore(samples)[uuid] ?? [];
}

/** The charges as points of a chart. Unit: USD, or OCTA if the price is not known. */
export function pointsOf(spending: readonly Sample[], marketPrice = 1): { seconds: number; spent: number }[] {
  return spending.map(({ seconds, wei }) => ({ seconds, spent: weiToUsd(wei, marketPrice) }));
}
