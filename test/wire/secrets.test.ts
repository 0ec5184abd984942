import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  type FetchLike,
  type Logger,
  type OctaClient,
  type OctaClientOptions,
  OctaNetworkError,
  toJson,
} from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, order, testKey } from '../support/calls.ts';
import { rejection } from '../support/failure.ts';
import { freePort, serveRaw } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';

const api = { url: 'http://api.test' };

/** Everything that can be printed of a value. */
function everythingOf(value: unknown): string {
  const { stack, cause } = value instanceof Error ? value : { stack: '', cause: undefined };
  const inspected = inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    getters: true,
    maxStringLength: null,
  });
  const causes = cause === undefined ? '' : everythingOf(cause);
  return [inspected, toJson(value), String(value), stack, causes].join('\n');
}

/** What a call fails with, in every form. */
async function failureText(call: PromiseLike<unknown>): Promise<string> {
  const text = everythingOf(await rejection(call));
  expect(text).toContain('Octa');
  return text;
}

describe('No inspected object shows the key:', () => {
  const client = clientFor(api);
  const session = client.services.session('u-1');
  const { accounts, apps, idleJobs, network, nodes, services, sessions } = client;
  const parts = {
    client,
    session,
    accounts,
    apps,
    idleJobs,
    network,
    nodes,
    services,
    sessions,
    mr: services.mr,
    api: client.api,
  };

  test.each(Object.entries(parts))('%s.', (_, part) => {
    expect(everythingOf(part)).not.toContain(testKey);
  });

  test.each(everyCall)('the promise of %s, before and after.', async (_, send) => {
    await using server = await serve((__, response) => json(response, goodAnswer));
    const promise = send(clientFor(server));
    expect(everythingOf(promise)).not.toContain(testKey);
    expect(everythingOf(await promise)).not.toContain(testKey);
    expect(everythingOf(promise)).not.toContain(testKey);
  });

  test('withResponse().', async () => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    expect(everythingOf(await clientFor(server).accounts.balance().withResponse())).not.toContain(testKey);
  });
});

describe('A key that the server repeats is not shown:', () => {
  const repeating = (status: number, headers: Record<string, string>, text: string) =>
    serve((_, response) => response.writeHead(status, headers).end(text));

  test.each<[string, number, Record<string, string>, string]>([
    ['in the message', 401, {}, `{"message":"the key ${testKey} is unknown"}`],
    ['in the code', 401, {}, `{"code":"${testKey}"}`],
    ['as the name of a field', 401, {}, `{"${testKey}":1}`],
    ['deep in the body', 422, {}, `{"request":{"headers":[["authorization","${testKey}"]]}}`],
    ['in text', 403, {}, `the key ${testKey} may not do this`],
    ['in a web page', 502, { 'content-type': 'text/html' }, `<p>${testKey}</p>`],
    ['in a header', 400, { 'x-echo': `authorization=${testKey}` }, ''],
    ['as the request id', 500, { 'x-request-id': testKey }, ''],
    ['in the Location', 302, { location: `https://elsewhere.test/?key=${testKey}` }, ''],
    ['in a 408', 408, { 'x-echo': testKey }, `{"message":"${testKey}"}`],
    ['as all there is of a success that is no JSON', 200, {}, testKey],
    ['within a success that is no JSON', 200, {}, `<${testKey}>`],
    ['within JSON that breaks off', 200, {}, `{"key":"${testKey}`],
    ['where something else was promised', 200, {}, `"${testKey}"`],
  ])('%s.', async (_, status, headers, text) => {
    await using server = await repeating(status, headers, text);
    const call = clientFor(server, { retries: 0 }).accounts.balance();
    expect(await failureText(call)).not.toContain(testKey);
  });

  test.each([
    ['quotes', 'octa-"quoted"-key'],
    ['backslashes', 'octa-\\back\\-key'],
  ])('within JSON, if the key has %s.', async (_, key) => {
    await using server = await repeating(401, {}, JSON.stringify({ message: `the key ${key} is unknown` }));
    const text = await failureText(clientFor(server, { apiKey: key }).accounts.balance());
    expect(text).not.toContain(key);
    expect(text).not.toContain(JSON.stringify(key).slice(1, -1));
  });

  test.each([
    ['slashes', 'octa/key/0001', 'octa\\/key\\/0001'],
    ['signs that some servers write as numbers', 'octa<key>&0001', 'octa\\u003ckey\\u003e\\u00260001'],
  ])('within JSON with unnecessary escapes, if the key has %s.', async (_, key, escaped) => {
    await using server = await repeating(401, {}, `{"message":"the key ${escaped} is unknown"}`);
    expect(await failureText(clientFor(server, { apiKey: key }).accounts.balance())).not.toContain(key);
  });

  test('when the data is read after asResponse().', async () => {
    await using server = await repeating(200, {}, testKey);
    const promise = clientFor(server).accounts.balance();
    await promise.asResponse();
    expect(await failureText(promise)).not.toContain(testKey);
  });

  test('by client.api.', async () => {
    await using server = await repeating(401, { 'x-echo': testKey }, `{"message":"${testKey}"}`);
    const { error, response } = await clientFor(server).api.GET('/accounts/balance');
    expect([toJson(error), ...response.headers.values()].join()).not.toContain(testKey);
  });
});

