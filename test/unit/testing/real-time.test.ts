import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test.each([
  ['setImmediate', []],
  ['messages, where there is no setImmediate', ['setImmediate']],
  ['timeouts, where there is neither', ['setImmediate', 'MessageChannel']],
])('A turn of the event loop comes by %s.', async (_, missing) => {
  vi.resetModules();
  for (const name of missing) vi.stubGlobal(name, undefined);
  const { nextTurn } = await import('../../../src/testing/real-time.ts');
  const order: string[] = [];
  const turn = (name: string) =>
    new Promise<void>((resolve) => {
      nextTurn(() => {
        order.push(name);
        resolve();
      });
    });
  const both = Promise.all([turn('first'), turn('second')]);
  await Promise.resolve().then(() => order.push('promise'));
  await both;
  expect(order).toEqual(['promise', 'first', 'second']);
});
