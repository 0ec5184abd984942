/** Several hosts: which one gets a request, and how long a failed one rests. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Rotation } from '../../src/transport/rotation.ts';
import { order } from '../support/calls.ts';
import {
  apart,
  callTable,
  cellsOf,
  type Effect,
  fails,
  faultClient,
  ok,
  onceOnlyEffects,
  settle,
} from '../support/fault-cells.ts';
import { deadUrl, faults, onRequest, status } from '../support/fault-list.ts';
import { serveFaults } from '../support/fault-server.ts';
import { transports } from '../support/fault-transports.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Rotation over two hosts, with a clock that moves only by hand. */
function rotationByHand(): { readonly rotation: Rotation; readonly pass: (ms: number) => void } {
  let now = 0;
  const baseUrls = ['http://a.test', 'http://b.test'];
  const rotation = new Rotation({ baseUrls, cooldownMs: 30_000, now: () => now, random: () => 0.5 });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { rotation, pass };
}

/** A fault that waits for a number of requests, and then resets all of them. */
function diesAt(count: number) {
  const waiting: (() => void)[] = [];
  return onRequest(`dies at request ${count}`, ({ socket }) => {
    waiting.push(() => socket.resetAndDestroy());
    if (waiting.length >= count) for (const reset of waiting.splice(0)) reset();
    // Later requests find it dead.
    count = waiting.length === 0 ? 1 : count;
  });
}

describe('A host that dies under a hundred calls', () => {
  const count = 100;

  test.each(callTable)('row 74: gets no more of %s than the retry budget allows.', async (_, send, effect) => {
    await using server = await serveFaults(diesAt(count));
    const client = faultClient([server]);
    const settled = await Promise.all(Array.from({ length: count }, () => settle(send(client))));
    const again = onceOnlyEffects.includes(effect) ? 0 : 10;
    expect(server.received).toHaveLength(count + again);
    expect(new Set(settled.map(({ ends }) => ends))).toEqual(new Set(['OctaNetworkError']));
    const last = onceOnlyEffects.includes(effect) ? undefined : 'budget';
    expect(new Set(settled.map(({ stoppedBy }) => stoppedBy))).toEqual(new Set([last]));
  });

  test('row 74: rests once.', () => {
    const { rotation, pass } = rotationByHand();
    const routes = Array.from({ length: count }, () => rotation.pick([], ['http://b.test']));
    for (const route of routes) {
      pass(100);
      rotation.settle(route, 'down');
    }
    expect(rotation.stats()[0]).toMatchObject({ state: 'resting', restsForMs: 20_100, failures: count });
  });
});

describe('When every host rests', () => {
  test.each(callTable)('row 75: %s goes to the one that failed first.', async (_, send) => {
    await using first = await serveFaults(faults.reset_before_headers, faults.ok);
    await using second = await serveFaults(faults.reset_before_headers);
    const client = faultClient([first, second]);
    for (let call = 0; call < 2; call++) await settle(client.accounts.balance({ retries: 0 }));
    expect(client.transportStats().baseUrls.map(({ state }) => state)).toEqual(['resting', 'resting']);
    expect(await settle(send(client))).toMatchObject({ ends: 'ok', attempts: 1 });
    expect([first.received.length, second.received.length]).toEqual([2, 1]);
    expect(client.transportStats().baseUrls.map(({ state }) => state)).toEqual(['healthy', 'resting']);
  });

  test.each(callTable)('%s to hosts that all refuse the connection fails as never sent.', async (_, send) => {
    const client = faultClient([{ url: deadUrl() }, { url: deadUrl() }]);
    for (let call = 0; call < 2; call++) {
      const { error: _error, ...cell } = await settle(send(client));
      expect({ ...cell, seen: 0 }).toEqual(fails('OctaConnectionError', 'not-sent', 3, 0));
    }
  });
});

