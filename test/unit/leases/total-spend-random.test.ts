/** A few random programs, of which the slow suite runs many: no window costs more than `maxTotalSpend`. */
import { expect, test } from 'vitest';
import { runsUnderTotalSpend } from '../../support/total-spend-runs.ts';

test.each([
  ['good', false],
  ['bad', true],
])(
  'Under %s conditions, no window costs more than the limit and the cost of stopping.',
  async (_, isHostile) => {
    const runs = 12;
    const { broken, started, refused } = await runsUnderTotalSpend(1, runs, isHostile);
    expect(broken).toEqual([]);
    // The plans cover what they are designed to cover.
    expect(started).toBeGreaterThan(runs);
    expect(refused).toBeGreaterThan(runs);
  },
  120_000,
);
