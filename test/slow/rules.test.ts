/** The rules of leases on a hundred thousand random hostile histories. */
import { expect, test } from 'vitest';
import { countProblems, rules } from '../support/rule-histories.ts';

test('No session that runs is taken for over, none of somebody else is stopped, and each end is seen.', () => {
  expect(countProblems(100_000, rules)).toEqual({});
}, 600_000);