describe.each([
  ['forward', 3_600_000],
  ['back', -3_600_000],
])('When the wall clock jumps %s by an hour', (_, jumpMs) => {
  test.each(callTable)('row 76: a rest keeps its length, and %s goes to the other host.', async (__, send) => {
    await using resting = await serveFaults(faults.reset_before_headers);
    await using live = await serveFaults(faults.ok);
    const client = faultClient([resting, live]);
    await client.accounts.balance();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jumpMs });
    for (let call = 0; call < 3; call++) expect((await settle(send(client))).ends).toBe('ok');
    expect([resting.received.length, live.received.length]).toEqual([1, 4]);
    const restsForMs = client.transportStats().baseUrls[0]?.restsForMs ?? 0;
    expect(restsForMs).toBeGreaterThan(20_000);
    expect(restsForMs).toBeLessThanOrEqual(33_000);
  });
});

describe('When the machine is suspended for ten minutes within a call', () => {
  const sleepMs = 600_000;

  /** A fault that lets ten minutes pass, and then breaks the connection. */
  function sleeps() {
    const awake = performance.now.bind(performance);
    let sleptMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => awake() + sleptMs);
    return onRequest('sleep', ({ socket }) => {
      sleptMs = sleepMs;
      socket.resetAndDestroy();
    });
  }

  test.each(callTable)('row 77: %s is lost as usual.', async (_, send, effect) => {
    await using server = await serveFaults(sleeps(), faults.ok);
    const client = faultClient([server], { totalTimeoutMs: 0 });
    const { error: _error, ...cell } = await settle(send(client));
    const row = { cells: apart(ok(2), fails('OctaNetworkError', 'unknown', 1)) };
    expect([{ ...cell, seen: server.received.length }]).toEqual(cellsOf(row, effect));
  });

  test('row 77: a read has no time left for another attempt if the call has a total limit.', async () => {
    await using server = await serveFaults(sleeps(), faults.ok);
    const { error: _error, ...cell } = await settle(faultClient([server]).accounts.balance());
    const lost = fails('OctaNetworkError', 'unknown', 1);
    expect({ ...cell, seen: server.received.length }).toEqual({ ...lost, stoppedBy: 'totalTimeoutMs' });
  });

  test('row 77: the rest of a pause is 0, and not negative.', () => {
    const { rotation, pass } = rotationByHand();
    rotation.settle(rotation.pick([], []), 'down');
    pass(sleepMs);
    expect(rotation.stats()[0]).toMatchObject({ state: 'resting', restsForMs: 0 });
    expect(rotation.pick([], ['http://b.test']).baseUrl).toBe('http://a.test');
    expect(rotation.stats()[0]).toMatchObject({ state: 'probing', restsForMs: 0 });
  });
});

describe.each(transports)('Twenty reads over a dead host and a live one, with %s,', (_, makeFetch) => {
  test('one after the other succeed, and the dead one gets one request.', async () => {
    await using live = await serveFaults(faults.ok);
    await using client = faultClient([{ url: deadUrl() }, live], { fetch: makeFetch() });
    for (let call = 0; call < 20; call++) await client.accounts.balance();
    expect(client.transportStats().baseUrls.map(({ attempts }) => attempts)).toEqual([1, 20]);
    expect(live.received).toHaveLength(20);
  });

  test('all at once succeed, and the dead one gets at most one request of each.', async () => {
    await using live = await serveFaults(faults.ok);
    await using client = faultClient([{ url: deadUrl() }, live], { fetch: makeFetch() });
    await Promise.all(Array.from({ length: 20 }, () => client.accounts.balance()));
    expect(client.transportStats().baseUrls.map(({ attempts }) => attempts)).toEqual([10, 20]);
    expect(client.transportStats().retryBudget.tokens).toBeGreaterThanOrEqual(100);
  });

  test('succeed if the dead one accepts connections and closes them.', async () => {
    await using dead = await serveFaults(faults.accept_fin);
    await using live = await serveFaults(faults.ok);
    await using client = faultClient([dead, live], { fetch: makeFetch() });
    for (let call = 0; call < 20; call++) await client.accounts.balance();
    expect(live.received).toHaveLength(20);
    expect(client.transportStats().baseUrls.map(({ attempts }) => attempts)).toEqual([1, 20]);
  });

  test('a start happens once if the other host refuses the connection.', async () => {
    await using live = await serveFaults(faults.ok);
    await using client = faultClient([{ url: deadUrl() }, live], { fetch: makeFetch() });
    const start = await settle(client.services.mr.start(order));
    expect(start).toMatchObject({ ends: 'ok', attempts: 2 });
    expect(live.received).toEqual(['POST /services/mr']);
  });

  test('a start that may have arrived at one host reaches no other.', async () => {
    await using dying = await serveFaults(faults.reset_before_headers);
    await using live = await serveFaults(faults.ok);
    await using client = faultClient([dying, live], { fetch: makeFetch() });
    const start = await settle(client.services.mr.start(order));
    expect(start).toMatchObject({ ends: 'OctaNetworkError', outcome: 'unknown', attempts: 1 });
    expect([dying.received.length, live.connections()]).toEqual([1, 0]);
  });
});

