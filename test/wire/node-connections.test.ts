/** Which connection of `nodeFetch()` a request uses, and how often it is sent. */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { nodeFetch } from '../../src/node/index.ts';
import { rejection } from '../support/failure.ts';
import { httpAnswer, type RawServer, serveRaw, serveSockets } from '../support/raw-server.ts';
import { until } from '../support/until.ts';

const repeatable = { repeatable: true };
const once = { repeatable: false };
const ok = httpAnswer('{}');

/** A server that responds on command, in the order of the requests. */
async function patientServer(): Promise<RawServer & { answer(): void; readonly waiting: Socket[] }> {
  const waiting: Socket[] = [];
  const server = await serveRaw(({ socket }) => waiting.push(socket));
  const answer = () => void waiting.shift()?.write(ok);
  return { ...server, answer, waiting, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Answers the first request, and does `act` to the second; the third is answered again. */
const dropsSecond = (act: (socket: Socket) => void) =>
  serveRaw(({ socket, nth }) => {
    if (nth === 2) act(socket);
    else socket.write(ok);
  });

describe('A connection is kept', () => {
  test('for the next request that may be repeated.', async () => {
    await using server = await serveRaw(({ socket }) => socket.write(ok));
    await using send = nodeFetch();
    for (let request = 0; request < 5; request++) await (await send(server.url, {}, repeatable)).text();
    expect([server.received.length, server.connections()]).toEqual([5, 1]);
    const { port } = server;
    expect(send.stats()).toEqual({
      origins: [{ origin: `http://127.0.0.1:${port}`, connections: 1, busy: 0, idle: 1, waiting: 0 }],
      totals: { requests: 5, connectionsOpened: 1, resent: 0 },
    });
  });

  test('per origin.', async () => {
    await using one = await serveRaw(({ socket }) => socket.write(ok));
    await using other = await serveRaw(({ socket }) => socket.write(ok));
    await using send = nodeFetch();
    for (const { url } of [one, other, one]) await (await send(url, {}, repeatable)).text();
    expect(send.stats().origins.map(({ origin, idle }) => [origin, idle])).toEqual([
      [one.url, 1],
      [other.url, 1],
    ]);
  });

  test('unless keepAlive is false: then each request has its own, and tells the server so.', async () => {
    const heads: string[] = [];
    await using server = await serveRaw(({ socket, head }) => {
      heads.push(head);
      socket.write(ok);
    });
    await using send = nodeFetch({ keepAlive: false });
    for (let request = 0; request < 3; request++) await (await send(server.url, {}, repeatable)).text();
    expect(server.connections()).toBe(3);
    expect(heads[0]).toContain('connection: close');
    expect(send.stats().origins).toEqual([]);
  });

  test('unless the server closes it.', async () => {
    await using server = await serveRaw(({ socket }) =>
      socket.write(httpAnswer('{}', 'HTTP/1.1 200 OK\r\nconnection: close')),
    );
    await using send = nodeFetch();
    for (let request = 0; request < 3; request++) await (await send(server.url, {}, repeatable)).text();
    expect(server.connections()).toBe(3);
    expect(send.stats().totals.resent).toBe(0);
  });

  // Undici's own limit is 4 s, and the server of the second one allows more.
  test.each(['keep-alive', 'keep-alive\r\nkeep-alive: timeout=600'])(
    'until it has idled for too long: connection: %j.',
    { timeout: 3_000 },
    async (connection) => {
      const closed: Promise<unknown>[] = [];
      await using server = await serveRaw(({ socket }) => {
        closed.push(new Promise((resolve) => socket.once('close', resolve)));
        socket.write(httpAnswer('{}', `HTTP/1.1 200 OK\r\nconnection: ${connection}`));
      });
      await using send = nodeFetch({ idleTimeoutMs: 5 });
      await (await send(server.url, {}, repeatable)).text();
      await Promise.all(closed);
      await until(() => send.stats().origins.length === 0);
      expect((await send(server.url, {}, repeatable)).status).toBe(200);
    },
  );

  test('until the server closes it.', async () => {
    await using server = await serveRaw(({ socket }) => socket.end(ok));
    await using send = nodeFetch();
    await (await send(server.url, {}, repeatable)).text();
    await until(() => send.stats().origins.length === 0);
    await (await send(server.url, {}, repeatable)).text();
    expect(send.stats().totals).toEqual({ requests: 2, connectionsOpened: 2, resent: 0 });
  });

  test('with a limited number of others.', async () => {
    await using server = await patientServer();
    await using send = nodeFetch({ poolSize: 2 });
    const all = Array.from({ length: 6 }, () => send(server.url, {}, repeatable));
    await until(() => server.waiting.length === 6);
    expect(send.stats().origins).toMatchObject([{ connections: 6, busy: 6, idle: 0, waiting: 0 }]);
    for (let request = 0; request < 6; request++) server.answer();
    await Promise.all(all.map(async (one) => (await one).text()));
    expect(send.stats().origins).toMatchObject([{ connections: 2, busy: 0, idle: 2 }]);
  });
});

describe('When the maximum number of connections is reached,', () => {
  test('requests wait in order for one.', async () => {
    await using server = await patientServer();
    await using send = nodeFetch({ maxConnections: 2 });
    const all = ['a', 'b', 'c', 'd', 'e'].map((path) => send(`${server.url}/${path}`, {}, repeatable));
    await until(() => server.waiting.length === 2);
    expect(send.stats().origins).toMatchObject([{ connections: 2, busy: 2, waiting: 3 }]);
    for (let request = 0; request < all.length; request++) {
      await until(() => server.waiting.length > 0);
      server.answer();
      await until(() => server.received.length === Math.min(request + 3, all.length));
    }
    await Promise.all(all.map(async (one) => (await one).text()));
    expect(server.received).toEqual(['GET /a', 'GET /b', 'GET /c', 'GET /d', 'GET /e']);
    expect(server.connections()).toBe(2);
  });

  test('the wait has a limit, and nothing was sent then.', async () => {
    await using server = await patientServer();
    await using send = nodeFetch({ maxConnections: 1, poolTimeoutMs: 5 });
    const first = send(server.url, {}, repeatable);
    const error = await rejection(send(`${server.url}/late`, {}, repeatable));
    expect(error).toMatchObject({
      code: 'OCTA_POOL_TIMEOUT',
      message: `no free connection to ${server.url} within 5 ms (poolTimeoutMs)`,
    });
    expect(send.stats().origins).toMatchObject([{ busy: 1, waiting: 0 }]);
    await until(() => server.waiting.length === 1);
    server.answer();
    await (await first).text();
    expect(server.received).toEqual(['GET /']);
  });

  test('the wait ends with the connection, even if the response takes longer.', async () => {
    await using server = await patientServer();
    await using send = nodeFetch({ maxConnections: 1, poolTimeoutMs: 150 });
    const both = [send(server.url, {}, repeatable), send(server.url, {}, repeatable)];
    await until(() => server.waiting.length === 1);
    server.answer();
    await until(() => server.waiting.length === 1);
    setTimeout(() => server.answer(), 300);
    expect(await Promise.all(both.map(async (one) => (await one).status))).toEqual([200, 200]);
  });

  test('0 is no limit.', async () => {
    await using server = await patientServer();
    await using send = nodeFetch({ maxConnections: 1, poolTimeoutMs: 0 });
    const both = [send(server.url, {}, repeatable), send(server.url, {}, repeatable)];
    await until(() => server.waiting.length === 1);
    server.answer();
    await until(() => server.waiting.length === 1);
    server.answer();
    expect(await Promise.all(both.map(async (one) => (await one).status))).toEqual([200, 200]);
  });

  test('one that fails makes room for one that waits.', async () => {
    await using server = await dropsSecond((socket) => socket.write(ok));
    await using send = nodeFetch({ maxConnections: 1 });
    const [wrong, right] = [send(server.url, { headers: { bad: '\n' } }, repeatable), send(server.url, {}, repeatable)];
    expect(await rejection(wrong)).toMatchObject({ code: 'UND_ERR_INVALID_ARG' });
    expect((await right).status).toBe(200);
  });
});

const deaths: [title: string, act: (socket: Socket) => void][] = [
  ['closes', (socket) => socket.end()],
  ['resets', (socket) => socket.resetAndDestroy()],
];

describe.each(deaths)(
  'A server that reads the second request on a connection and %s it without a response',
  (_, act) => {
    test('does not fail a repeatable request.', async () => {
      await using server = await dropsSecond(act);
      await using send = nodeFetch();
      await (await send(server.url, {}, repeatable)).text();
      const init = { method: 'POST', body: '{"a":1}' };
      expect(await (await send(`${server.url}/again`, init, repeatable)).text()).toBe('{}');
      expect(server.received).toEqual(['GET /', 'POST /again', 'POST /again']);
      expect(send.stats().totals).toEqual({ requests: 2, connectionsOpened: 2, resent: 1 });
    });

    test('does not fail it in a full pool either.', async () => {
      await using server = await dropsSecond(act);
      await using send = nodeFetch({ maxConnections: 1 });
      await (await send(server.url, {}, repeatable)).text();
      const both = [send(server.url, {}, repeatable), send(server.url, {}, repeatable)];
      expect(await Promise.all(both.map(async (one) => (await one).text()))).toEqual(['{}', '{}']);
      expect(server.received).toHaveLength(4);
    });

    test.each([
      ['told so', once],
      ['told nothing', undefined],
    ])('receives a request that must not be repeated once, on a new connection (%s).', async (_title, hints) => {
      // The second request that a connection carries is never answered.
      const carried = new WeakMap<Socket, number>();
      await using server = await serveRaw(({ socket }) => {
        const count = (carried.get(socket) ?? 0) + 1;
        carried.set(socket, count);
        if (count === 2) act(socket);
        else socket.write(ok);
      });
      await using send = nodeFetch();
      await (await send(server.url, {}, repeatable)).text();
      expect((await send(`${server.url}/start`, { method: 'POST', body: '{}' }, hints)).status).toBe(200);
      expect(server.received).toEqual(['GET /', 'POST /start']);
      expect([server.connections(), send.stats().totals.resent]).toEqual([2, 0]);
    });

    test('gets a request at most twice.', async () => {
      await using server = await serveRaw(({ socket, nth }) => {
        if (nth === 1) socket.write(ok);
        else act(socket);
      });
      await using send = nodeFetch();
      await (await send(server.url, {}, repeatable)).text();
      await rejection(send(server.url, {}, repeatable));
      expect(server.received).toHaveLength(3);
    });

    test('does not get the request again if the response had begun.', async () => {
      await using server = await serveRaw(({ socket, nth }) => {
        if (nth === 1) socket.write(ok);
        else socket.write('HTTP/1.1 2', () => act(socket));
      });
      await using send = nodeFetch();
      await (await send(server.url, {}, repeatable)).text();
      await rejection(send(server.url, {}, repeatable));
      expect(server.received).toHaveLength(2);
    });
  },
);

test('A server that closes a connection just before the next request does not fail it.', async () => {
  const sockets: Socket[] = [];
  await using server = await serveRaw(({ socket }) => {
    sockets.push(socket);
    socket.write(ok);
  });
  await using send = nodeFetch();
  await (await send(server.url, {}, repeatable)).text();
  // In a timer: connections are looked at once more before undici writes.
  const status = await new Promise((resolve, reject) => {
    setTimeout(() => {
      sockets[0]?.destroy();
      send(server.url, {}, repeatable).then((response) => resolve(response.status), reject);
    }, 0);
  });
  expect([status, server.received.length]).toEqual([200, 2]);
  expect(send.stats()).toMatchObject({ origins: [{ connections: 1 }], totals: { connectionsOpened: 2, resent: 1 } });
});

test('A request is not sent again if the connection dies on its first request.', async () => {
  await using server = await serveSockets((socket) => socket.once('data', () => socket.resetAndDestroy()));
  await using send = nodeFetch();
  expect(await rejection(send(server.url, {}, repeatable))).toMatchObject({ code: 'ECONNRESET' });
  expect([server.connections(), send.stats().totals.resent]).toEqual([1, 0]);
});

describe('A request that must not be repeated', () => {
  test('leaves its connection to others.', async () => {
    await using server = await serveRaw(({ socket }) => socket.write(ok));
    await using send = nodeFetch();
    await (await send(server.url, {}, once)).text();
    await (await send(server.url, {}, repeatable)).text();
    expect(server.connections()).toBe(1);
  });

  test('replaces an idle connection if the pool is full.', async () => {
    await using server = await serveRaw(({ socket }) => socket.write(ok));
    await using send = nodeFetch({ maxConnections: 1 });
    await (await send(server.url, {}, repeatable)).text();
    await (await send(server.url, {}, once)).text();
    expect(server.connections()).toBe(2);
    expect(send.stats().origins).toMatchObject([{ connections: 1 }]);
  });

  test('waits if every connection is busy, and then gets a new one.', async () => {
    await using server = await patientServer();
    await using send = nodeFetch({ maxConnections: 1 });
    const [first, second] = [send(server.url, {}, repeatable), send(`${server.url}/start`, {}, once)];
    await until(() => server.waiting.length === 1);
    expect(send.stats().origins).toMatchObject([{ busy: 1, waiting: 1 }]);
    server.answer();
    await (await first).text();
    await until(() => server.waiting.length === 1);
    server.answer();
    expect((await second).status).toBe(200);
    expect([server.received, server.connections()]).toEqual([['GET /', 'GET /start'], 2]);
  });
});

test('A server that never has more than a few connections serves many requests.', async () => {
  let [open, most] = [0, 0];
  await using server = await serveSockets((socket) => {
    open++;
    most = Math.max(most, open);
    socket.once('close', () => open--);
    socket.on('data', () => socket.write(ok));
  });
  await using send = nodeFetch({ maxConnections: 4 });
  const all = Array.from({ length: 200 }, async (_, nth) =>
    (await send(server.url, {}, nth % 10 === 0 ? once : repeatable)).text(),
  );
  expect(new Set(await Promise.all(all))).toEqual(new Set(['{}']));
  expect(send.stats().totals.requests).toBe(200);
  // One that closes and the one that takes its place may pass each other.
  expect(most).toBeLessThanOrEqual(8);
});
