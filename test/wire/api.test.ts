import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  OctaAbortError,
  type OctaApi,
  OctaAuthenticationError,
  OctaClient,
  OctaConfigurationError,
  OctaConnectionError,
  OctaNetworkError,
  OctaResponseError,
  OctaTimeoutError,
} from '../../src/index.ts';
import { clientFor, goodAnswer, order } from '../support/calls.ts';
import { failure, rejection } from '../support/failure.ts';
import { freePort, httpAnswer, serveRaw } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';

afterEach(() => vi.unstubAllGlobals());

const answering = (text: string, status = 200, headers: Record<string, string> = {}) =>
  serve((_, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    json(response, text, status);
  });

/** Any method and path, as a caller without types may use them. */
type Untyped = (
  method: string,
  path: string,
  init?: object,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
const untyped = (api: OctaApi): Untyped => api.request as unknown as Untyped;

describe('A response', () => {
  test.each([
    ['bare', '{"balance":31428028938060847852}'],
    ['quoted', '{"balance":"31428028938060847852"}'],
    ['of unknown length', undefined],
  ])('has exact amounts: %s.', async (_, text) => {
    await using server = await serveRaw(({ socket }) => {
      if (text === undefined) socket.end('HTTP/1.1 200 OK\r\n\r\n{"balance":31428028938060847852}');
      else socket.write(httpAnswer(text));
    });
    const { data, error } = await clientFor(server).api.GET('/accounts/balance');
    expect([data, error]).toEqual([{ balance: 31428028938060847852n }, undefined]);
  });

  test('is decoded as in the resource methods.', async () => {
    await using server = await answering('[{"uuid":"a","duration":"3600","charge_amount":"12"}]');
    const { data } = await clientFor(server).api.GET('/sessions', { params: { query: { recent: true } } });
    expect(data).toEqual([{ uuid: 'a', duration: 3600, charge_amount: 12n }]);
    expect(server.received.map(({ path }) => path)).toEqual(['/sessions?recent=true']);
  });

  test('comes with its Response: status, headers and text as sent.', async () => {
    await using server = await answering('{"balance": 31428028938060847852}', 201, { 'x-request-id': 'r-1' });
    const { response } = await clientFor(server).api.GET('/accounts/balance');
    expect([response.status, response.ok, response.headers.get('x-request-id')]).toEqual([201, true, 'r-1']);
    expect(await response.clone().text()).toBe('{"balance": 31428028938060847852}');
  });

  test.each([
    ['text', '{"balance": 1}'],
    ['json', { balance: 1n }],
  ] as const)('can be had as %s.', async (parseAs, want) => {
    await using server = await answering('{"balance": 1}');
    expect((await clientFor(server).api.GET('/accounts/balance', { parseAs })).data).toEqual(want);
  });

  test('can be read as bytes, and as a stream.', async () => {
    await using server = await answering('an ident');
    const { api } = clientFor(server);
    const params = { path: { node_id: 7 } };
    const { data } = await api.GET('/nodes/{node_id}/ident', { params, parseAs: 'arrayBuffer' });
    expect(Buffer.from(data ?? new ArrayBuffer(0)).toString()).toBe('an ident');
    const { data: stream } = await api.GET('/nodes/{node_id}/ident', { params, parseAs: 'stream' });
    expect(await new Response(stream).text()).toBe('an ident');
  });

  test('of a command is undefined, whatever the body.', async () => {
    await using server = await answering('{"ok":true}');
    const { data, error, response } = await clientFor(server).api.GET('/nodes/{node_id}/reboot', {
      params: { path: { node_id: 7 } },
    });
    expect([data, error, response.status]).toEqual([undefined, undefined, 200]);
  });

  test('of a command can be read as text.', async () => {
    await using server = await answering('{"message":"stopped"}');
    const params = { path: { uuid: 'u-1' } };
    const { data, error, response } = await clientFor(server).api.POST('/services/{uuid}/stop', {
      params,
      parseAs: 'text',
    });
    expect([data, error, response.status]).toEqual(['{"message":"stopped"}', undefined, 200]);
    expect(response.headers.get('content-length')).toBe('21');
  });

  test('of an unknown endpoint is returned unchanged.', async () => {
    await using server = await answering('{"price":31428028938060847852}');
    const params = { path: { id: 7 }, query: { at: 'once' } };
    const { data } = await clientFor(server).api.request('DELETE', '/billing/{id}', { params, body: { all: true } });
    expect(data).toEqual({ price: 31428028938060847852n });
    expect(server.received).toMatchObject([{ method: 'DELETE', path: '/billing/7?at=once', body: '{"all":true}' }]);
  });

  test('without content is undefined.', async () => {
    await using server = await serve((_, response) => response.writeHead(204).end());
    const { data, error, response } = await clientFor(server).api.POST('/services/{uuid}/stop', {
      params: { path: { uuid: 'u-1' } },
    });
    expect([data, error, response.status]).toEqual([undefined, undefined, 204]);
  });

  test('is checked for drift.', async () => {
    await using server = await answering('{"balance":1,"new":2}');
    const onDrift = vi.fn();
    await clientFor(server, { onDrift }).api.GET('/accounts/balance');
    const event = { operation: 'getBalance', path: 'new', expected: 'absent', received: 2 };
    expect(onDrift).toHaveBeenCalledExactlyOnceWith(event);
  });

  test('that is not JSON throws.', async () => {
    await using server = await answering('<p>');
    await failure(clientFor(server).api.GET('/accounts/balance'), OctaResponseError);
  });
});

describe('A body', () => {
  test('is checked and encoded as in the resource methods.', async () => {
    await using server = await answering('[{"uuid":"u-1"}]');
    const { api } = clientFor(server);
    await api.PATCH('/nodes/{node_id}/prices', {
      params: { path: { node_id: 7 } },
      body: { base: 31428028938060847852n, storage: '1180591620717411303424' },
    });
    await api.POST('/services/mr', { body: [{ id: 0, ...order }] });
    expect(server.received.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'PATCH /nodes/7/prices {"base":31428028938060847852,"storage":1180591620717411303424}',
      'POST /services/mr [{"id":0,"node_id":9010,"disk_size":50,"image":"ubuntu:24.04"}]',
    ]);
    expect(server.received.map(({ headers }) => headers['content-type'])).toEqual([
      'application/json',
      'application/json',
    ]);
  });

  test('with a wrong amount is refused before anything is sent.', async () => {
    await using server = await answering('{}');
    const call = clientFor(server).api.PATCH('/nodes/{node_id}/prices', {
      params: { path: { node_id: 7 } },
      body: { base: -1 },
    });
    expect((await failure(call, OctaConfigurationError)).message).toMatch(/^base is -1/);
    expect(server.received).toEqual([]);
  });
});

