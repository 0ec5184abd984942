/** A few of the random programs that the slow suite makes many of: no window costs more than `maxTotalSpend`. */
import { expect, test } from 'vitest';
import { runsUnderTotalSpend } from '../../support/total-spend-runs.ts';

test.each([
  ['good', false],
  ['bad', true],
])(
  'On a %s day no window costs more than the limit, and what stopping takes.',
  async (_, isHostile) => {
    const runs = 12;
    const { broken, started, refused } = await runsUnderTotalSpend(1, runs, isHostile);
    expect(broken).toEqual([]);
    // The plans reach what they are made to reach.
    expect(started).toBeGreaterThan(runs);
    expect(refused).toBeGreaterThan(runs);
  },
  120_000,
);
