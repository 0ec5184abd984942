/** The client with `nodeFetch()` for its transport. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  OctaConfigurationError,
  OctaConnectionError,
  OctaNetworkError,
  OctaNotFoundError,
  OctaTimeoutError,
} from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';
import { clientFor, everyCall, goodAnswer, onceOnly, repeatable, testKey } from '../support/calls.ts';
import { failure, rejection } from '../support/failure.ts';
import { freePort, httpAnswer, serveRaw } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';

test.each(everyCall)('%s succeeds.', async (_, send) => {
  await using server = await serve((__, response) => json(response, goodAnswer));
  await using fetch = nodeFetch();
  await send(clientFor(server, { fetch }));
  expect(server.received).toHaveLength(1);
});

test('Amounts are exact, compressed or not, as data, as text and as a stream.', async () => {
  const text = '{"balance":31428028938060847852}';
  await using server = await serve((_, response) => {
    const packed = server.received.length % 2 === 0;
    if (packed) response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
    else json(response, text);
  });
  await using fetch = nodeFetch();
  const client = clientFor(server, { fetch });
  for (let call = 0; call < 2; call++) {
    expect(await client.accounts.balance()).toMatchObject({ balance: 31428028938060847852n });
    expect(await (await client.accounts.balance().asResponse()).text()).toBe(text);
    const { data, response } = await client.accounts.balance().withResponse();
    expect([data.balance, response.status]).toEqual([31428028938060847852n, 200]);
  }
});

describe('An idle connection that the server closes during the next request', () => {
  const dropsSecond = () => {
    const carried = new WeakMap<object, number>();
    return serveRaw(({ socket }) => {
      const count = (carried.get(socket) ?? 0) + 1;
      carried.set(socket, count);
      if (count === 2) socket.destroy();
      else socket.write(httpAnswer(goodAnswer));
    });
  };

  test.each(repeatable)('does not cost %s an attempt.', async (_, send) => {
    await using server = await dropsSecond();
    await using fetch = nodeFetch();
    const client = clientFor(server, { fetch, retries: 0 });
    await client.accounts.balance();
    await send(client);
    expect(server.received).toHaveLength(3);
  });

  test.each(onceOnly)('is not used for %s.', async (_, send) => {
    await using server = await dropsSecond();
    await using fetch = nodeFetch();
    const client = clientFor(server, { fetch });
    await client.accounts.balance();
    await send(client);
    expect([server.received.length, server.connections()]).toEqual([2, 2]);
  });
});

describe('A request that was never sent is known as such, and is retried:', () => {
  test.each(everyCall)('%s when no server listens.', async (_, send) => {
    await using fetch = nodeFetch();
    const client = clientFor({ url: `http://127.0.0.1:${await freePort()}` }, { fetch });
    const error = await failure(send(client), OctaConnectionError);
    expect(error).toMatchObject({ outcome: 'not-sent', attempts: { length: 3 }, cause: { code: 'ECONNREFUSED' } });
  });

  // A stop has connections of its own.
  const others = everyCall.filter(([name]) => name !== 'A stop');
  test.each(others)('%s when no connection is free.', async (_, send) => {
    await using server = await serveRaw(({ socket, head }) => {
      if (!head.startsWith('GET /hanging')) socket.write(httpAnswer(goodAnswer));
    });
    await using fetch = nodeFetch({ maxConnections: 1, poolTimeoutMs: 5 });
    const controller = new AbortController();
    const hanging = rejection(fetch(`${server.url}/hanging`, { signal: controller.signal }));
    const client = clientFor(server, { fetch, retries: 1 });
    const error = await rejection(send(client));
    controller.abort('enough');
    expect(await hanging).toBe('enough');
    expect(error).toBeInstanceOf(OctaConnectionError);
    expect(error).toMatchObject({ outcome: 'not-sent', attempts: { length: 2 }, cause: { code: 'OCTA_POOL_TIMEOUT' } });
    await send(client);
  });
});

test.each(onceOnly)('%s that was sent without a response is not retried.', async (_, send) => {
  await using server = await serveRaw(({ socket }) => socket.resetAndDestroy());
  await using fetch = nodeFetch();
  const error = await failure(send(clientFor(server, { fetch })), OctaNetworkError);
  expect(error).toMatchObject({ outcome: 'unknown', attempts: { length: 1 } });
  expect(server.received).toHaveLength(1);
});

test('A server that sends nothing causes a timeout.', async () => {
  await using server = await serveRaw(() => undefined);
  await using fetch = nodeFetch({ readTimeoutMs: 20 });
  const error = await failure(clientFor(server, { fetch, retries: 0 }).accounts.balance(), OctaTimeoutError);
  expect(error).toMatchObject({ timeout: 'runtime', outcome: 'unknown', cause: { code: 'UND_ERR_HEADERS_TIMEOUT' } });
});

test('The attempt ends in time, with its connection.', async () => {
  await using server = await serveRaw(() => undefined);
  await using fetch = nodeFetch();
  const client = clientFor(server, { fetch, retries: 0, timeoutMs: 20 });
  const error = await failure(client.accounts.balance(), OctaTimeoutError);
  expect([error.timeout, fetch.stats().origins]).toEqual(['timeoutMs', []]);
});

test('A closed transport is a configuration error without retries.', async () => {
  const fetch = nodeFetch();
  await fetch.close();
  const error = await failure(
    clientFor({ url: 'http://api.test' }, { fetch }).accounts.balance(),
    OctaConfigurationError,
  );
  expect(error).toMatchObject({
    message: expect.stringContaining('this nodeFetch() is closed; create a new one'),
    outcome: 'not-sent',
  });
});

test('No error shows the API key.', async () => {
  await using server = await serveRaw(({ socket }) => socket.resetAndDestroy());
  await using fetch = nodeFetch();
  const { inspect } = await import('node:util');
  for (const [, send] of everyCall) {
    const error = await failure(send(clientFor(server, { fetch, retries: 0 })), OctaNetworkError);
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain(testKey);
  }
});

test('Many concurrent calls share a few connections.', async () => {
  await using server = await serveRaw(({ socket }) => socket.write(httpAnswer(goodAnswer)));
  await using fetch = nodeFetch({ maxConnections: 5 });
  const client = clientFor(server, { fetch });
  const calls = Array.from({ length: 300 }, () => client.accounts.balance());
  expect(new Set((await Promise.all(calls)).map(({ balance }) => balance))).toEqual(new Set([1n]));
  expect([server.received.length, server.connections()]).toEqual([300, 5]);
  expect(fetch.stats()).toMatchObject({
    origins: [{ connections: 5, busy: 0, idle: 5, waiting: 0 }],
    totals: { requests: 300, connectionsOpened: 5, resent: 0 },
  });
});

describe('An idle connection that dies during a stop that had succeeded', () => {
  /** Answers a first request, carries a stop out but resets its connection, and knows no session afterwards. */
  const forgetful = () => {
    let stopped = false;
    return serveRaw(({ socket, head, nth }) => {
      if (nth === 1) return void socket.write(httpAnswer('{"balance":1}'));
      if (stopped) return void socket.write(httpAnswer('{}', 'HTTP/1.1 404 Not Found'));
      stopped = head.startsWith('POST /services/u-1/stop');
      socket.resetAndDestroy();
    });
  };

  test.each([0, 2])('does not make the stop fail with 404, with retries %d.', async (retries) => {
    await using server = await forgetful();
    await using client = clientFor(server, { fetch: nodeFetch(), retries });
    await client.accounts.balance();
    expect(await client.services.session('u-1').stop()).toEqual({ confirmed: false, alreadyStopped: true });
    expect(server.received).toHaveLength(3);
  });

  test('adds an attempt to the call, and makes its outcome unknown if it fails.', async () => {
    await using server = await serveRaw(({ socket, nth }) => {
      if (nth === 1) socket.write(httpAnswer('{"balance":1}'));
      else if (nth === 2) socket.resetAndDestroy();
      else socket.write(httpAnswer('{}', 'HTTP/1.1 404 Not Found'));
    });
    await using client = clientFor(server, { fetch: nodeFetch(), retries: 0 });
    await client.accounts.balance();
    const error = await failure(client.nodes.get(7), OctaNotFoundError);
    const attempts = [{ error: 'OctaNetworkError', outcome: 'unknown' }, { outcome: 'rejected' }];
    expect(error).toMatchObject({ outcome: 'unknown', attempts });
  });
});
