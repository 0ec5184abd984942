/** The rules of leases on random hostile histories: the ones in use, and rejected ones. */
import { describe, expect, test } from 'vitest';
import { adoptionByAge, answeredStops, countProblems, rules, tellHistory } from '../../support/rule-histories.ts';

const count = 2_000;

test('No running session counts as over, no session of others is stopped, and each end is detected.', () => {
  expect(countProblems(count, rules)).toEqual({});
});

describe('a rejected rule', () => {
  test('Adoption by age and elimination stops sessions of others in more than 1 of 50 histories.', () => {
    const problems = countProblems(count, adoptionByAge);
    expect(Object.keys(problems)).toEqual(['a session of somebody else was stopped']);
    expect(problems['a session of somebody else was stopped']).toBeGreaterThan(count / 50);
  });

  test('A stop response as proof declares running sessions over in more than 1 of 10 histories.', () => {
    const problems = countProblems(count, answeredStops);
    expect(Object.keys(problems)).toEqual(['a session that runs was taken for over']);
    expect(problems['a session that runs was taken for over']).toBeGreaterThan(count / 10);
  });
});

test('A history is the same each time.', () => {
  for (const seed of ['a', 'b', 'c']) expect(tellHistory(seed)).toEqual(tellHistory(seed));
});
