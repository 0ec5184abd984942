/** Random programs under `maxTotalSpend`, on good days and on bad ones. */
import { expect, test } from 'vitest';
import { runsUnderTotalSpend } from '../support/total-spend-runs.ts';

test.each([
  ['good', false],
  ['bad', true],
])(
  'On a %s day no window costs more than the limit, and what stopping takes.',
  async (_, isHostile) => {
    const { broken } = await runsUnderTotalSpend(1_000, 400, isHostile);
    expect(broken).toEqual([]);
  },
  1_800_000,
);
