import { describe, expect, test, vi } from 'vitest';
import { clockMark } from '../../../src/clock.ts';
import { OctaAbortError, OctaClient } from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { failure, rejection } from '../../support/failure.ts';
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
        path: '/services/mr',
        body: [expect.objectContaining({ id: 0, node_id: 1 })],
        at: start,
        processed: true,
        status: 200,
        outcome: 'answered',
      },
      {
        operation: 'listSessions',
        method: 'GET',
        path: '/sessions?recent=true',
        body: undefined,
        at: start + 20,
        processed: true,
        status: 200,
        outcome: 'answered',
      },
    ]);
    expect(simulator.running).toEqual([uuid]);
  });

  test('never hold the API key, wherever it was put', async () => {
    const simulator = new OctaSimulator(smallWorld);
    const key = 'sk-very-secret';
    await ask(simulator, `GET /sessions?token=${key}`, { key });
    await ask(simulator, 'POST /services/mr', { key, body: [{ id: 0, ...rental(1), envs: { OCTA_API_KEY: key } }] });
    await ask(simulator, 'POST /services/mr', { key, body: `{"broken ${key}` });
    expect(JSON.stringify(simulator.requests)).not.toContain('secret');
    expect(simulator.requests[1]?.body).toMatchObject([{ envs: { OCTA_API_KEY: '[key]' } }]);
  });

  test('keep every digit of what was sent', async () => {
    const { simulator, client } = aWorld({ nodes: [{ id: 1 }] });
    await client.nodes.updatePrices(1, { base: 31_428_028_938_060_847_852n });
    expect(simulator.requests[0]?.body).toEqual({ base: 31_428_028_938_060_847_852n });
  });

  test('say what is not of the API', async () => {
    const simulator = new OctaSimulator();
    await ask(simulator, 'GET /nope');
    expect(simulator.requests).toMatchObject([{ operation: undefined, status: 404, processed: false }]);
  });

  test('are not there when they were given up before they were sent', async () => {
    const { simulator, client } = aWorld();
    await failure(client.network.get({ signal: AbortSignal.abort() }), OctaAbortError);
    const init = { signal: AbortSignal.abort(new Error('no')) };
    expect(await rejection(simulator.fetch('https://api.test/network', init))).toMatchObject({ message: 'no' });
    expect(simulator.requests).toEqual([]);
  });
});

describe('fetch', () => {
  test('brings its clock along', () => {
    const simulator = new OctaSimulator();
    expect(simulator.fetch[clockMark]).toBe(simulator.clock);
  });

  test('takes what fetch takes', async () => {
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

  test('gives every answer an id of its own', async () => {
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

  test('takes its latency in virtual time', async () => {
    const simulator = new OctaSimulator({ latencyMs: 250 });
    const { now } = simulator;
    await ask(simulator, 'GET /network');
    expect(simulator.now).toBe(now + 250);
    await Promise.all([ask(simulator, 'GET /network'), ask(simulator, 'GET /network')]);
    expect(simulator.now).toBe(now + 500);
  });
});

test('A client that is told nothing of time runs by that of the simulator.', async () => {
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

test('A reset goes back to the beginning, and leaves nothing of what was.', async () => {
  const { simulator, client } = aWorld(smallWorld);
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
