/** The rules of leases on a hundred thousand random hostile histories. */
import { expect, test } from 'vitest';
import { countProblems, rules } from '../support/rule-histories.ts';

test('No running session counts as over, no session of others is stopped, and each end is detected.', () => {
  expect(countProblems(100_000, rules)).toEqual({});
}, 600_000);
