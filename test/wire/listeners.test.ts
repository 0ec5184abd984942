import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import type { OctaClient, OctaClientOptions, RequestOptions } from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer } from '../support/calls.ts';
import { transports } from '../support/fault-transports.ts';
import { serveRaw } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';
import { until } from '../support/until.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const calls = Array.from({ length: 100 });
const headAndHalf = 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"balance":';

type Sending = (client: OctaClient, options: RequestOptions) => PromiseLike<unknown>;

const balance: Sending = (client, options) => client.accounts.balance(options);

function listenersOn(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

/** How many listeners 100 calls leave on a signal. */
async function listenersAfter(client: OctaClient, send: Sending = balance): Promise<number> {
  const { signal } = new AbortController();
  await Promise.allSettled(calls.map(() => send(client, { signal })));
  return listenersOn(signal);
}

/** The same, when a server answers with these statuses in turn. */
async function listenersAfterStatuses(statuses: readonly number[], options: OctaClientOptions): Promise<number> {
  await using server = await serve((_, response) => {
    json(response, goodAnswer, statuses[server.received.length % statuses.length]);
  });
  await using client = clientFor(server, options);
  const left = await listenersAfter(client);
  expect(server.received.length).toBeGreaterThanOrEqual(calls.length);
  return left;
}

const hook = async (): Promise<void> => undefined;
const never = (): Promise<never> => new Promise(() => undefined);

describe.each(transports)('After 100 calls with one signal, by %s, no listener is left on it', (_, makeFetch) => {
  test.each<[string, readonly number[], OctaClientOptions | undefined]>([
    ['when they went well', [200], undefined],
    ['when they failed', [404], undefined],
    ['when they were tried again', [500, 200, 429], undefined],
    ['when they waited before they were tried again', [500, 200], { retryDelayMs: 5 }],
    ['when hooks ran', [200, 503], { onRequest: hook, onResponse: hook, onRetry: hook }],
    ['when the key took its time', [200], { apiKey: async () => 'octa-other-key' }],
    ['when they had all the time in the world', [200, 503], { timeoutMs: 0, totalTimeoutMs: 0 }],
  ])('%s.', async (__, statuses, options) => {
    expect(await listenersAfterStatuses(statuses, { fetch: makeFetch(), ...options })).toBe(0);
  });

  test.each<[string, Sending]>([
    ['streamed to the end', async (client, options) => (await client.accounts.balance(options).asResponse()).text()],
    [
      'streamed, and let go of',
      async (client, options) => (await client.accounts.balance(options).asResponse()).body?.cancel(),
    ],
    ['asked for with what is known about them', (client, options) => client.accounts.balance(options).withResponse()],
    [
      'asked for by path',
      (client, { signal }) => client.api.GET('/accounts/balance', signal === undefined ? {} : { signal }),
    ],
  ])('when the responses were %s.', async (__, send) => {
    await using server = await serve((___, response) => json(response, goodAnswer));
    await using client = clientFor(server, { fetch: makeFetch() });
    expect(await listenersAfter(client, send)).toBe(0);
    expect(server.received).toHaveLength(calls.length);
  });

  test('if unread responses are garbage-collected.', async () => {
    await using server = await serve((__, response) => response.end(Buffer.alloc(256 * 1024, 'x')));
    await using client = clientFor(server, { fetch: makeFetch() });
    const { signal } = new AbortController();
    for (let call = 0; call < 15; call++) await client.nodes.downloadLogs(1, { signal }).asResponse();
    await until(() => {
      collectGarbage();
      return listenersOn(signal) === 0;
    });
  });

  test.each<[string, Sending]>([
    ['read', balance],
    ['streamed', async (client, options) => (await client.accounts.balance(options).asResponse()).text()],
  ])('when the responses were cut off while they were %s.', async (__, send) => {
    await using server = await serveRaw(({ socket }) => socket.write(headAndHalf, () => socket.resetAndDestroy()));
    await using client = clientFor(server, { fetch: makeFetch(), retries: 0 });
    expect(await listenersAfter(client, send)).toBe(0);
    expect(server.received).toHaveLength(calls.length);
  });

  test('when the responses have a header with an impossible name.', async () => {
    const answer = 'HTTP/1.1 200 OK\r\ncontent type: text/plain\r\ncontent-length: 2\r\n\r\n{}';
    await using server = await serveRaw(({ socket }) => socket.write(answer));
    await using client = clientFor(server, { fetch: makeFetch(), retries: 0 });
    const stream: Sending = async (to, options) => (await to.accounts.balance(options).asResponse()).text();
    expect(await listenersAfter(client, stream)).toBe(0);
    expect(server.received).toHaveLength(calls.length);
  });

  test.each(everyCall)('%s.', async (__, send) => {
    await using server = await serve((___, response) => json(response, goodAnswer));
    await using client = clientFor(server, { fetch: makeFetch() });
    expect(await listenersAfter(client, send)).toBe(0);
    expect(server.received).toHaveLength(calls.length);
  });
});

describe('After 100 calls with one signal no listener is left on it', () => {
  const nowhere = { url: 'http://api.test' };

  test.each<[string, OctaClientOptions]>([
    ['when nobody answered', { fetch: () => Promise.reject(new Error('lost')) }],
    ['when they took too long', { fetch: never, timeoutMs: 5 }],
    ['when all of it took too long', { fetch: never, timeoutMs: 0, totalTimeoutMs: 5 }],
    ['when a hook took too long', { onRequest: never, totalTimeoutMs: 5 }],
    ['when a hook failed', { onRequest: () => Promise.reject(new Error('no')) }],
    ['when there was no key', { apiKey: () => undefined }],
  ])('%s.', async (_, options) => {
    expect(await listenersAfter(clientFor(nowhere, options))).toBe(0);
  });

  test.each<[string, OctaClientOptions]>([
    ['while they waited for answers', { fetch: never }],
    ['while they waited for a hook', { onRequest: never }],
    [
      'while they waited for another attempt',
      { fetch: () => Promise.reject(new Error('lost')), retryDelayMs: 60_000, maxRetryDelayMs: 60_000 },
    ],
  ])('when it ended them %s.', async (_, options) => {
    const client = clientFor(nowhere, options);
    const controller = new AbortController();
    const all = Promise.allSettled(calls.map(() => client.accounts.balance({ signal: controller.signal })));
    setImmediate(() => controller.abort());
    await all;
    expect(listenersOn(controller.signal)).toBe(0);
  });

  test('when it had ended before.', async () => {
    const client = clientFor(nowhere, { fetch: never });
    const signal = AbortSignal.abort();
    await Promise.allSettled(calls.map(() => client.accounts.balance({ signal })));
    expect(listenersOn(signal)).toBe(0);
  });
});

test('A signal has one listener, even with many calls of many clients.', async () => {
  const clients = [1, 2, 3].map(() => clientFor({ url: 'http://api.test' }, { fetch: never }));
  const controller = new AbortController();
  const { signal } = controller;
  const all = Promise.allSettled(calls.map((_, nth) => clients[nth % clients.length]?.accounts.balance({ signal })));
  await new Promise((resolve) => setImmediate(resolve));
  expect(listenersOn(signal)).toBe(1);
  controller.abort();
  await all;
});

test('An unread body keeps the listener until it was read.', async () => {
  await using server = await serve((_, response) => json(response, goodAnswer));
  const { signal } = new AbortController();
  const response = await clientFor(server).accounts.balance({ signal }).asResponse();
  expect(listenersOn(signal)).toBe(1);
  await response.text();
  expect(listenersOn(signal)).toBe(0);
});

test.each(transports)(
  'Many concurrent calls with one signal, by %s, cause no warning of the runtime.',
  async (_, make) => {
    const warned = vi.fn();
    process.on('warning', warned);
    await listenersAfterStatuses([200, 503], { fetch: make(), onRequest: hook });
    // Warnings come a turn later.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warned);
    expect(warned.mock.calls).toEqual([]);
  },
);

describe.each(transports)('By %s, nothing keeps a response in memory', (_, makeFetch) => {
  test.each<[string, (response: Response) => unknown]>([
    ['whose body was cancelled', (response) => response.body?.cancel()],
    ['whose body was read', (response) => response.text()],
  ])('%s.', async (__, handle) => {
    await using server = await serve((___, response) => json(response, goodAnswer));
    await using client = clientFor(server, { fetch: makeFetch() });
    const answers: WeakRef<Response>[] = [];
    for (let nth = 0; nth < 5; nth++) {
      const response = await client.accounts.balance().asResponse();
      await handle(response);
      answers.push(new WeakRef(response));
    }
    // The last one may still be on the stack.
    const left = () => answers.slice(0, -1).filter((each) => each.deref() !== undefined).length;
    await until(() => {
      collectGarbage();
      return left() === 0;
    });
    expect(left()).toBe(0);
  });
});
