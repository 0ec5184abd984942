/** Differences between responses and the description of the API, each kind once. */
import type { DriftEvent } from '@octaspace/sdk';
import { createStore } from './store.ts';

/** One kind of difference. */
export interface Drift {
  readonly operation: string;
  readonly path: string;
  readonly expected: string;
  /** Type of the received value. */
  readonly received: string;
  /** How often it was seen. */
  readonly count: number;
}

export const drifts = createStore<readonly Drift[]>([]);

function typeOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

export function recordDrift({ operation, path, expected, received }: DriftEvent): void {
  const seen = drifts.get();
  const isSame = (drift: Drift) => drift.operation === operation && drift.path === path && drift.expected === expected;
  const known = seen.find(isSame);
  if (known === undefined) {
    drifts.set([...seen, { operation, path, expected, received: typeOf(received), count: 1 }]);
  } else {
    drifts.set(seen.map((drift) => (drift === known ? { ...known, count: known.count + 1 } : drift)));
  }
}
