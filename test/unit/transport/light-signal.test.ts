import { describe, expect, test, vi } from 'vitest';
import { LightSignal, type SignalLike } from '../../../src/transport/light-signal.ts';
import { rejection } from '../../support/failure.ts';

const listener = () => ({ handleEvent: vi.fn() });

describe('A light signal', () => {
  test('is not aborted at first.', () => {
    const signal = new LightSignal();
    expect([signal.aborted, signal.reason]).toEqual([false, undefined]);
    expect(() => signal.throwIfAborted()).not.toThrow();
  });

  test.each([['enough'], [undefined], [new Error('enough')]])(
    'throws its reason once it is aborted: %s.',
    async (reason) => {
      const signal = new LightSignal();
      signal.abort(reason);
      expect([signal.aborted, signal.reason]).toEqual([true, reason]);
      expect(await rejection(Promise.resolve().then(() => signal.throwIfAborted()))).toBe(reason);
    },
  );

  test('notifies its listener once, after its reason is set.', () => {
    const signal = new LightSignal();
    const seen: unknown[] = [];
    signal.addEventListener('abort', { handleEvent: () => seen.push([signal.aborted, signal.reason]) });
    signal.abort('first');
    signal.abort('second');
    expect([seen, signal.reason]).toEqual([[[true, 'first']], 'first']);
  });

  test('can be aborted without a listener.', () => {
    expect(() => new LightSignal().abort('enough')).not.toThrow();
  });

  test('does not notify a removed listener.', () => {
    const signal = new LightSignal();
    const gone = listener();
    signal.addEventListener('abort', gone);
    signal.removeEventListener();
    signal.abort('enough');
    expect(gone.handleEvent).not.toHaveBeenCalled();
  });
});

test('An AbortSignal can be used in place of a light signal.', () => {
  const controller = new AbortController();
  const signal: SignalLike = controller.signal;
  const [stays, goes] = [listener(), listener()];
  signal.addEventListener('abort', stays, { once: true });
  signal.addEventListener('abort', goes);
  signal.removeEventListener('abort', goes);
  controller.abort();
  expect([stays.handleEvent.mock.calls.length, goes.handleEvent.mock.calls.length]).toEqual([1, 0]);
});