describe('A host that failed', () => {
  const cooldownMs = 400;
  /** The state of the first host after a failure, when its rest is over. */
  const afterRest = async (next: Parameters<typeof serveFaults>[1]) => {
    await using first = await serveFaults(status(503), next ?? faults.ok, faults.ok);
    await using second = await serveFaults(faults.ok);
    const client = faultClient([first, second], { cooldownMs });
    const host = () => client.transportStats().baseUrls[0];
    for (let call = 0; call < 5; call++) await client.accounts.balance();
    expect([first.received.length, second.received.length]).toEqual([1, 5]);
    await vi.waitUntil(() => host()?.restsForMs === 0);
    for (let call = 0; call < 4; call++) await client.accounts.balance();
    return { state: host()?.state, seen: first.received.length };
  };

  test('gets no requests while it rests, and takes its turn again when it responds after that.', async () => {
    expect(await afterRest(faults.ok)).toEqual({ state: 'healthy', seen: 3 });
  });

  test('rests again if it fails the first attempt after its rest.', async () => {
    expect(await afterRest(status(503))).toEqual({ state: 'resting', seen: 2 });
  });

  test.each<[string, Effect]>(callTable.map(([name, , effect]) => [name, effect]))(
    'gets no request of %s that could go to another host.',
    async (_, effect) => {
      await using first = await serveFaults(status(502));
      await using second = await serveFaults(faults.ok);
      const client = faultClient([first, second]);
      await client.accounts.balance();
      const send = callTable.find(([, , each]) => each === effect)?.[1];
      for (let call = 0; call < 3; call++) await send?.(client);
      expect([first.received.length, second.received.length]).toEqual([1, 4]);
    },
  );
});

test.each([429, 404, 500])('A host that returns %d does not rest.', async (code) => {
  await using first = await serveFaults(status(code));
  await using second = await serveFaults(faults.ok);
  const client = faultClient([first, second]);
  await settle(client.accounts.balance({ retries: 0 }));
  expect(client.transportStats().baseUrls[0]).toMatchObject({ state: 'healthy', failures: 0 });
});

test('A wait that a 429 asks for also applies at another host, because it concerns the caller.', async () => {
  await using first = await serveFaults(status(429, { 'retry-after': '1' }));
  await using second = await serveFaults(faults.ok);
  const onRetry = vi.fn();
  await faultClient([first, second], { onRetry }).accounts.balance();
  expect(onRetry.mock.calls.map(([{ nextUrl }]) => nextUrl)).toEqual([`${second.url}/accounts/balance`]);
  expect(onRetry.mock.calls[0]?.[0].delayMs).toBeGreaterThanOrEqual(1_000);
});

test('A wait that a 503 asks for applies to its host only, and the other one gets a request at once.', async () => {
  await using first = await serveFaults(status(503, { 'retry-after': '1' }));
  await using second = await serveFaults(faults.ok);
  const onRetry = vi.fn();
  await faultClient([first, second], { onRetry }).accounts.balance();
  expect(onRetry.mock.calls.map(([{ delayMs }]) => delayMs)).toEqual([0]);
});
