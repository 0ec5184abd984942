import { describe, expect, test } from 'vitest';
import {
  OctaAbortError,
  OctaClient,
  OctaConfigurationError,
  OctaNetworkError,
  OctaProvisionRejectedError,
  OctaRateLimitError,
  OctaResponseError,
  OctaServiceUnavailableError,
  OctaTimeoutError,
} from '../../../src/index.ts';
import { type Fault, type FaultMatch, OctaSimulator } from '../../../src/testing/index.ts';
import { failure, rejection } from '../../support/failure.ts';
import { aTurn } from '../../support/transport.ts';
import { ask, aWorld, rental, smallWorld } from './ask.ts';

const noRetries = { retries: 0 };

describe('a status', () => {
  test('is returned instead of processing, and the client retries in virtual time', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const fault = simulator.fail('getBalance', { status: 503, headers: { 'retry-after': '30' } });
    const before = simulator.now;
    expect((await client.accounts.balance()).balance).toBe(1_000_000n);
    expect(simulator.now - before).toBeGreaterThanOrEqual(30_000);
    expect([fault.hits, fault.remaining]).toEqual([1, 0]);
    expect(simulator.requests.map(({ status, processed }) => [status, processed])).toEqual([
      [503, false],
      [200, true],
    ]);
  });

  test('has the usual body of the API, or the one of the test', async () => {
    const simulator = new OctaSimulator();
    const answers = [];
    for (const fault of [
      { status: 429 },
      { status: 400 },
      { status: 418 },
      { status: 502, body: '<html>' },
      { status: 200, body: { balance: 31_428_028_938_060_847_852n } },
      { status: 204 },
    ]) {
      simulator.fail('*', fault);
      const { status, text, headers } = await ask(simulator, 'GET /accounts');
      answers.push([status, headers.get('content-type'), text]);
    }
    expect(answers).toEqual([
      [429, 'application/json', '{"error":"Too many requests"}'],
      [400, 'application/json', '{"message":"Bad request"}'],
      [418, 'application/json', '{"error":"HTTP 418"}'],
      [502, 'text/plain', '<html>'],
      [200, 'application/json', '{"balance":31428028938060847852}'],
      [204, null, ''],
    ]);
  });

  test('reaches the caller as the matching error', async () => {
    const { simulator, client } = aWorld(smallWorld);
    simulator.fail('startMr', { status: 503, body: { message: 'INTERNAL_ERROR' } });
    const error = await failure(client.services.mr.start(rental(1)), OctaServiceUnavailableError);
    expect(error.outcome).toBe('unknown');
    simulator.fail('*', { status: 429, headers: { 'Retry-After': '600' } });
    expect((await failure(client.nodes.list(), OctaRateLimitError)).retryAfter).toBe(600);
    expect(simulator.sessions).toEqual([]);
  });
});

describe('a lost connection', () => {
  test('starts nothing before processing, and an unknown session after it', async () => {
    const { simulator, client } = aWorld(smallWorld);
    for (const lost of ['before', 'after'] as const) {
      simulator.fail('startMr', { lost });
      const error = await failure(client.services.mr.start(rental(1)), OctaNetworkError);
      expect([error.outcome, error.phase]).toEqual(['unknown', 'headers']);
    }
    expect(simulator.requests.map(({ processed, outcome, status }) => [processed, outcome, status])).toEqual([
      [false, 'failed', undefined],
      [true, 'failed', undefined],
    ]);
    expect(simulator.running).toHaveLength(1);
  });

  test('has the error of a runtime', async () => {
    const simulator = new OctaSimulator();
    simulator.fail('*', { lost: 'after' });
    const error = await rejection(ask(simulator, 'GET /accounts'));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET', syscall: 'read' } });
  });

  test('halfway through the body leaves the outcome unknown', async () => {
    const { simulator, client } = aWorld(smallWorld);
    simulator.fail('startMr', { cut: true });
    const error = await failure(client.services.mr.start(rental(1)), OctaNetworkError);
    expect([error.outcome, error.phase]).toEqual(['unknown', 'body']);
    expect(simulator.requests[0]).toMatchObject({ status: 200, outcome: 'failed', processed: true });
    expect(simulator.running).toHaveLength(1);
  });
});

