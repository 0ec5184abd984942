import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { VirtualClock } from '../../../src/testing/virtual-clock.ts';

/** The request whose code runs, and those that have ended, whose turns never come. */
let present = 'first';
const ended = new Set<string>();

beforeEach(() => {
  ended.clear();
  present = 'first';
  vi.resetModules();
  vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' });
  vi.doMock('../../../src/testing/real-time.ts', async (importOriginal) => {
    const real = await importOriginal<typeof import('../../../src/testing/real-time.ts')>();
    const later = (callback: () => void) => {
      const request = present;
      real.nextTurn(() => {
        if (ended.has(request)) return;
        present = request;
        callback();
      });
      return () => undefined;
    };
    return { ...real, nextTurn: later, afterRealTime: later };
  });
});

afterEach(() => {
  vi.doUnmock('../../../src/testing/real-time.ts');
  vi.unstubAllGlobals();
});

async function aClock(): Promise<VirtualClock> {
  const module = await import('../../../src/testing/virtual-clock.ts');
  return new module.VirtualClock(0);
}

function waitIn(request: string, clock: VirtualClock, ms: number): Promise<string> {
  present = request;
  return new Promise((resolve) => {
    clock.setTimer(() => resolve(`${present}@${clock.now()}`), ms, 'wait');
  });
}

test('A wait ends although a request that has ended never moves time again.', async () => {
  const clock = await aClock();
  const left = waitIn('first', clock, 50);
  ended.add('first');
  expect(await waitIn('second', clock, 100)).toBe('second@100');
  // Timers of the simulator that are due still run.
  expect(await left).toBe('second@50');
});

test('Each live request fires its own timers, in the order in which they are due.', async () => {
  const clock = await aClock();
  const waits = [waitIn('first', clock, 30), waitIn('second', clock, 10), waitIn('first', clock, 20)];
  expect(await Promise.all(waits)).toEqual(['first@30', 'second@10', 'first@20']);
});

test.each([
  ['work of the simulator', (clock: VirtualClock) => void clock.occupy()],
  ['code of a caller', (clock: VirtualClock) => void clock.hold(() => new Promise(() => undefined))],
  ['an advance', (clock: VirtualClock) => void clock.advance(1_000)],
])('What an ended request has left does not delay other requests for long: %s.', async (_, leave) => {
  const clock = await aClock();
  leave(clock);
  ended.add('first');
  expect(await waitIn('second', clock, 100)).toBe('second@100');
});

test('Advances of one request run one after the other, with the timers that are due meanwhile.', async () => {
  const clock = await aClock();
  const limit = new Promise<number>((resolve) => {
    clock.setTimer(() => resolve(clock.now()), 1_500, 'limit');
  });
  await Promise.all([clock.advance(1_000), clock.advance(2_000)]);
  expect([clock.now(), await limit]).toEqual([3_000, 1_500]);
});
