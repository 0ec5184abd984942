import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { systemClock, timerDelay } from '../../../src/system-clock.ts';
import { sleep } from '../../../src/transport/clock.ts';
import { rejection } from '../../support/failure.ts';

describe('The delay of a timer', () => {
  test.each([
    ['stays as it is', 250, 250],
    ['is never negative', -5, 0],
    ['is never longer than timers can wait', 2 ** 40, 2 ** 31 - 1],
    ['is the longest one for no limit', Number.POSITIVE_INFINITY, 2 ** 31 - 1],
  ])('%s.', (_, ms, delay) => {
    expect(timerDelay(ms)).toBe(delay);
  });
});

describe('The system clock', () => {
  test('never goes back.', async () => {
    const before = systemClock.now();
    await sleep(systemClock, 2);
    expect(systemClock.now()).toBeGreaterThan(before);
  });

  test('sleeps with a signal that is never aborted, and leaves no listener on it.', async () => {
    const { signal } = new AbortController();
    await sleep(systemClock, 1, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('does not sleep if the signal is already aborted.', async () => {
    const reason = new Error('enough');
    expect(await rejection(sleep(systemClock, 3_600_000, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test('wakes up with the reason when the signal is aborted, and leaves no listener on it.', async () => {
    const controller = new AbortController();
    const sleeping = sleep(systemClock, 3_600_000, { signal: controller.signal });
    controller.abort('enough');
    expect(await rejection(sleeping)).toBe('enough');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});
