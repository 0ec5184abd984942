import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type FetchLike,
  OctaAbortError,
  OctaConfigurationError,
  OctaConnectionError,
  OctaNetworkError,
  OctaNotFoundError,
  OctaTimeoutError,
} from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, onceOnly, order, repeatable, testKey } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

const api = { url: 'http://api.test' };
const never = new Promise<never>(() => undefined);

afterEach(() => vi.unstubAllGlobals());

test('The fetch option gets the URL as a string and everything else in one plain object.', async () => {
  const given = vi.fn<FetchLike>(async () => new Response('[{"uuid":"u-1"}]'));
  await clientFor(api, { fetch: given, userAgent: 'mine/1' }).services.mr.start(order);
  const body =
    '[{"id":0,"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":"","node_id":9010,"disk_size":50,"image":"ubuntu:24.04"}]';
  const accept = 'application/json';
  const headers = { accept, 'content-type': accept, 'user-agent': 'mine/1', authorization: testKey };
  const init = { method: 'POST', headers, body, redirect: 'manual', signal: expect.any(AbortSignal) };
  expect(given.mock.calls).toEqual([['http://api.test/services/mr', init]]);
});

test('The global fetch is looked up at each call.', async () => {
  await using server = await serve((_, response) => json(response, goodAnswer));
  const client = clientFor(server);
  const real = globalThis.fetch;
  const stub = vi.fn(real);
  vi.stubGlobal('fetch', stub);
  await client.accounts.balance();
  vi.unstubAllGlobals();
  await client.accounts.balance();
  expect([stub.mock.calls.length, server.received.length]).toEqual([1, 2]);
});

test('Redirects are never followed, and no GET uses a cache, including a reboot.', async () => {
  const given = vi.fn<FetchLike>(async () => new Response(goodAnswer));
  const client = clientFor(api, { fetch: given });
  for (const [, send] of [...repeatable, ...onceOnly]) await send(client);
  await client.network.get();
  const inits = given.mock.calls.map(([, init]) => init);
  expect(inits.map(({ redirect }) => redirect)).toEqual(Array(9).fill('manual'));
  for (const { method, cache } of inits) expect(cache).toBe(method === 'GET' ? 'no-store' : undefined);
});

