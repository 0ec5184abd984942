import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isGone, type Missing, missedAgain, waitAfterFailures } from '../../../../src/resources/services/looks.ts';

describe('the wait after failures', () => {
  const table: [title: string, failures: number, intervalMs: number, waitMs: number][] = [
    ['is the interval after none', 0, 3_000, 3_000],
    ['doubles with each', 1, 3_000, 6_000],
    ['doubles again', 2, 3_000, 12_000],
    ['is no longer than 15 s', 3, 3_000, 15_000],
    ['stays at 15 s', 1_000_000, 3_000, 15_000],
    ['is the interval, when that is longer', 5, 60_000, 60_000],
    ['reaches 15 s from the shortest interval too', 14, 1, 15_000],
  ];
  test.each(table)('%s', (_, failures, intervalMs, waitMs) => {
    expect(waitAfterFailures(failures, intervalMs)).toBe(waitMs);
  });

  test('is never shorter after more failures, nor than the interval, nor endless', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.double({ min: 0.5, max: 1e9, noNaN: true }), (failures, intervalMs) => {
        const waitMs = waitAfterFailures(failures, intervalMs);
        expect(waitMs).toBeGreaterThanOrEqual(intervalMs);
        expect(waitMs).toBeLessThanOrEqual(Math.max(15_000, intervalMs));
        expect(waitAfterFailures(failures + 1, intervalMs)).toBeGreaterThanOrEqual(waitMs);
      }),
      { seed: 20_261_122, numRuns: 300 },
    );
  });
});

describe('a session that is found nowhere is gone', () => {
  const table: [title: string, missedAt: readonly number[], gone: boolean][] = [
    ['not at once', [0], false],
    ['not when two looks are far apart', [0, 60_000], false],
    ['not within 10 s, however often it is missed', [0, 1, 2, 3, 4, 9_999], false],
    ['after three looks in 10 s', [0, 1, 10_000], true],
    ['after many in longer', [5, 4_005, 8_005, 12_005], true],
  ];
  test.each(table)('%s.', (_, missedAt, gone) => {
    const missing = missedAt.reduce<Missing | undefined>(missedAgain, undefined);
    expect(missing !== undefined && isGone(missing, missedAt.at(-1) ?? 0)).toBe(gone);
  });
});
