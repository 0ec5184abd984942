import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/system-clock.ts';
import { Limit } from '../../../src/transport/limit.ts';
import type { Call } from '../../../src/transport/types.ts';
import { rejection } from '../../support/failure.ts';
import { aCall, anHour, aTurn, watchTimers } from '../../support/transport.ts';

const now = 1000;
const made: Limit[] = [];
afterEach(() => {
  for (const limit of made.splice(0)) limit.release();
});

function limitOf(changes: Partial<Call>): Limit {
  const limit = new Limit(aCall(changes), { ...systemClock, now: () => now });
  made.push(limit);
  return limit;
}

/** Work that ends when it is told to. */
function someWork() {
  let finish: (value: string) => void = () => undefined;
  let fail: (reason: unknown) => void = () => undefined;
  const work = new Promise<string>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return { work, finish, fail };
}

/** When the signal fires. */
function fired(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
}

describe('Without a limit and a signal', () => {
  test('there is no timer, and nothing fires.', async () => {
    using timers = watchTimers();
    const { signal, passed } = limitOf({});
    expect([timers.all(), signal.aborted, passed]).toEqual([0, false, undefined]);
  });

  test('the result of the work does not change.', async () => {
    const { work, finish } = someWork();
    const bound = limitOf({}).bound(work);
    finish('done');
    expect(await bound).toBe('done');
    expect(await rejection(limitOf({}).bound(Promise.reject('lost')))).toBe('lost');
  });
});

describe('A time limit', () => {
  const cases: [option: 'timeoutMs' | 'totalTimeoutMs', changes: Partial<Call>][] = [
    ['timeoutMs', { timeoutMs: 5 }],
    ['totalTimeoutMs', { totalTimeoutMs: 5, endsAt: now + 5 }],
    ['totalTimeoutMs', { timeoutMs: anHour, totalTimeoutMs: 5, endsAt: now + 5 }],
  ];

  test.each(cases)('of %s fires once it is reached, and is reported: %o.', async (option, changes) => {
    const limit = limitOf(changes);
    expect([limit.signal.aborted, limit.passed]).toEqual([false, undefined]);
    expect(await fired(limit.signal)).toMatchObject({ name: 'TimeoutError', message: `${option} passed.` });
    expect(limit.passed).toEqual({ option, ms: 5 });
  });

  test('ends work that ignores signals, with the reason of the signal.', async () => {
    const limit = limitOf({ timeoutMs: 5 });
    const reason = await rejection(limit.bound(new Promise(() => undefined)));
    expect(reason).toBeInstanceOf(DOMException);
    expect(reason).toBe(limit.signal.reason);
  });

  test.each([
    ['has passed', now - 1],
    ['passes now', now],
  ])('that %s fires at once, without a timer.', async (_, endsAt) => {
    using timers = watchTimers();
    const limit = limitOf({ totalTimeoutMs: 20, endsAt });
    expect([timers.all(), limit.signal.aborted]).toEqual([0, true]);
    expect(limit.passed).toEqual({ option: 'totalTimeoutMs', ms: 20 });
    expect(await rejection(limit.bound(new Promise(() => undefined)))).toBe(limit.signal.reason);
  });

  test('that is longer than timers support does not fire immediately.', async () => {
    const limit = limitOf({ timeoutMs: 2 ** 40 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([limit.signal.aborted, limit.passed]).toEqual([false, undefined]);
  });

  test('uses one timer, which is removed when it is stopped.', () => {
    using timers = watchTimers();
    const limit = limitOf({ timeoutMs: anHour, totalTimeoutMs: anHour, endsAt: now + anHour });
    const during = timers.left();
    limit.finish();
    expect([timers.all(), during, timers.left()]).toEqual([1, 1, 0]);
  });

  test('uses one timer, which is removed when the limit is released.', () => {
    using timers = watchTimers();
    limitOf({ timeoutMs: anHour }).release();
    expect([timers.made(), timers.left()]).toEqual([1, 0]);
  });

  test.each(['finish', 'release'] as const)(
    'does not start again after %s, when what the attempt waited for ends.',
    (end) => {
      using timers = watchTimers();
      const limit = limitOf({ timeoutMs: anHour });
      limit.wait();
      limit[end]();
      limit.proceed();
      limit.wait();
      expect([timers.made(), timers.left()]).toEqual([1, 0]);
    },
  );
});

describe('The signal for a fetch', () => {
  test('is the same each time, and fires with the light one.', () => {
    const limit = limitOf({});
    const { signal, light } = limit;
    expect(limit.signal).toBe(signal);
    expect([signal.aborted, light.aborted]).toEqual([false, false]);
  });

  test('has the same reason as the light one, even if it is created later.', () => {
    const controller = new AbortController();
    const [early, late] = [limitOf({ signal: controller.signal }), limitOf({ signal: controller.signal })];
    const { signal } = early;
    controller.abort('enough');
    expect([signal.reason, early.light.reason, late.light.reason, late.signal.reason]).toEqual(Array(4).fill('enough'));
    expect([signal.aborted, late.signal.aborted]).toEqual([true, true]);
  });
});

describe("The caller's signal", () => {
  test('that is already aborted fires immediately, with its reason.', async () => {
    const { signal, passed } = limitOf({ signal: AbortSignal.abort('enough') });
    expect([signal.aborted, signal.reason, passed]).toEqual([true, 'enough', undefined]);
  });

  test('that is already aborted gets no listener.', () => {
    const signal = AbortSignal.abort();
    limitOf({ signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('fires when it is aborted, with its reason, and ends the work.', async () => {
    const controller = new AbortController();
    const limit = limitOf({ signal: controller.signal });
    const bound = limit.bound(new Promise(() => undefined));
    expect(limit.signal.aborted).toBe(false);
    controller.abort('enough');
    expect(await rejection(bound)).toBe('enough');
    expect([limit.signal.reason, limit.passed]).toEqual(['enough', undefined]);
  });

  test('that the work itself aborts ends it.', async () => {
    const controller = new AbortController();
    const limit = limitOf({ signal: controller.signal });
    const work = async (): Promise<never> => {
      controller.abort('enough');
      return new Promise(() => undefined);
    };
    expect(await rejection(limit.bound(work()))).toBe('enough');
  });

  test('keeps its listener until the limit is released, even if its timer is stopped before.', () => {
    const { signal } = new AbortController();
    const limit = limitOf({ signal, timeoutMs: anHour });
    limit.finish();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    limit.release();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('does not fire after the limit is released.', () => {
    const controller = new AbortController();
    const limit = limitOf({ signal: controller.signal });
    limit.release();
    controller.abort();
    expect(limit.signal.aborted).toBe(false);
  });
});

test('Work that fails after its time is over is not reported as unhandled.', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const { work, fail } = someWork();
  await rejection(limitOf({ totalTimeoutMs: 1, endsAt: now }).bound(work));
  fail(new Error('late'));
  await aTurn();
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
