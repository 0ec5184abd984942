/** Time functions for operations of several calls. */
import { expect, test } from 'vitest';
import { timeOf } from '../../../src/core/time.ts';
import { systemClock } from '../../../src/system-clock.ts';

const time = timeOf(systemClock);

test('Work that fails after its signal was aborted does not cause an unhandled rejection.', async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', listen);
  const reason = new Error('given up');
  const work = () => new Promise<never>((_, reject) => setTimeout(() => reject(new Error('late')), 1));
  await expect(time.orAborted(work(), AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const waiting = time.orAborted(work(), controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('unhandledRejection', listen);
  expect(unhandled).toEqual([]);
});
