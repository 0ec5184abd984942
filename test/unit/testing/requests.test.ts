import { describe, expect, test, vi } from 'vitest';
import { clockMark } from '../../../src/clock.ts';
import { OctaAbortError, OctaClient, OctaNetworkError, OctaTimeoutError } from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { failure, rejection } from '../../support/failure.ts';
import { aTurn } from '../../support/transport.ts';
import { ask, aWorld, rental, smallWorld } from './ask.ts';

describe('the requests', () => {
  test('are kept in order, with time, operation, parsed body and outcome', async () => {
    const { simulator, client } = aWorld({ ...smallWorld, latencyMs: 20 });
    const start = simulator.now;
    const { uuid } = await client.services.mr.start(rental(1));
    await client.sessions.list({ recent: true });
    expect(simulator.requests).toEqual([
      {
        operation: 'startMr',
        method: 'POST',
        url: 'https://api.octa.computer/services/mr',
        path: '/services/mr',
        headers: { accept: 'application/json', 'content-type': 'application/json', 'user-agent': expect.any(String) },
        body: [expect.objectContaining({ id: 0, node_id: 1 })],
        at: start,
        processed: true,
        status: 200,
        outcome: 'answered',
      },
      {
        operation: 'listSessions',
        method: 'GET',
        url: 'https://api.octa.computer/sessions?recent=true',
        path: '/sessions?recent=true',
        headers: { accept: 'application/json', 'user-agent': expect.any(String) },
        body: undefined,
        at: start + 20,
        processed: true,
        status: 200,
        outcome: 'answered',
      },
    ]);
    expect(simulator.running).toEqual([uuid]);
  });

  test('never contain the API key, wherever it was', async () => {
    const simulator = new OctaSimulator(smallWorld);
    const key = 'sk-very-secret';
    await ask(simulator, `GET /sessions?token=${key}`, { key });
    await ask(simulator, 'POST /services/mr', { key, body: [{ id: 0, ...rental(1), envs: { OCTA_API_KEY: key } }] });
    await ask(simulator, 'POST /services/mr', { key, body: `{"broken ${key}` });
    expect(JSON.stringify(simulator.requests)).not.toContain('secret');
    expect(simulator.requests[1]?.body).toMatchObject([{ envs: { OCTA_API_KEY: '[key]' } }]);
  });

  test('are unchanged where a short key is only part of a text', async () => {
    const seen = [];
    for (const key of ['any', '1']) {
      const simulator = new OctaSimulator(smallWorld);
      const envs = { COMPANY: 'company', any: 'any', ONE: '1' };
      const body = [{ id: 0, ...rental(1), image: 'company/any:1', envs }];
      await ask(simulator, `POST /services/mr?any=company&key=${key}`, { key, body });
      const [{ path, body: kept } = { path: '', body: undefined }] = simulator.requests;
      seen.push([path, kept]);
    }
    const kept = (envs: object) => [expect.objectContaining({ node_id: 1, image: 'company/any:1', envs })];
    expect(seen).toEqual([
      ['/services/mr?any=company&key=[key]', kept({ COMPANY: 'company', any: '[key]', ONE: '1' })],
      ['/services/mr?any=company&key=[key]', kept({ COMPANY: 'company', any: 'any', ONE: '[key]' })],
    ]);
  });

  test('also hide a long key in names, in headers, and in escaped form', async () => {
    const simulator = new OctaSimulator();
    const key = 'a-key/of+30=characters&one';
    const headers = { authorization: key, 'x-api-key': `Bearer ${key}` };
    const url = `https://api.test/sessions/${encodeURIComponent(key)}/%ZZ?token=${encodeURIComponent(key)}&${encodeURIComponent(key)}=#end`;
    await simulator.fetch(url, { method: 'POST', headers, body: JSON.stringify({ [key]: [`x${key}y`] }) });
    expect(simulator.requests).toMatchObject([
      {
        url: 'https://api.test/sessions/[key]/%ZZ?token=[key]&[key]=#end',
        path: '/sessions/[key]/%ZZ?token=[key]&[key]=',
        headers: { 'x-api-key': 'Bearer [key]' },
        body: { '[key]': ['x[key]y'] },
      },
    ]);
  });

  test('have the host and the headers', async () => {
    const simulator = new OctaSimulator();
    const baseUrls = ['https://a.test', 'https://b.test'];
    const { fetch } = simulator;
    const client = new OctaClient({ apiKey: 'any', baseUrls, fetch, headers: { traceparent: '00-1-2-01' } });
    simulator.fail(({ url }) => new URL(url).host === 'a.test', { status: 503 }, Number.POSITIVE_INFINITY);
    for (let time = 0; time < 2; time++) await client.network.get();
    expect(simulator.requests.map(({ url, status }) => [url, status])).toEqual([
      ['https://a.test/network', 503],
      ['https://b.test/network', 200],
      ['https://b.test/network', 200],
    ]);
    expect(simulator.requests[0]?.headers).toMatchObject({ traceparent: '00-1-2-01' });
    expect(simulator.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test('are kept up to keepRequests, and without large bodies', async () => {
    const [two, none] = [new OctaSimulator({ keepRequests: 2 }), new OctaSimulator({ keepRequests: 0 })];
    const lines = ['GET /apps', 'GET /network', 'GET /nodes'];
    for (const simulator of [two, none]) for (const line of lines) await ask(simulator, line);
    expect(two.requests.map(({ operation }) => operation)).toEqual(['getNetwork', 'listNodes']);
    expect(none.requests).toEqual([]);
    await ask(two, 'POST /services/mr', { body: { image: 'x'.repeat(100_000) } });
    expect(two.requests.at(-1)?.body).toBe('[100012 characters, not kept]');
  });

  test('keep every digit of the body', async () => {
    const { simulator, client } = aWorld({ nodes: [{ id: 1 }] });
    await client.nodes.updatePrices(1, { base: 31_428_028_938_060_847_852n });
    expect(simulator.requests[0]?.body).toEqual({ base: 31_428_028_938_060_847_852n });
  });

  test('have no operation if the API does not have the path', async () => {
    const simulator = new OctaSimulator();
    await ask(simulator, 'GET /nope');
    expect(simulator.requests).toMatchObject([{ operation: undefined, status: 404, processed: false }]);
  });

  test('do not include those that were aborted before they were sent', async () => {
    const { simulator, client } = aWorld();
    await failure(client.network.get({ signal: AbortSignal.abort() }), OctaAbortError);
    const init = { signal: AbortSignal.abort(new Error('no')) };
    expect(await rejection(simulator.fetch('https://api.test/network', init))).toMatchObject({ message: 'no' });
    expect(simulator.requests).toEqual([]);
  });
});

describe('fetch', () => {
  test('carries its clock', () => {
    const simulator = new OctaSimulator();
    expect(simulator.fetch[clockMark]).toBe(simulator.clock);
  });

  test('accepts the same arguments as fetch', async () => {
    const simulator = new OctaSimulator({ nodes: [{ id: 1 }], apiKey: 'k' });
    const url = 'https://api.octa.computer/nodes/1/prices';
    const body = '{"base":1}';
    const headers = { Authorization: 'k' };
    const init = { method: 'patch', body, headers };
    const calls: [string | URL | Request, RequestInit?][] = [
      [url, init],
      [new URL(url), { ...init, headers: new Headers(headers) }],
      ['/nodes/1/prices', { ...init, headers: [['Authorization', 'k']] }],
      [new Request(url, { ...init, method: 'PATCH' })],
      [url, { ...init, body: new TextEncoder().encode(body) }],
      [url, { ...init, body: new Blob([body]) }],
    ];
    const statuses = [];
    for (const [input, given] of calls) statuses.push((await simulator.fetch(input, given)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    expect(new Set(simulator.requests.map((each) => JSON.stringify(each.body)))).toEqual(new Set([body]));
  });

  test('gives every response its own id', async () => {
    const simulator = new OctaSimulator();
    const ids = [];
    for (const line of ['GET /network', 'GET /network', 'GET /nope', 'POST /services/mr']) {
      ids.push((await ask(simulator, line)).headers.get('x-request-id'));
    }
    simulator.fail('*', { status: 500 });
    ids.push((await ask(simulator, 'GET /network')).headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(5);
    expect(ids.every((id) => /^[0-9a-f-]{36}$/.test(id ?? ''))).toBe(true);
  });

  test('sets the URL of the response', async () => {
    const { client } = aWorld();
    expect((await client.network.get().asResponse()).url).toBe('https://api.octa.computer/network');
  });

  test('responds to HEAD like to GET, without the body', async () => {
    const simulator = new OctaSimulator();
    const [get, head] = [await ask(simulator, 'GET /network'), await ask(simulator, 'HEAD /network')];
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    expect(simulator.requests.map(({ method, operation }) => [method, operation])).toEqual([
      ['GET', 'getNetwork'],
      ['HEAD', 'getNetwork'],
    ]);
  });

  test('applies its latency in virtual time', async () => {
    const simulator = new OctaSimulator({ latencyMs: 250 });
    const { now } = simulator;
    await ask(simulator, 'GET /network');
    expect(simulator.now).toBe(now + 250);
    await Promise.all([ask(simulator, 'GET /network'), ask(simulator, 'GET /network')]);
    expect(simulator.now).toBe(now + 500);
  });
});

describe('behind your own proxy', () => {
  test('the API is below a path, and everything else is not found', async () => {
    const { simulator, client } = aWorld({ ...smallWorld, basePath: '/api/octa' }, { baseUrl: '/api/octa/' });
    const { uuid } = await client.services.mr.start(rental(1));
    expect(simulator.running).toEqual([uuid]);
    expect(simulator.requests[0]).toMatchObject({ url: '/api/octa/services/mr', path: '/services/mr' });
    for (const path of ['/network', '/api/octa', '/api/octaves/network', '/other/api/octa/network']) {
      expect((await ask(simulator, `GET ${path}`)).status).toBe(404);
      expect(simulator.requests.at(-1)).toMatchObject({ operation: undefined, path });
    }
  });

  test('no key is required, but a wrong one is rejected', async () => {
    const { client } = aWorld({ requireKey: false }, { apiKey: '' });
    expect((await client.accounts.get()).email).toBe('user@example.com');
    const simulator = new OctaSimulator({ requireKey: false, apiKey: 'the-key' });
    const statuses = [];
    for (const key of ['', 'the-key', 'wrong']) statuses.push((await ask(simulator, 'GET /accounts', { key })).status);
    expect(statuses).toEqual([200, 200, 401]);
  });
});

test('A client without a clock uses that of the simulator.', async () => {
  const simulator = new OctaSimulator();
  const client = new OctaClient({
    apiKey: 'any',
    fetch: simulator.fetch,
    retries: 3,
    retryDelayMs: 60_000,
    totalTimeoutMs: 0,
  });
  simulator.fail('getNetwork', { lost: 'before' }, 3);
  const real = performance.now();
  await client.network.get();
  expect(performance.now() - real).toBeLessThan(5000);
  expect(simulator.requests).toHaveLength(4);
});

test('Fake timers of a test runner change nothing.', async () => {
  vi.useFakeTimers();
  try {
    const { simulator, client } = aWorld(smallWorld);
    const session = await client.services.mr.start(rental(1));
    await simulator.advance(8000);
    expect((await session.info()).is_ready).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test('A reset restores the initial state, and keeps nothing else.', async () => {
  const { simulator, client } = aWorld(smallWorld, { leaseVariable: false });
  const story = async () => {
    await client.services.mr.start(rental(1));
    await client.accounts.generateWallet();
    await simulator.advance(5000);
    const account = await ask(simulator, 'GET /accounts');
    const sessions = await ask(simulator, 'GET /sessions');
    return [account.text, sessions.text, account.headers.get('x-request-id'), simulator.now];
  };
  const first = await story();
  simulator.machine(1).neverReady();
  const fault = simulator.fail('*', { status: 500 }, Number.POSITIVE_INFINITY);
  const elapsed = simulator.clock.now();
  simulator.reset();
  expect([simulator.requests, simulator.sessions, fault.remaining]).toEqual([[], [], 0]);
  expect(simulator.clock.now()).toBe(elapsed);
  expect(await story()).toEqual(first);
});

describe('a request in progress at a reset', () => {
  test('has no effect in the new world', async () => {
    const { simulator, client } = aWorld(smallWorld, { timeoutMs: 1000, retries: 0, leaseVariable: false });
    simulator.fail('startMr', { delayMs: 5000 });
    await failure(client.services.mr.start(rental(1)), OctaTimeoutError);
    simulator.reset();
    await simulator.advance(10_000);
    expect([simulator.sessions, simulator.requests, simulator.spent]).toEqual([[], [], 0n]);
  });

  test('ends as a lost connection', async () => {
    const { simulator, client } = aWorld({ ...smallWorld, latencyMs: 20 }, { retries: 0 });
    simulator.fail('listNodes', { stall: 'headers' });
    simulator.fail('listApps', { stall: 'body' });
    simulator.fail('getNetwork', { delayMs: 60_000 });
    const calls: PromiseLike<unknown>[] = [client.nodes.list(), client.apps.list(), client.network.get()];
    const failures = calls.map((call) => failure(Promise.resolve(call), OctaNetworkError));
    await simulator.advance(20);
    const { requests } = simulator;
    simulator.reset();
    await Promise.all(failures);
    expect(requests.map(({ outcome, processed }) => [outcome, processed])).toEqual([
      ['failed', true],
      ['failed', true],
      ['failed', false],
    ]);
  });

  test('leaves no wait that would move time', async () => {
    const simulator = new OctaSimulator(smallWorld);
    simulator.fail('*', { stall: 'headers' });
    const lost = rejection(simulator.fetch('https://api.test/network'));
    await simulator.advance(100);
    simulator.reset();
    expect(await lost).toMatchObject({ cause: { code: 'ECONNRESET' } });
    simulator.clock.setTimer(() => undefined, 60_000, 'limit');
    const { now } = simulator;
    for (let turn = 0; turn < 20; turn++) await aTurn();
    expect(simulator.now).toBe(now);
  });
});
