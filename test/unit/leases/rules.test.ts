/** The rules of leases on random hostile histories: those that hold, and those that were rejected. */
import { describe, expect, test } from 'vitest';
import { adoptionByAge, answeredStops, countProblems, rules, tellHistory } from '../../support/rule-histories.ts';

const count = 2_000;

test('No session that runs is taken for over, none of somebody else is stopped, and each end is seen.', () => {
  expect(countProblems(count, rules)).toEqual({});
});

describe('a rule that was rejected', () => {
  test('Adoption by age and elimination stops sessions of others in more than 1 of 50 histories.', () => {
    const problems = countProblems(count, adoptionByAge);
    expect(Object.keys(problems)).toEqual(['a session of somebody else was stopped']);
    expect(problems['a session of somebody else was stopped']).toBeGreaterThan(count / 50);
  });

  test('An answered stop as a proof takes sessions that run for over in more than 1 of 10 histories.', () => {
    const problems = countProblems(count, answeredStops);
    expect(Object.keys(problems)).toEqual(['a session that runs was taken for over']);
    expect(problems['a session that runs was taken for over']).toBeGreaterThan(count / 10);
  });
});

test('A history is the same each time.', () => {
  for (const seed of ['a', 'b', 'c']) expect(tellHistory(seed)).toEqual(tellHistory(seed));
});