describe('A key in an error of fetch is not shown:', () => {
  const failing: [title: string, fail: (init: RequestInit) => unknown][] = [
    ['the message', () => new Error(`refused ${testKey}`)],
    ['a cause', () => new TypeError('fetch failed', { cause: new Error(`refused ${testKey}`) })],
    ['the stack', () => Object.assign(new Error('refused'), { stack: `Error: refused\n    at ${testKey}` })],
    ['the request that hangs on it', (init) => Object.assign(new Error('refused'), { config: { init } })],
    ['one of several errors', () => new AggregateError([new Error(testKey)], 'refused')],
    ['text', () => `refused ${testKey}`],
    ['a plain object', (init) => ({ message: 'refused', init })],
  ];

  test.each(failing)('%s.', async (_, fail) => {
    const given: FetchLike = (__, init) => Promise.reject(fail(init));
    expect(await failureText(clientFor(api, { fetch: given, retries: 1 }).accounts.balance())).not.toContain(testKey);
  });

  test.each(failing)('%s, thrown at once.', async (_, fail) => {
    const given: FetchLike = (__, init) => {
      throw fail(init);
    };
    expect(await failureText(clientFor(api, { fetch: given, retries: 0 }).accounts.balance())).not.toContain(testKey);
  });

  test.each(failing)('%s, within the body.', async (_, fail) => {
    const given: FetchLike = async (__, init) =>
      new Response(new ReadableStream({ start: (body) => body.error(fail(init)) }));
    expect(await failureText(clientFor(api, { fetch: given, retries: 0 }).accounts.balance())).not.toContain(testKey);
  });
});

describe('Real failures do not show the key:', () => {
  test('no connection.', async () => {
    const client = clientFor({ url: `http://127.0.0.1:${await freePort()}` });
    for (const [, send] of everyCall) expect(await failureText(send(client))).not.toContain(testKey);
  });

  test.each<[string, string | undefined]>([
    ['a reset', undefined],
    ['a cut body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'],
    ['garbage', `${testKey}\r\n\r\n`],
  ])('%s.', async (_, bytes) => {
    await using server = await serveRaw(({ socket }) => {
      if (bytes === undefined) socket.resetAndDestroy();
      else socket.end(bytes);
    });
    expect(await failureText(clientFor(server, { retries: 0 }).accounts.balance())).not.toContain(testKey);
  });

  test('a time limit.', async () => {
    await using server = await serveRaw(() => undefined);
    expect(await failureText(clientFor(server, { timeoutMs: 20, retries: 0 }).accounts.balance())).not.toContain(
      testKey,
    );
  });

  test('a refusal within a success.', async () => {
    await using server = await serve((_, response) => json(response, `[{"reason":"the key ${testKey} has no funds"}]`));
    expect(await failureText(clientFor(server).services.mr.start(order))).not.toContain(testKey);
  });
});

test('No log line and no hook shows the key, at any level.', async () => {
  const seen: string[] = [];
  const keep = (...given: unknown[]) => void seen.push(...given.map(everythingOf));
  const logger: Logger = { error: keep, warn: keep, info: keep, debug: keep };
  await using server = await serve((_, response) => {
    if (server.received.length % 2 === 0) json(response, '{"balance":1,"new":2}');
    else response.writeHead(503, { 'x-echo': testKey }).end(`{"message":"${testKey}"}`);
  });
  const hook = (context: unknown): never => {
    keep(context);
    throw new Error('the hook is broken');
  };
  const hooks: OctaClientOptions = { onRequest: keep, onResponse: hook, onRetry: hook, onDrift: hook };
  const use = (client: OctaClient) => client.accounts.balance();
  await use(clientFor(server, { logger, logLevel: 'debug', ...hooks }));
  expect(seen.length).toBeGreaterThan(10);
  expect(seen.join('\n')).not.toContain(testKey);
});

test('An SDK error that the fetch option throws is a normal cause, without the key.', async () => {
  const thrown = new OctaNetworkError({ message: `refused for ${testKey}`, outcome: 'not-sent' });
  const client = clientFor({ url: 'http://api.test' }, { fetch: () => Promise.reject(thrown), retries: 0 });
  const error = await rejection(client.nodes.reboot(7));
  expect(error).toMatchObject({ name: 'OctaNetworkError', outcome: 'unknown' });
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(testKey);
  expect(thrown.attempts).toEqual([]);
});

test('A response that is kept shows no key, even after many newer keys.', async () => {
  const keys = Array.from({ length: 30 }, (_, nth) => `octa-rotating-key-${nth}`);
  const given = keys.values();
  const [first = ''] = keys;
  await using server = await serve((_, response) => {
    response.setHeader('x-echo', first);
    json(response, goodAnswer);
  });
  await using client = clientFor(server, { apiKey: () => given.next().value });
  const kept = client.accounts.balance({ query: { who: first } });
  await kept;
  for (const _ of keys.slice(1)) await client.accounts.balance();
  const { response } = await kept.withResponse();
  expect(response.url).toBe(`${server.url}/accounts/balance?who=[API key]`);
  expect(response.headers.get('x-echo')).toBe('[API key]');
});
