/** Random programs with `maxTotalSpend`, under good and bad conditions. */
import { expect, test } from 'vitest';
import { runsUnderTotalSpend } from '../support/total-spend-runs.ts';

test.each([
  ['good', false],
  ['bad', true],
])(
  'Under %s conditions, no window costs more than the limit and the cost of stopping.',
  async (_, isHostile) => {
    const { broken } = await runsUnderTotalSpend(1_000, 400, isHostile);
    expect(broken).toEqual([]);
  },
  1_800_000,
);
