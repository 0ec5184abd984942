import { describe, expect, test } from 'vitest';
import { Extras } from '../../../src/leases/extras.ts';
import type { Lease } from '../../../src/leases/lease.ts';

/** The part of a lease that is used here. */
function lease(changes: Partial<Pick<Lease, 'unlistedAt' | 'stopSentAt'>> & { readonly listed?: boolean } = {}): Lease {
  const { listed = true, ...rest } = changes;
  return { ...rest, evidence: { listed } } as unknown as Lease;
}

const intervalMs = 10;

/** Which of these leases get a request in each interval, if all ask in turn. */
function served(leases: readonly Lease[], intervals: number, watched: readonly Lease[] = leases): number[][] {
  const extras = new Extras();
  return Array.from({ length: intervals }, (_, nth) => {
    const now = 100 + nth * intervalMs;
    extras.count(false, now, intervalMs);
    return leases.flatMap((each, at) => (extras.take(each, { now, intervalMs, watched }) ? [at] : []));
  });
}

describe('Requests besides the active list', () => {
  test('go to two sessions in each interval, in turn.', () => {
    const intervals = served([lease(), lease(), lease(), lease(), lease()], 50);
    expect(intervals.slice(0, 2)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(intervals.every(({ length }) => length === 2)).toBe(true);
    const counts = [0, 1, 2, 3, 4].map((at) => intervals.flat().filter((each) => each === at).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(15);
  });

  test('are one fewer if the recent list was read.', () => {
    const extras = new Extras();
    extras.count(false, 100, intervalMs);
    extras.count(true, 100, intervalMs);
    const [one, other] = [lease(), lease()];
    const at = { now: 100, intervalMs, watched: [one, other] };
    expect([extras.take(one, at), extras.take(other, at)]).toEqual([true, false]);
  });

  test.each<[title: string, missing: Lease, served: number[]]>([
    ['are one fewer while the recent list may be needed', lease({ unlistedAt: 5 }), [0]],
    [
      'are one fewer while the recent list may be needed for a stop',
      lease({ unlistedAt: 5, listed: false, stopSentAt: 6 }),
      [0],
    ],
    ['are all available for a session that no list has shown', lease({ unlistedAt: 5, listed: false }), [0, 1]],
  ])('%s.', (_, missing, want) => {
    const leases = [lease(), lease(), lease()];
    expect(served(leases, 1, [...leases, missing])).toEqual([want]);
  });

  test('do not wait for sessions that have stopped asking.', () => {
    const extras = new Extras();
    const [one, other, third, late] = [lease(), lease(), lease(), lease()];
    const watched = [one, other, third, late];
    extras.count(false, 100, intervalMs);
    for (const each of [one, other, third]) extras.take(each, { now: 100, intervalMs, watched });
    extras.count(false, 200, intervalMs);
    expect(extras.take(late, { now: 200, intervalMs, watched })).toBe(true);
  });

  test('are granted at once to a session that asks rarely.', () => {
    const extras = new Extras();
    const [seldom, one, other] = [lease(), lease(), lease()];
    const watched = [seldom, one, other];
    const ask = (now: number, ...leases: Lease[]) => {
      extras.count(false, now, intervalMs);
      return leases.map((each) => extras.take(each, { now, intervalMs, watched }));
    };
    for (let now = 100; now < 200; now += intervalMs) ask(now, one, other);
    expect(ask(200, seldom, one, other)).toEqual([true, true, false]);
  });
});
