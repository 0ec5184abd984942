import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { OctaClientOptions } from '../../src/index.ts';
import { clientFor, goodAnswer } from '../support/calls.ts';
import { json, serve } from '../support/server.ts';

const calls = Array.from({ length: 300 });

/** How many listeners are left on a signal after 300 calls with it, answered with these statuses in turn. */
async function listenersAfter(statuses: readonly number[], options: OctaClientOptions = {}): Promise<number> {
  await using server = await serve((_, response) => {
    json(response, goodAnswer, statuses[server.received.length % statuses.length]);
  });
  const client = clientFor(server, options);
  const { signal } = new AbortController();
  await Promise.allSettled(calls.map(() => client.accounts.balance({ signal })));
  expect(server.received.length).toBeGreaterThanOrEqual(calls.length);
  return getEventListeners(signal, 'abort').length;
}

describe('After 300 calls with one signal no listener is left on it', () => {
  const hook = async (): Promise<void> => undefined;

  test.each<[string, readonly number[], OctaClientOptions | undefined]>([
    ['when they went well', [200], undefined],
    ['when they failed', [404], undefined],
    ['when they were tried again', [500, 200, 429], undefined],
    ['when hooks ran', [200, 503], { onRequest: hook, onResponse: hook, onRetry: hook }],
    ['when the key took its time', [200], { apiKey: async () => 'octa-other-key' }],
  ])('%s.', async (_, statuses, options) => {
    expect(await listenersAfter(statuses, options)).toBe(0);
  });

  test('when nobody answered.', async () => {
    const client = clientFor({ url: 'http://api.test' }, { fetch: () => Promise.reject(new Error('lost')) });
    const { signal } = new AbortController();
    await Promise.allSettled(calls.map(() => client.accounts.balance({ signal })));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('when they took too long.', async () => {
    const client = clientFor({ url: 'http://api.test' }, { fetch: () => new Promise(() => undefined), timeoutMs: 5 });
    const { signal } = new AbortController();
    await Promise.allSettled(calls.map(() => client.accounts.balance({ signal })));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('when the signal ended them.', async () => {
    const client = clientFor({ url: 'http://api.test' }, { fetch: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const all = Promise.allSettled(calls.map(() => client.accounts.balance({ signal: controller.signal })));
    setImmediate(() => controller.abort());
    await all;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('when their bodies were streamed to the end.', async () => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    const client = clientFor(server);
    const { signal } = new AbortController();
    await Promise.all(calls.map(async () => (await client.accounts.balance({ signal }).asResponse()).text()));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

test('Many calls at once with one signal are nothing that the runtime warns of.', async () => {
  const warned = vi.fn();
  process.on('warning', warned);
  await listenersAfter([200, 503], { onRequest: async () => undefined });
  // Warnings come a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warned);
  expect(warned.mock.calls).toEqual([]);
});