describe('An error status returns { error, response }:', () => {
  test.each([
    [400, 1],
    [401, 1],
    [404, 1],
    [408, 3],
    [422, 1],
    [429, 3],
    [500, 3],
    [503, 3],
  ])('%d, after %d attempts of a read.', async (status, times) => {
    await using server = await answering('{"message":"because"}', status, { 'x-request-id': 'r-1' });
    const { data, error, response } = await clientFor(server).api.GET('/nodes/{node_id}', {
      params: { path: { node_id: 7 } },
    });
    expect([data, error, response.status]).toEqual([undefined, { message: 'because' }, status]);
    expect(response.headers.get('x-request-id')).toBe('r-1');
    expect(server.received).toHaveLength(times);
  });

  test.each([301, 302, 303, 307, 308])('%d, which is not followed.', async (status) => {
    await using other = await answering(goodAnswer);
    await using server = await answering('', status, { location: other.url });
    const { error, response } = await clientFor(server).api.GET('/accounts/balance');
    expect([error, response.status, response.headers.get('location')]).toEqual([{}, status, other.url]);
    expect([server.received.length, other.received.length]).toEqual([1, 0]);
  });

  test('304, which has no body.', async () => {
    await using server = await serve((_, response) => response.writeHead(304).end());
    const { error, response } = await clientFor(server).api.GET('/accounts/balance');
    expect([error, response.status]).toEqual([{}, 304]);
  });

  test.each([
    ['is an object with its text', 'no such node', { message: 'no such node' }],
    ['is an object with a list', '["a", 1]', { message: '["a",1]' }],
    ['is an object without any', 'null', {}],
    ['keeps the digits of long integers', '{"node":18446744073709551617}', { node: '18446744073709551617' }],
    ['is an object where there is none', '', {}],
  ])('its body %s.', async (_, text, want) => {
    await using server = await answering(text, 404);
    const { error } = await clientFor(server).api.GET('/accounts/balance');
    expect(error).toEqual(want);
  });

  test('once for a start, whatever the status.', async () => {
    await using server = await answering('{"message":"busy"}', 503);
    const { error, response } = await clientFor(server).api.POST('/services/mr', { body: [{ id: 0, ...order }] });
    expect([error, response.status, server.received.length]).toEqual([{ message: 'busy' }, 503, 1]);
  });
});

