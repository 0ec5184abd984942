import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { onAbort } from '../../../src/transport/abort.ts';

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('A listener of a signal', () => {
  test('is called once, when it is aborted.', () => {
    const controller = new AbortController();
    const callback = vi.fn();
    onAbort(controller.signal, callback);
    expect(callback).not.toHaveBeenCalled();
    controller.abort();
    controller.abort();
    expect(callback).toHaveBeenCalledExactlyOnceWith();
  });

  test('is not called after it was removed, which may happen twice.', () => {
    const controller = new AbortController();
    const callback = vi.fn();
    const stop = onAbort(controller.signal, callback);
    stop();
    stop();
    controller.abort();
    expect(callback).not.toHaveBeenCalled();
  });

  test('can be added twice with the same function, and removed once.', () => {
    const controller = new AbortController();
    const callback = vi.fn();
    const stop = onAbort(controller.signal, callback);
    onAbort(controller.signal, callback);
    stop();
    controller.abort();
    expect(callback).toHaveBeenCalledOnce();
  });

  test('is called only for its own signal.', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const callbacks = [vi.fn(), vi.fn()] as const;
    onAbort(first.signal, callbacks[0]);
    onAbort(second.signal, callbacks[1]);
    first.abort();
    expect(callbacks.map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
  });

  test('shares one listener with all others, which is removed with the last of them.', () => {
    const { signal } = new AbortController();
    const stops = [1, 2, 3].map(() => onAbort(signal, () => undefined));
    const counts = [listenersOf(signal)];
    for (const stop of stops) {
      stop();
      counts.push(listenersOf(signal));
    }
    expect(counts).toEqual([1, 1, 1, 0]);
  });

  test('can be added again after the last was removed.', () => {
    const controller = new AbortController();
    const callback = vi.fn();
    onAbort(controller.signal, () => undefined)();
    onAbort(controller.signal, callback);
    expect(listenersOf(controller.signal)).toBe(1);
    controller.abort();
    expect(callback).toHaveBeenCalledOnce();
  });

  test('is called even if another one removes itself meanwhile, and leaves no listener.', () => {
    const controller = new AbortController();
    const callback = vi.fn();
    const stop = onAbort(controller.signal, () => stop());
    onAbort(controller.signal, callback);
    controller.abort();
    expect([callback.mock.calls.length, listenersOf(controller.signal)]).toEqual([1, 0]);
  });
});