describe('a stalled response', () => {
  test.each([
    ['headers', 'headers', undefined],
    ['body', 'body', 200],
  ] as const)('without its %s lets time move to the limit', async (stall, phase, status) => {
    const { simulator, client } = aWorld(smallWorld, { timeoutMs: 30_000 });
    simulator.fail('startMr', { stall });
    const before = simulator.now;
    const error = await failure(client.services.mr.start(rental(1)), OctaTimeoutError);
    expect([error.outcome, error.timeout, error.phase]).toEqual(['unknown', 'timeoutMs', phase]);
    expect(simulator.now - before).toBe(30_000);
    expect(simulator.requests[0]).toMatchObject({ outcome: 'aborted', status, processed: true });
    expect(simulator.running).toHaveLength(1);
  });

  test('does not move time without a limit', async () => {
    const { simulator, client } = aWorld(smallWorld, { timeoutMs: 0, totalTimeoutMs: 0 });
    simulator.fail('listNodes', { stall: 'headers' });
    const controller = new AbortController();
    const call = client.nodes.list({ signal: controller.signal });
    for (let turn = 0; turn < 20; turn++) await aTurn();
    const { now } = simulator;
    controller.abort(new Error('enough'));
    await failure(call, OctaAbortError);
    expect(simulator.now).toBe(now);
    expect(simulator.requests[0]?.outcome).toBe('aborted');
  });

  test('does not move time once its body is cancelled', async () => {
    const simulator = new OctaSimulator(smallWorld);
    simulator.fail('*', { stall: 'body' });
    const response = await simulator.fetch('https://api.test/network', {});
    await response.body?.cancel();
    simulator.clock.setTimer(() => undefined, 1000, 'limit');
    const { now } = simulator;
    for (let turn = 0; turn < 20; turn++) await aTurn();
    expect(simulator.now).toBe(now);
    expect(simulator.requests[0]).toMatchObject({ outcome: 'aborted', status: 200 });
  });

  test('does not move time if the signal aborts before the rest of the body is read', async () => {
    const simulator = new OctaSimulator(smallWorld);
    simulator.fail('*', { stall: 'body' });
    const controller = new AbortController();
    const response = await simulator.fetch('https://api.test/network', { signal: controller.signal });
    controller.abort(new Error('enough'));
    expect(await rejection(response.text())).toMatchObject({ message: 'enough' });
    expect(simulator.requests[0]).toMatchObject({ outcome: 'aborted', status: 200 });
    simulator.clock.setTimer(() => undefined, 1000, 'limit');
    const { now } = simulator;
    for (let turn = 0; turn < 20; turn++) await aTurn();
    expect(simulator.now).toBe(now);
  });

  test('does not delay other requests', async () => {
    const { simulator, client } = aWorld({ ...smallWorld, latencyMs: 20 }, { timeoutMs: 30_000, retries: 0 });
    simulator.fail('listNodes', { stall: 'body' });
    const stalled = client.nodes.list();
    const failed = failure(stalled, OctaTimeoutError);
    expect((await client.accounts.balance()).balance).toBe(1_000_000n);
    await failed;
  });
});

