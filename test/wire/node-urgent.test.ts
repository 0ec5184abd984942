/** Urgent requests, and the wait for a connection. */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { OctaConnectionError, OctaTimeoutError } from '../../src/index.ts';
import { type NodeFetch, nodeFetch } from '../../src/node/index.ts';
import { clientFor } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { httpAnswer, serveRaw } from '../support/raw-server.ts';
import { until } from '../support/until.ts';

const uuid = '5dd2d308-0000-4000-8000-000000000000';
const balance = httpAnswer('{"balance":1}');

/** A server that answers everything about sessions at once, and other reads when it is told to. */
async function slowForOthers() {
  const waiting: Socket[] = [];
  const ended = httpAnswer(`[{"uuid":"${uuid}","finished_at":1764434117}]`);
  const server = await serveRaw(({ socket, head }) => {
    if (head.startsWith('GET /accounts')) waiting.push(socket);
    else socket.write(head.includes('recent=true') ? ended : httpAnswer('{}'));
  });
  return { server, answer: () => void waiting.shift()?.write(balance) };
}

/** Reads that fill a transport, and one more that waits. */
async function fill(server: { readonly url: string }, fetch: NodeFetch, count: number): Promise<AsyncDisposable> {
  const client = clientFor(server, { fetch, timeoutMs: 0, totalTimeoutMs: 0 });
  const controller = new AbortController();
  const { signal } = controller;
  const reads = Array.from({ length: count + 1 }, () => client.accounts.balance({ signal }).catch(() => undefined));
  await until(() => fetch.stats().origins[0]?.waiting === 1);
  return {
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await Promise.all(reads);
    },
  };
}

describe('When other calls use every connection,', () => {
  test('a stop is sent immediately.', async () => {
    const { server } = await slowForOthers();
    await using _ = server;
    await using fetch = nodeFetch({ maxConnections: 3 });
    await using __ = await fill(server, fetch, 3);
    const stopped = await clientFor(server, { fetch }).services.session(uuid).stop({ timeoutMs: 5_000, retries: 0 });
    expect(stopped).toEqual({ confirmed: false, alreadyStopped: false });
    expect(fetch.stats().origins[0]?.waiting).toBe(1);
  });

  test('the end of a scope stops its session, and proves it.', async () => {
    const { server } = await slowForOthers();
    await using _ = server;
    await using fetch = nodeFetch({ maxConnections: 2 });
    await using __ = await fill(server, fetch, 2);
    {
      await using session = clientFor(server, { fetch }).services.session(uuid);
      expect(session.uuid).toBe(uuid);
    }
    expect(server.received.filter((line) => line.includes('/stop'))).toHaveLength(1);
  });

  test('many stops share two additional connections.', async () => {
    const { server } = await slowForOthers();
    await using _ = server;
    await using fetch = nodeFetch({ maxConnections: 1 });
    await using __ = await fill(server, fetch, 1);
    const client = clientFor(server, { fetch });
    await Promise.all(Array.from({ length: 20 }, () => client.services.session(uuid).stop()));
    expect(server.connections()).toBe(3);
  });
});

describe('The wait for a connection', () => {
  test('does not count towards timeoutMs.', async () => {
    await using server = await serveRaw(({ socket }) => setTimeout(() => socket.write(balance), 20));
    await using fetch = nodeFetch({ maxConnections: 1 });
    const client = clientFor(server, { fetch, timeoutMs: 400, retries: 0 });
    const calls = Array.from({ length: 40 }, () => client.accounts.balance());
    await Promise.all(calls);
    expect([server.received.length, server.connections()]).toEqual([40, 1]);
  });

  test('counts towards totalTimeoutMs.', async () => {
    const { server } = await slowForOthers();
    await using _ = server;
    await using fetch = nodeFetch({ maxConnections: 1 });
    await using __ = await fill(server, fetch, 1);
    const client = clientFor(server, { fetch, timeoutMs: 20, totalTimeoutMs: 50 });
    const error = await failure(client.accounts.balance(), OctaTimeoutError);
    expect(error.timeout).toBe('totalTimeoutMs');
  });

  test('ends with the connection; then timeoutMs starts.', async () => {
    const { server, answer } = await slowForOthers();
    await using _ = server;
    await using fetch = nodeFetch({ maxConnections: 1 });
    const client = clientFor(server, { fetch, timeoutMs: 0 });
    const first = client.accounts.balance();
    await until(() => server.received.length === 1);
    const second = failure(client.accounts.balance({ timeoutMs: 50, retries: 0 }), OctaTimeoutError);
    await until(() => fetch.stats().origins[0]?.waiting === 1);
    answer();
    await first;
    expect((await second).timeout).toBe('timeoutMs');
    expect(server.received).toHaveLength(2);
  });

  test('does not use the retry budget if it fails.', async () => {
    const { server } = await slowForOthers();
    await using _ = server;
    await using fetch = nodeFetch({ maxConnections: 1, poolTimeoutMs: 5 });
    const hanging = new AbortController();
    const busy = fetch(`${server.url}/accounts`, { signal: hanging.signal }).catch(() => undefined);
    await until(() => server.received.length === 1);
    const client = clientFor(server, { fetch, retries: 5 });
    for (let call = 0; call < 5; call++) {
      const error = await failure(client.accounts.balance(), OctaConnectionError);
      expect(error.attempts).toHaveLength(6);
    }
    const { retryBudget } = client.transportStats();
    expect(retryBudget.tokens).toBe(retryBudget.capacity);
    hanging.abort();
    await busy;
  });
});

describe('If an idle connection is dead,', () => {
  /** A server that answers each connection's first request, and is silent from then on. */
  const answersOnce = () => {
    const known = new WeakSet<Socket>();
    return serveRaw(({ socket, head }) => {
      const isFirst = !known.has(socket);
      known.add(socket);
      if (isFirst) socket.write(head.startsWith('GET') ? balance : httpAnswer('{}'));
    });
  };

  test.each([
    ['after a time-out of the call', {}, { timeoutMs: 60 }],
    ['after silence', { readTimeoutMs: 60 }, {}],
  ])('the next attempt uses a new one: %s.', async (_, options, limits) => {
    await using server = await answersOnce();
    await using fetch = nodeFetch(options);
    const client = clientFor(server, { fetch });
    await Promise.all(Array.from({ length: 3 }, () => client.accounts.balance()));
    expect(fetch.stats().origins[0]?.idle).toBe(3);
    await client.services.session(uuid).stop({ ...limits, retries: 1 });
    expect([server.received.length, server.connections()]).toEqual([5, 4]);
  });

  test('those that were idle meanwhile are closed, and those used since then are kept.', async () => {
    await using server = await answersOnce();
    await using fetch = nodeFetch();
    const client = clientFor(server, { fetch });
    await Promise.all(Array.from({ length: 3 }, () => client.accounts.balance()));
    await client.accounts.balance({ timeoutMs: 60 });
    expect(fetch.stats().origins[0]).toMatchObject({ idle: 1, connections: 1 });
  });
});