describe('Any other failure throws:', () => {
  test('no connection.', async () => {
    const client = clientFor({ url: `http://127.0.0.1:${await freePort()}` });
    await failure(client.api.GET('/accounts/balance'), OctaConnectionError);
  });

  test('a response that is cut off.', async () => {
    await using server = await serveRaw(({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'));
    await failure(clientFor(server).api.GET('/accounts/balance'), OctaNetworkError);
  });

  test('a time limit.', async () => {
    await using server = await serveRaw(() => undefined);
    await failure(clientFor(server, { timeoutMs: 30, retries: 0 }).api.GET('/accounts/balance'), OctaTimeoutError);
  });

  test('a missing key, although its error has a status.', async () => {
    await using server = await answering(goodAnswer);
    await failure(clientFor(server, { apiKey: undefined }).api.GET('/accounts/balance'), OctaAuthenticationError);
    expect(server.received).toEqual([]);
  });

  test('a redirect that a browser hides, which no Response can hold.', async () => {
    const client = clientFor({ url: 'http://api.test' }, { fetch: async () => Response.error() });
    expect(await rejection(client.api.GET('/accounts/balance'))).toMatchObject({ name: 'OctaApiError', status: 0 });
  });

  test('an error of onRequest.', async () => {
    const thrown = new Error('no trace');
    const client = clientFor({ url: 'http://api.test' }, { onRequest: () => Promise.reject(thrown) });
    expect(await rejection(client.api.GET('/accounts/balance'))).toBe(thrown);
  });

  test.each<[string, object | undefined]>([
    ['missing', undefined],
    ['missing among others', { params: { path: { id: 7 } } }],
    ['missing beside a query', { params: { query: { a: 1 } } }],
    ['none that a path can hold', { params: { path: { node_id: '..' } } }],
  ])('a path parameter that is %s.', async (_, init) => {
    await using server = await answering('{}');
    const error = await failure(
      untyped(clientFor(server).api)('get', '/nodes/{node_id}', init),
      OctaConfigurationError,
    );
    expect(error.message).toMatch(/node_id is /);
    expect(server.received).toEqual([]);
  });

  test.each([
    ['name', { 'x y': 'z' }],
    ['value', { x: 'octa-other-key\r\nb: c' }],
  ])('a header with an invalid %s.', async (_, headers) => {
    await using server = await answering(goodAnswer);
    const error = await failure(clientFor(server).api.GET('/accounts/balance', { headers }), OctaConfigurationError);
    expect(error.outcome).toBe('not-sent');
    expect(inspect(error)).not.toContain('octa-other-key');
    expect(server.received).toEqual([]);
  });
});

describe('A signal', () => {
  test('that is aborted sends nothing.', async () => {
    await using server = await answering(goodAnswer);
    const call = clientFor(server).api.GET('/accounts/balance', { signal: AbortSignal.abort('enough') });
    expect(await failure(call, OctaAbortError)).toMatchObject({ cause: 'enough', outcome: 'not-sent' });
    expect(server.received).toEqual([]);
  });

  test('ends the call.', async () => {
    const controller = new AbortController();
    await using server = await serveRaw(() => controller.abort('enough'));
    const call = clientFor(server).api.GET('/accounts/balance', { signal: controller.signal });
    expect(await failure(call, OctaAbortError)).toMatchObject({ cause: 'enough', outcome: 'unknown' });
  });
});

test('Headers of a call are merged as everywhere.', async () => {
  await using server = await answering(goodAnswer);
  const client = clientFor(server, { headers: { 'X-Team': 'a' } });
  await client.api.GET('/accounts/balance', { headers: { 'x-TEAM': 'b' } });
  expect(server.received[0]?.headers['x-team']).toBe('b');
});

describe('A path that is not in the spec', () => {
  test.each(['GET', 'POST', 'DELETE', 'PUT'])('is sent once, with the key (%s).', async (method) => {
    await using server = await answering('{"message":"busy"}', 503);
    const { error, response } = await untyped(clientFor(server).api)(method, '/billing/{id}', {
      params: { path: { id: 'a/b' } },
    });
    expect([error, response.status]).toEqual([{ message: 'busy' }, 503]);
    const sent = server.received.map(({ path, headers }) => [path, headers.authorization]);
    expect(sent).toEqual([['/billing/a%2Fb', 'octa-test-key-0001']]);
  });

  test('is not retried if its response is lost.', async () => {
    await using server = await serveRaw(({ socket }) => socket.resetAndDestroy());
    await failure(untyped(clientFor(server).api)('get', '/billing'), OctaNetworkError);
    expect(server.received).toEqual(['GET /billing']);
  });

  test('returns every digit.', async () => {
    await using server = await answering('{"total":31428028938060847852,"count":7}');
    const { data } = await untyped(clientFor(server).api)('get', '/billing');
    expect(data).toEqual({ total: 31428028938060847852n, count: 7 });
  });
});

test('Options that are not an object are refused.', async () => {
  const { api } = clientFor({ url: 'http://api.test' });
  const error = await failure(untyped(api)('GET', '/network', 'x' as never), OctaConfigurationError);
  expect(error.message).toBe('GET /network: options must be an object, but are of type string');
});

test('The low-level client cannot be changed, and has no middleware.', () => {
  const { api } = clientFor({ url: 'http://api.test' });
  expect(Object.isFrozen(api)).toBe(true);
  expect(Object.keys(api).sort()).toEqual(['GET', 'PATCH', 'POST', 'request']);
});

describe('The key is never sent elsewhere:', () => {
  test.each([
    ['baseUrl', 'http://other.test'],
    ['fetch', vi.fn()],
    ['Request', class {}],
    ['middleware', []],
  ])('%s cannot be set for one call.', async (name, value) => {
    await using server = await answering(goodAnswer);
    const call = untyped(clientFor(server).api)('get', '/accounts/balance', { [name]: value });
    const error = await failure(call, OctaConfigurationError);
    expect(error.message).toBe(`GET /accounts/balance: ${name} cannot be set for a single call`);
    expect(server.received).toEqual([]);
  });

  test.each([
    '@other.test/',
    '.other.test/',
    ':80/',
    'accounts',
    '',
    '//other.test',
    '/\\other.test',
    '/\t/other.test',
    '/\n\r/other.test',
  ])('the path %j is refused.', async (path) => {
    const fetch = vi.fn();
    const client = new OctaClient({ apiKey: 'octa-test-key-0001', baseUrl: 'http://api.test', fetch });
    const error = await failure(untyped(client.api)('get', path, {}), OctaConfigurationError);
    expect(error.message).toMatch(/the path must start with a single slash/);
    expect(fetch).not.toHaveBeenCalled();
  });
});

test.each([204, 200])('A path that is not in the spec may respond with %d and no body.', async (status) => {
  await using server = await serve((_, response) => response.writeHead(status).end());
  const { data, error, response } = await untyped(clientFor(server).api)('delete', '/billing');
  expect([data, error, response.status]).toEqual([undefined, undefined, status]);
});

test('A stop that was already done is a success.', async () => {
  await using server = await serveRaw(({ socket, nth }) => {
    if (nth === 1) socket.resetAndDestroy();
    else socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  });
  const init = { params: { path: { uuid: 'u-1' } } };
  const { error, response } = await clientFor(server).api.POST('/services/{uuid}/stop', init);
  expect([error, response.ok]).toEqual([undefined, true]);
});

test.each([
  ['a signal that is none', 'get', '/network', { signal: {} }],
  ['no path', 'get', undefined, {}],
  ['a body for a GET', 'get', '/network', { body: { a: 1 } }],
])('%s is refused.', async (_, method, path, init) => {
  await using server = await answering(goodAnswer);
  await failure(Reflect.apply(clientFor(server).api.request, undefined, [method, path, init]), OctaConfigurationError);
  expect(server.received).toEqual([]);
});
