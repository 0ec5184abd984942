/** A clock that continues while the computer is suspended. */
import { expect, test } from 'vitest';
import { timeOf } from '../../../src/core/time.ts';
import { WakefulClock } from '../../../src/leases/wakeful-clock.ts';
import { manualClock } from '../../support/transport.ts';

/** Both clocks, which a test moves forward. */
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

test('It follows the clock of the client.', () => {
  const { passed, advance, wakeful } = world();
  advance(10_000);
  expect([passed(), wakeful.aheadMs]).toEqual([10_000, 0]);
});

test('It adds the time that the wall clock gained while the computer was suspended.', () => {
  const { passed, advance, wakeful } = world();
  advance(1_000, 3_601_000);
  expect([passed(), wakeful.aheadMs]).toEqual([3_601_000, 3_600_000]);
  advance(1_000);
  advance(0, 60_000);
  expect([passed(), wakeful.aheadMs]).toEqual([3_662_000, 3_660_000]);
});

test('It ignores corrections of the wall clock, and a wall clock that is set back.', () => {
  const { passed, advance } = world();
  advance(1_000, 6_000);
  expect(passed()).toBe(1_000);
  advance(1_000, -3_600_000);
  expect(passed()).toBe(2_000);
  advance(1_000, 1_000);
  expect(passed()).toBe(3_000);
});
