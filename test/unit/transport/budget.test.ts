import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RetryBudget } from '../../../src/transport/budget.ts';
import { manualClock } from '../../support/transport.ts';

function budgetOf() {
  const { now, advance } = manualClock();
  const budget = new RetryBudget(now);
  const tokens = (): number => budget.stats().tokens;
  const take = (count: number): boolean[] => Array.from({ length: count }, () => budget.take());
  return { budget, advance, tokens, take };
}

/** A budget with this many tokens left. */
function budgetWith(left: number) {
  const given = budgetOf();
  given.take(10);
  given.advance(left * 1000);
  return given;
}

describe('A budget', () => {
  test('is full at first, and shows the cost of a retry.', () => {
    expect(budgetOf().budget.stats()).toEqual({ tokens: 100, capacity: 100, cost: 10 });
  });

  test('pays for ten retries, and then for none.', () => {
    const { take, tokens } = budgetOf();
    expect(take(12)).toEqual([...Array(10).fill(true), false, false]);
    expect(tokens()).toBe(0);
  });

  test.each([
    ['pays when there is just enough', 10, true, 0],
    ['does not pay, and takes nothing, when there is a little too little', 9.999, false, 9.999],
    ['pays when there is more than enough', 11, true, 1],
  ])('%s.', (_, left, pays, rest) => {
    const { budget, tokens } = budgetWith(left);
    expect(budget.take()).toBe(pays);
    expect(tokens()).toBeCloseTo(rest, 9);
  });
});

describe('Time', () => {
  test.each([
    ['gives one token a second', 1000, 1],
    ['gives a part of it for a part of a second', 250, 0.25],
    ['gives nothing while it stands still', 0, 0],
    ['fills the budget in 100 seconds', 100_000, 100],
    ['gives no more than there is room for', 3_600_000, 100],
  ])('%s.', (_, ms, tokens) => {
    const { take, advance, budget } = budgetOf();
    take(10);
    advance(ms);
    expect(budget.stats().tokens).toBe(tokens);
  });

  test('counts only once, even if the budget is read often.', () => {
    const { take, advance, tokens } = budgetOf();
    take(10);
    advance(2000);
    expect([tokens(), tokens()]).toEqual([2, 2]);
    advance(3000);
    expect(tokens()).toBe(5);
  });

  test('that passed while the budget was full is not saved.', () => {
    const { advance, take, tokens } = budgetOf();
    advance(60_000);
    take(1);
    expect(tokens()).toBe(90);
  });

  test('counts before the check for enough tokens.', () => {
    const { take, advance } = budgetOf();
    take(10);
    advance(10_000);
    expect(take(2)).toEqual([true, false]);
  });
});

describe('A success', () => {
  test.each([
    ['at the first attempt earns one token', 0, 1],
    ['after a retry gives its cost back', 1, 10],
    ['after three retries gives the cost of all three back', 3, 30],
    ['never fills the budget beyond its room', 50, 100],
  ])('%s.', (_, retries, want) => {
    const { budget, take, tokens } = budgetOf();
    take(10);
    budget.reward(retries);
    expect(tokens()).toBe(want);
  });

  test('adds nothing to a full budget.', () => {
    const { budget, tokens } = budgetOf();
    budget.reward(0);
    expect(tokens()).toBe(100);
  });
});

/** Attempts of calls that fail each time, with as many retries as the budget pays for. */
function attemptsOf(calls: number, retries: number, budget: RetryBudget): number {
  let attempts = 0;
  for (let call = 0; call < calls; call++) {
    attempts++;
    for (let retry = 0; retry < retries && budget.take(); retry++) attempts++;
  }
  return attempts;
}

test('While the API is down, 300 calls with 3 retries each make no more than 345 attempts.', () => {
  expect(attemptsOf(300, 3, budgetOf().budget)).toBe(310);
});

test('The budget is never negative and never above its capacity, for any sequence of calls.', () => {
  const step = fc.oneof(
    fc.record({ take: fc.constant(true) }),
    fc.record({ reward: fc.nat(5) }),
    fc.record({ passes: fc.double({ min: 0, max: 20_000, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const { budget, advance, tokens } = budgetOf();
      for (const each of steps) {
        if ('reward' in each) budget.reward(each.reward);
        else if ('passes' in each) advance(each.passes);
        else budget.take();
        expect(tokens()).toBeGreaterThanOrEqual(0);
        expect(tokens()).toBeLessThanOrEqual(100);
      }
    }),
    { seed: 6, numRuns: 300 },
  );
});
