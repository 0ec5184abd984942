import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffDelay, retryAfterDelay } from '../../../src/transport/backoff.ts';

const options = { retryDelayMs: 500, backoffFactor: 2, maxRetryDelayMs: 3000 };

describe('The upper bound of a wait', () => {
  test.each([
    ['is retryDelayMs after the first attempt', 1, 500],
    ['doubles after the second', 2, 1000],
    ['doubles again after the third', 3, 2000],
    ['stays at maxRetryDelayMs from there on', 4, 3000],
    ['stays there however many attempts there were', 5000, 3000],
  ])('%s.', (_, attempt, bound) => {
    expect(backoffDelay(attempt, options, () => 1)).toBe(bound);
  });
});

test.each([
  [0, 0],
  [0.25, 125],
  [0.5, 250],
])('With the random number %d, the wait is that share of the bound: full jitter.', (chance, delay) => {
  expect(backoffDelay(1, options, () => chance)).toBe(delay);
});

test('With factor 1 the bound never grows.', () => {
  expect(backoffDelay(9, { ...options, backoffFactor: 1 }, () => 1)).toBe(500);
});

test('A wait is a number between 0 and maxRetryDelayMs, whatever the options.', () => {
  const amount = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e12, noNaN: true }));
  const factor = fc.double({ min: 1, max: 1e308, noNaN: true });
  const attempts = fc.integer({ min: 1, max: 5000 });
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      amount,
      factor,
      amount,
      attempts,
      chance,
      (retryDelayMs, backoffFactor, maxRetryDelayMs, attempt, at) => {
        const delay = backoffDelay(attempt, { retryDelayMs, backoffFactor, maxRetryDelayMs }, () => at);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(maxRetryDelayMs);
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

describe('A wait that the server requested', () => {
  test.each([
    ['is exactly that long without chance', 3, 0, 3000],
    ['gets up to a tenth on top', 3, 1, 3300],
    ['gets at most a second on top', 60, 1, 61_000],
    ['is no wait when the server asked for 0 seconds', 0, 1, 0],
  ])('%s.', (_, seconds, chance, delay) => {
    expect(retryAfterDelay(seconds, () => chance)).toBe(delay);
  });

  test('is never shorter than requested.', () => {
    const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(seconds, chance, (asked, at) => {
        expect(retryAfterDelay(asked, () => at)).toBeGreaterThanOrEqual(asked * 1000);
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});
