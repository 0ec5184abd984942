import { describe, expect, test } from 'vitest';
import { endOf, nextLimit, timeLeft, wholeCall } from '../../../src/transport/deadline.ts';

const never = Number.POSITIVE_INFINITY;

test.each([
  ['ends when its time is over', 250, 1250],
  ['never ends without a limit', 0, never],
])('A whole call %s.', (_, totalTimeoutMs, end) => {
  expect(endOf(totalTimeoutMs, 1000)).toBe(end);
});

test.each([
  ['some time', 1250, 250],
  ['nothing at its end', 1000, 0],
  ['less than nothing after its end', 990, -10],
  ['all the time in the world without a limit', never, never],
])('A whole call has %s left.', (_, endsAt, left) => {
  expect(timeLeft({ endsAt }, 1000)).toBe(left);
});

test('The limit of a whole call is its option.', () => {
  expect(wholeCall({ totalTimeoutMs: 300 })).toEqual({ option: 'totalTimeoutMs', ms: 300 });
});

describe('The limit that an attempt reaches first', () => {
  const attempt = (ms: number) => ({ option: 'timeoutMs', ms });
  const whole = { option: 'totalTimeoutMs', ms: 300 };

  test.each<[title: string, timeoutMs: number, endsAt: number, want: object | undefined]>([
    ['is none without limits', 0, never, undefined],
    ['is its own when that is the only one', 50, never, { inMs: 50, limit: attempt(50) }],
    ['is that of the call when that is the only one', 0, 1250, { inMs: 250, limit: whole }],
    ['is its own when that is shorter', 50, 1051, { inMs: 50, limit: attempt(50) }],
    ['is its own when both pass at once', 50, 1050, { inMs: 50, limit: attempt(50) }],
    ['is that of the call when less is left of it', 50, 1049, { inMs: 49, limit: whole }],
    ['is that of the call when nothing is left of it', 50, 1000, { inMs: 0, limit: whole }],
    ['is that of the call when it has passed', 50, 990, { inMs: -10, limit: whole }],
    ['is that of the call when nothing is left of it, and it is the only one', 0, 1000, { inMs: 0, limit: whole }],
  ])('%s.', (_, timeoutMs, endsAt, want) => {
    expect(nextLimit({ timeoutMs, totalTimeoutMs: 300, endsAt }, 1000)).toEqual(want);
  });
});