describe('a delay', () => {
  test('lets a start take effect long after the client gave up', async () => {
    const { simulator, client } = aWorld(smallWorld, { timeoutMs: 5000 });
    const before = simulator.now;
    simulator.fail('startMr', { delayMs: 60_000 });
    const error = await failure(client.services.mr.start(rental(1)), OctaTimeoutError);
    expect([error.outcome, simulator.now - before]).toEqual(['unknown', 5000]);
    expect(simulator.running).toEqual([]);
    await simulator.advance(54_999);
    expect(simulator.running).toEqual([]);
    await simulator.advance(1);
    expect(simulator.sessions).toMatchObject([{ startedAt: before + 60_000, state: 'starting' }]);
    expect(simulator.requests[0]).toMatchObject({ outcome: 'aborted', processed: true, status: undefined });
  });

  test('can be combined with every other fault', async () => {
    const { simulator, client } = aWorld(smallWorld, noRetries);
    const before = simulator.now;
    simulator.fail('getBalance', { lost: 'before', delayMs: 700 });
    simulator.fail('getBalance', { status: 503, delayMs: 300 });
    await failure(client.accounts.balance(), OctaNetworkError);
    await failure(client.accounts.balance(), OctaServiceUnavailableError);
    expect(simulator.now - before).toBe(1000);
  });
});

test('Half of the JSON with a clean end is a broken response to a request that took effect.', async () => {
  const { simulator, client } = aWorld(smallWorld);
  simulator.fail('startMr', { invalidJson: true });
  const error = await failure(client.services.mr.start(rental(1)), OctaResponseError);
  expect([error.outcome, error.truncated]).toEqual(['unknown', true]);
  expect(simulator.running).toHaveLength(1);
  expect(simulator.requests[0]?.outcome).toBe('answered');
});

test.each([['mr'], ['render'], ['vpn']] as const)('A start of %s is refused with HTTP status 200.', async (service) => {
  const { simulator, client } = aWorld(smallWorld);
  simulator.fail('*', { refuse: 'Out of stock' });
  // The fault does not apply to requests that start nothing.
  await client.accounts.get();
  const starts = {
    mr: () => client.services.mr.start(rental(1)),
    render: () => client.services.render.start({ node_id: 3, disk_size: 10 }),
    vpn: () => client.services.vpn.start({ node_id: 4 }),
  };
  const error = await failure(starts[service](), OctaProvisionRejectedError);
  expect(error.rejections).toEqual([{ id: 0, reason: 'Out of stock', status: 1 }]);
  expect(simulator.sessions).toEqual([]);
});

describe('which requests a fault applies to', () => {
  test('The first matching fault applies, each as often as it was ordered.', async () => {
    const simulator = new OctaSimulator();
    const first = simulator.fail(['getAccount', 'getBalance'], { status: 500 }, 2);
    const second = simulator.fail('*', { status: 404 }, Number.POSITIVE_INFINITY);
    const statuses = [];
    for (const path of ['/accounts', '/apps', '/accounts/balance', '/accounts', '/nowhere']) {
      statuses.push((await ask(simulator, `GET ${path}`)).status);
    }
    expect(statuses).toEqual([500, 404, 500, 404, 404]);
    expect([first.remaining, first.hits, second.remaining, second.hits]).toEqual([0, 2, Number.POSITIVE_INFINITY, 3]);
    second.remove();
    expect((await ask(simulator, 'GET /accounts')).status).toBe(200);
    expect(second.remaining).toBe(0);
  });

  test('A function selects them by operation, method, path, body and number.', async () => {
    const simulator = new OctaSimulator(smallWorld);
    const seen: unknown[] = [];
    simulator.fail(
      (request) => {
        seen.push(request);
        return request.operation === 'getAccount' && request.nth === 2;
      },
      { status: 500 },
    );
    const lines = ['GET /accounts?a=1', 'GET /apps', 'GET /accounts', 'GET /accounts'];
    const statuses = [];
    for (const line of lines) statuses.push((await ask(simulator, line)).status);
    expect(statuses).toEqual([200, 200, 500, 200]);
    expect(seen[0]).toEqual({
      operation: 'getAccount',
      method: 'GET',
      url: 'https://api.octa.computer/accounts?a=1',
      path: '/accounts?a=1',
      headers: {},
      body: undefined,
      nth: 1,
    });
  });

  test('If the function throws, the request fails.', async () => {
    const simulator = new OctaSimulator();
    simulator.fail(
      () => {
        throw new Error('wrong test');
      },
      { status: 500 },
    );
    await expect(ask(simulator, 'GET /accounts')).rejects.toThrow('wrong test');
    expect(simulator.requests).toMatchObject([{ operation: 'getAccount', outcome: 'failed', processed: false }]);
  });
});

