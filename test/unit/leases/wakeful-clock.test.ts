/** A clock that goes on while the computer sleeps. */
import { expect, test } from 'vitest';
import { timeOf } from '../../../src/core/time.ts';
import { WakefulClock } from '../../../src/leases/wakeful-clock.ts';
import { manualClock } from '../../support/transport.ts';

/** Both clocks, which a test moves on. */
function world() {
  let wall = 1_700_000_000_000;
  const clock = { ...manualClock(), wallNow: () => wall };
  const wakeful = new WakefulClock(timeOf(clock));
  const begin = wakeful.now();
  return {
    wakeful,
    passed: () => wakeful.now() - begin,
    advance: (ms: number, wallMs = ms) => {
      clock.advance(ms);
      wall += wallMs;
    },
  };
}

test('It goes as the clock of the client does.', () => {
  const { passed, advance, wakeful } = world();
  advance(10_000);
  expect([passed(), wakeful.aheadMs]).toEqual([10_000, 0]);
});

test('It goes on by what the wall clock gained while the computer was asleep.', () => {
  const { passed, advance, wakeful } = world();
  advance(1_000, 3_601_000);
  expect([passed(), wakeful.aheadMs]).toEqual([3_601_000, 3_600_000]);
  advance(1_000);
  advance(0, 60_000);
  expect([passed(), wakeful.aheadMs]).toEqual([3_662_000, 3_660_000]);
});

test('It does not follow a wall clock that is put right, or back.', () => {
  const { passed, advance } = world();
  advance(1_000, 6_000);
  expect(passed()).toBe(1_000);
  advance(1_000, -3_600_000);
  expect(passed()).toBe(2_000);
  advance(1_000, 1_000);
  expect(passed()).toBe(3_000);
});