describe('A fetch that ignores its signal', () => {
  const silent: FetchLike = () => never;
  const stalled: FetchLike = async () => new Response(new ReadableStream({ pull: () => never }));

  test.each([
    ['before the headers', silent],
    ['within the body', stalled],
  ])('still runs into timeoutMs %s.', async (_, given) => {
    const client = clientFor(api, { fetch: given, timeoutMs: 20, retries: 0 });
    const error = await failure(client.accounts.balance(), OctaTimeoutError);
    expect(error).toMatchObject({ timeout: 'timeoutMs', outcome: 'unknown' });
  });

  test.each([
    ['before the headers', silent],
    ['within the body', stalled],
  ])('does not block a caller who aborts %s.', async (_, given) => {
    const controller = new AbortController();
    const call = clientFor(api, { fetch: given }).accounts.balance({ signal: controller.signal });
    setTimeout(() => controller.abort('enough'), 10);
    expect(await failure(call, OctaAbortError)).toMatchObject({ cause: 'enough', outcome: 'unknown' });
  });

  test('and fails later on is not reported as unhandled.', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const fails: FetchLike = () => new Promise((_, reject) => setTimeout(reject, 40, new Error('late')));
    const client = clientFor(api, { fetch: fails, timeoutMs: 10, retries: 0 });
    await failure(client.accounts.balance(), OctaTimeoutError);
    await new Promise((resolve) => setTimeout(resolve, 60));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('A fetch that throws synchronously', () => {
  const thrown = new Error('not ready');
  const throws = () =>
    vi.fn<FetchLike>(() => {
      throw thrown;
    });

  test.each(everyCall)(
    'causes a configuration error with the thrown error as cause: %s is tried once.',
    async (_, send) => {
      const given = throws();
      const error = await failure(send(clientFor(api, { fetch: given })), OctaConfigurationError);
      expect(error.message).toBe('the fetch option threw instead of returning a promise');
      expect(error).toMatchObject({ cause: thrown, outcome: 'unknown', attempts: { length: 1 } });
      expect(given).toHaveBeenCalledTimes(1);
    },
  );
});

describe('A fetch that reports that there was no connection', () => {
  const cause = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
  const refuses = () => vi.fn<FetchLike>(() => Promise.reject(cause));
  // Before it failed, it may have sent the request elsewhere, or have sent it once already.
  const want = { outcome: 'unknown', phase: 'connect', cause };

  test.each(repeatable)('%s is sent again.', async (_, send) => {
    const given = refuses();
    expect(await failure(send(clientFor(api, { fetch: given })), OctaConnectionError)).toMatchObject(want);
    expect(given).toHaveBeenCalledTimes(3);
  });

  test.each(onceOnly)('%s is sent once, and may have taken effect.', async (_, send) => {
    const given = refuses();
    expect(await failure(send(clientFor(api, { fetch: given })), OctaConnectionError)).toMatchObject(want);
    expect(given).toHaveBeenCalledTimes(1);
  });
});

describe('A fetch that returns no Response', () => {
  const text = async (): Promise<string> => goodAnswer;

  test.each<[title: string, what: string, value: unknown]>([
    ['undefined', 'undefined', undefined],
    ['null', 'null', null],
    ['text', 'string', 'ok'],
    ['an object', 'object', { ok: true }],
    ['an object with a status and no headers', 'object', { status: 200, text }],
    ['an object with headers that are none', 'object', { status: 200, headers: {}, text }],
    ['an object without a body', 'object', { status: 200, headers: new Headers() }],
  ])('but %s causes a configuration error, and is tried once.', async (_, what, value) => {
    // What a caller without types may pass.
    const given = vi.fn<FetchLike>(async () => value as never);
    const error = await failure(clientFor(api, { fetch: given }).accounts.balance(), OctaConfigurationError);
    expect(error.message).toBe(`the fetch option resolved with ${what} instead of a Response`);
    expect(error).toMatchObject({ outcome: 'unknown', request: { operation: 'getBalance' } });
    expect(given).toHaveBeenCalledTimes(1);
  });

  test('but a Response without a promise is accepted.', async () => {
    const given: FetchLike = () => new Response(goodAnswer) as never;
    expect(await clientFor(api, { fetch: given }).accounts.balance()).toMatchObject({ balance: 1n });
  });
});

describe.each(['AbortError', 'TimeoutError'])('A fetch that fails with an %s that was not requested', (name) => {
  const cause = new DOMException('The operation was aborted.', name);
  const gives = () => vi.fn<FetchLike>(() => Promise.reject(cause));

  test.each(repeatable)('%s gets a timeout of the runtime, after three attempts.', async (_, send) => {
    const given = gives();
    const error = await failure(send(clientFor(api, { fetch: given })), OctaTimeoutError);
    expect(error).toMatchObject({ timeout: 'runtime', outcome: 'unknown', cause });
    expect(given).toHaveBeenCalledTimes(3);
  });

  test.each(onceOnly)('%s gets it after one attempt.', async (_, send) => {
    const given = gives();
    expect(await failure(send(clientFor(api, { fetch: given })), OctaTimeoutError)).toMatchObject({
      timeout: 'runtime',
    });
    expect(given).toHaveBeenCalledTimes(1);
  });

  test('within the body also causes it.', async () => {
    const body = new ReadableStream({ pull: (stream) => stream.error(cause) });
    const client = clientFor(api, { fetch: async () => new Response(body), retries: 0 });
    expect(await failure(client.accounts.balance(), OctaTimeoutError)).toMatchObject({ timeout: 'runtime' });
  });
});

test.each([['text'], [undefined], [null], [7]])(
  'A fetch that rejects with %j causes an error with that cause.',
  async (cause) => {
    const client = clientFor(api, { fetch: () => Promise.reject(cause), retries: 0 });
    const error = await failure(client.accounts.balance(), OctaNetworkError);
    expect(error).toMatchObject({ message: `getBalance: no response: ${cause}`, outcome: 'unknown' });
    expect(error.cause).toBe(cause);
  },
);

test('A Response that was already read fails as a cut off response.', async () => {
  const given: FetchLike = async () => {
    const response = new Response(goodAnswer);
    await response.text();
    return response;
  };
  const error = await failure(clientFor(api, { fetch: given, retries: 0 }).accounts.balance(), OctaNetworkError);
  expect(error.message).toMatch(/^getBalance: the response was cut off: /);
});

describe('A response with an invalid header, which the fetch of Node 20 accepts,', () => {
  /** Headers that hold what `new Headers` would refuse. */
  function odd(): Headers {
    const headers = new Headers({ 'content-type': 'application/json', 'x-request-id': 'r-1' });
    const entries = [...headers, ['content type', 'text/html'] as const];
    return Object.defineProperty(headers, Symbol.iterator, { value: () => entries.values() });
  }
  const clientOf = (text: string, status: number) => {
    const fetch = vi.fn<FetchLike>(async () =>
      Object.defineProperty(new Response(text, { status }), 'headers', { value: odd() }),
    );
    return { client: clientFor({ url: 'http://api.test' }, { fetch }), fetch };
  };

  test('can be read in every way.', async () => {
    const { client } = clientOf('{"balance":1}', 200);
    expect((await client.accounts.balance()).balance).toBe(1n);
    expect((await client.api.GET('/accounts/balance')).data?.balance).toBe(1n);
    const call = client.accounts.balance();
    await call;
    expect((await call.asResponse()).headers.get('x-request-id')).toBe('r-1');
    const { signal } = new AbortController();
    expect(await (await client.accounts.balance({ signal }).asResponse()).text()).toBe('{"balance":1}');
  });

  test('keeps its status when that is an error.', async () => {
    const { client, fetch } = clientOf('{}', 404);
    const error = await failure(client.nodes.get(7), OctaNotFoundError);
    expect(error).toMatchObject({ status: 404, requestId: 'r-1' });
    expect(fetch).toHaveBeenCalledOnce();
  });
});