test('The same faults and retries give the same times, charges and requests each time.', async () => {
  const story = async (simulator: OctaSimulator) => {
    const baseUrls = ['https://a.test', 'https://b.test'];
    const client = new OctaClient({ apiKey: 'any', baseUrls, fetch: simulator.fetch, logLevel: 'silent' });
    simulator.fail('getNetwork', { status: 503 }, 2);
    await client.network.get();
    simulator.fail('getSessionInfo', { lost: 'after' }, 3);
    const session = await client.services.mr.rent(rental(1));
    await session.stop();
    await client.close();
    const { spent, requests } = simulator;
    return [simulator.clock.now(), spent, requests];
  };
  const simulator = new OctaSimulator(smallWorld);
  const first = await story(simulator);
  expect(await story(new OctaSimulator(smallWorld))).toEqual(first);
  const begun = simulator.clock.now();
  simulator.reset();
  const [end, ...rest] = await story(simulator);
  expect([Number(end) - begun, ...rest]).toEqual(first);
});

describe('a wrong fault throws an error with its name', () => {
  const right: Fault = { status: 500 };
  test.each<[match: unknown, fault: unknown, times: unknown, message: RegExp | string]>([
    ['getNothing', right, 1, /^unknown operation "getNothing"; known: getAccount, .+, \*$/],
    ['getSessionInf', right, 1, 'unknown operation "getSessionInf"; did you mean getSessionInfo?'],
    ['*', { stall_: 'body' }, 1, 'unknown option "stall_" for fault; did you mean stall?'],
    [[], right, 1, /^match is an array; allowed: one of getAccount/],
    ['*', {}, 1, /^fault does not say what goes wrong; set one of status, lost/],
    ['*', { body: 'x' }, 1, /^fault does not say what goes wrong/],
    ['getAccount', { refuse: 'x' }, 1, /^match is "getAccount"; allowed: one of "startMr", "startRender", "startVpn"$/],
    [['startMr', 'getAccount'], { refuse: 'x' }, 1, /^match is "getAccount"/],
    ['*', { status: 500, cut: true }, 1, /^fault is "status, cut"/],
    ['*', { status: 99 }, 1, /^fault\.status is 99; allowed: an HTTP status, from 200 to 599$/],
    ['*', { lost: 'sometimes' }, 1, /^fault\.lost is "sometimes"; allowed: one of "before", "after"$/],
    ['*', { cut: true, body: '' }, 1, /^fault\.body is ""; allowed: only with status$/],
    ['*', { explode: true }, 1, /^unknown option "explode" for fault; known: status, /],
    ['*', { delayMs: -1 }, 1, /^fault\.delayMs is -1; allowed: a number of milliseconds/],
    [
      '*',
      { status: 500, headers: { 'a b': 'c' } },
      1,
      /^fault\.headers is an object; allowed: an object of header names and string values; "a b" is "c"$/,
    ],
    ['*', { status: 500, headers: { b: 'c', a: 5 } }, 1, /; "a" is 5$/],
    [
      '*',
      { status: 500, headers: 'a: 5' },
      1,
      /^fault\.headers is "a: 5"; allowed: an object of header names and string values$/,
    ],
    ['*', null, 1, /^fault is null; allowed: an object$/],
    ['*', right, 0, /^times is 0; allowed: a whole number, 1 or more, or Infinity$/],
  ])('%j %j %j', async (match, fault, times, message) => {
    const simulator = new OctaSimulator();
    // Values that a caller without types may pass.
    const order = async () => simulator.fail(match as FaultMatch, fault as Fault, times as number);
    expect((await failure(order(), OctaConfigurationError)).message).toMatch(message);
  });
});
