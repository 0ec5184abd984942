/** What ends a request of `nodeFetch()` early: time limits and the caller's signal. */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { nodeFetch } from '../../src/node/index.ts';
import { rejection } from '../support/failure.ts';
import { httpAnswer, serveRaw, serveSockets } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';
import { until } from '../support/until.ts';

const repeatable = { repeatable: true };
const head = 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n';

describe('Silence of the server', () => {
  test('before the headers ends the request.', async () => {
    await using server = await serveRaw(() => undefined);
    await using send = nodeFetch({ readTimeoutMs: 20 });
    const error = await rejection(send(server.url, {}, repeatable));
    expect(error).toMatchObject({
      code: 'UND_ERR_HEADERS_TIMEOUT',
      message: 'the server sent nothing for 20 ms (readTimeoutMs)',
    });
    expect(send.stats().origins).toEqual([]);
  });

  test('within the body ends its reading.', async () => {
    await using server = await serveRaw(({ socket }) => socket.write(`${head}{"a`));
    await using send = nodeFetch({ readTimeoutMs: 20 });
    const response = await send(server.url, {}, repeatable);
    expect(await rejection(response.text())).toMatchObject({ code: 'UND_ERR_BODY_TIMEOUT' });
  });

  test('is no longer than from one byte to the next.', async () => {
    await using server = await serveRaw(({ socket }) => {
      const pieces = [...httpAnswer(`"${'x'.repeat(60)}"`)];
      const timer = setInterval(() => {
        const piece = pieces.shift();
        if (piece === undefined) clearInterval(timer);
        else socket.write(piece);
      }, 5);
    });
    await using send = nodeFetch({ readTimeoutMs: 150 });
    expect(await (await send(server.url, {}, repeatable)).json()).toHaveLength(60);
  });

  test('does not count while the body is not read.', async () => {
    const size = 1_000_000;
    await using server = await serveRaw(({ socket }) => socket.write(httpAnswer('x'.repeat(size))));
    await using send = nodeFetch({ readTimeoutMs: 100 });
    const response = await send(server.url, {}, repeatable);
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(await response.text()).toHaveLength(size);
  });

  test('does not count between requests, and restarts for each one.', async () => {
    await using server = await serveRaw(({ socket, nth }) => {
      if (nth < 3) socket.write(httpAnswer('{}'));
    });
    await using send = nodeFetch({ readTimeoutMs: 100 });
    for (let request = 0; request < 2; request++) {
      await (await send(server.url, {}, repeatable)).text();
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(await rejection(send(server.url, {}, repeatable))).toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
    expect(server.connections()).toBe(1);
  });

  test('has no limit with 0.', async () => {
    await using server = await serveRaw(({ socket }) => {
      setTimeout(() => socket.write(httpAnswer('{}')), 20);
    });
    await using send = nodeFetch({ readTimeoutMs: 0, connectTimeoutMs: 0, writeTimeoutMs: 0, idleTimeoutMs: 0 });
    expect((await send(server.url, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(200);
    expect(send.stats().origins).toMatchObject([{ idle: 1 }]);
  });
});

describe('A connection that is not opened in time', () => {
  /** TLS with a server that never sends anything. */
  const mute = () => serveSockets(() => undefined);

  test('ends the request, and nothing was sent.', async () => {
    await using server = await mute();
    await using send = nodeFetch({ connectTimeoutMs: 20 });
    const url = server.url.replace('http:', 'https:');
    const error = await rejection(send(url, {}, repeatable));
    expect(error).toMatchObject({
      code: 'UND_ERR_CONNECT_TIMEOUT',
      message: `no connection to ${url} within 20 ms (connectTimeoutMs)`,
    });
    expect(send.stats()).toMatchObject({ origins: [], totals: { connectionsOpened: 0 } });
  });

  test('does not limit what follows.', async () => {
    await using server = await serveRaw(({ socket }) => {
      setTimeout(() => socket.write(httpAnswer('{}')), 300);
    });
    await using send = nodeFetch({ connectTimeoutMs: 150 });
    expect((await send(server.url, {}, repeatable)).status).toBe(200);
  });

  test('leaves no half-open connection behind.', async () => {
    let closed = false;
    await using server = await serveSockets((socket) => {
      socket.resume().once('close', () => {
        closed = true;
      });
    });
    await using send = nodeFetch({ connectTimeoutMs: 20 });
    await rejection(send(server.url.replace('http:', 'https:'), {}, repeatable));
    await until(() => closed);
  });
});

describe('A large body', () => {
  const large = 'x'.repeat(3_000_000);

  test('arrives whole.', async () => {
    await using server = await serve((_, response) => json(response, '{}'));
    await using send = nodeFetch();
    const body = Array.from({ length: 40_000 }, (_, nth) => `line ${nth}\n`).join('');
    await (await send(server.url, { method: 'POST', body }, repeatable)).text();
    expect(server.received[0]?.body === body).toBe(true);
    expect(server.received[0]?.headers).toMatchObject({ 'content-length': String(body.length) });
  });

  test('that the server does not accept ends the request.', async () => {
    await using server = await serveSockets((socket) => socket.pause());
    await using send = nodeFetch({ writeTimeoutMs: 20, readTimeoutMs: 0 });
    const body = new Uint8Array(64_000_000);
    const error = await rejection(send(server.url, { method: 'POST', body }));
    expect(error).toMatchObject({
      code: 'OCTA_WRITE_TIMEOUT',
      message: 'the server accepted no request data for 20 ms (writeTimeoutMs)',
    });
    expect(send.stats().origins).toEqual([]);
  });

  test('that the server accepted starts readTimeoutMs for the response.', async () => {
    await using server = await serveRaw(() => undefined);
    await using send = nodeFetch({ writeTimeoutMs: 1000, readTimeoutMs: 20 });
    const error = await rejection(send(server.url, { method: 'POST', body: large }));
    expect(error).toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
  });

  test('that takes long to send does not count as silence of the server.', async () => {
    await using server = await serveSockets((socket) => {
      let left = 64_000_000;
      socket.pause().on('data', (chunk) => {
        left -= chunk.length;
        if (left < 0) socket.write(httpAnswer('{}'));
      });
      setTimeout(() => socket.resume(), 300);
    });
    await using send = nodeFetch({ readTimeoutMs: 150 });
    expect((await send(server.url, { method: 'POST', body: new Uint8Array(64_000_000) })).status).toBe(200);
  });

  test('can get a response before it was sent completely.', async () => {
    await using server = await serveSockets((socket) => {
      socket.once('data', () => socket.write(httpAnswer('{"too":"large"}', 'HTTP/1.1 413 Too Large')));
      socket.resume();
    });
    await using send = nodeFetch();
    const response = await send(server.url, { method: 'POST', body: new Uint8Array(64_000_000) });
    expect([response.status, await response.text()]).toEqual([413, '{"too":"large"}']);
    await until(() => send.stats().origins.length === 0);
  });

  test('is sent again if the idle connection was dead.', async () => {
    await using server = await serveRaw(({ socket, nth }) => {
      if (nth === 2) socket.resetAndDestroy();
      else socket.write(httpAnswer('{}'));
    });
    await using send = nodeFetch();
    await (await send(server.url, {}, repeatable)).text();
    expect((await send(server.url, { method: 'POST', body: large }, repeatable)).status).toBe(200);
    expect(server.received).toEqual(['GET /', 'POST /', 'POST /']);
  });
});

describe('An abort ends a request', () => {
  const reason = { my: 'reason' };

  test('before it is sent.', async () => {
    await using server = await serveRaw(() => undefined);
    await using send = nodeFetch();
    expect(await rejection(send(server.url, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(server.connections()).toBe(0);
  });

  test('while its connection is opened, which is abandoned.', async () => {
    const controller = new AbortController();
    let closed = false;
    await using server = await serveSockets((socket) => {
      socket.resume().once('close', () => {
        closed = true;
      });
      controller.abort(reason);
    });
    await using send = nodeFetch({ connectTimeoutMs: 0 });
    const url = server.url.replace('http:', 'https:');
    expect(await rejection(send(url, { signal: controller.signal }, repeatable))).toBe(reason);
    expect(send.stats().origins).toEqual([]);
    await until(() => closed);
  });

  test('while it waits for a connection.', async () => {
    const controller = new AbortController();
    await using server = await serveRaw(({ socket, nth }) => {
      if (nth === 1) setTimeout(() => socket.write(httpAnswer('{}')), 20);
      else socket.write(httpAnswer('{}'));
    });
    await using send = nodeFetch({ maxConnections: 1 });
    const first = send(`${server.url}/first`, {}, repeatable);
    const waiting = send(`${server.url}/waiting`, { signal: controller.signal }, repeatable);
    const next = send(`${server.url}/next`, {}, repeatable);
    controller.abort(reason);
    expect(await rejection(waiting)).toBe(reason);
    expect(await Promise.all([first, next].map(async (one) => (await one).text()))).toEqual(['{}', '{}']);
    expect(server.received).toEqual(['GET /first', 'GET /next']);
  });

  test('while it waits for the response, and its connection with it.', async () => {
    const controller = new AbortController();
    let closed = false;
    await using server = await serveRaw(({ socket }) => {
      socket.once('close', () => {
        closed = true;
      });
      controller.abort(reason);
    });
    await using send = nodeFetch();
    expect(await rejection(send(server.url, { signal: controller.signal }, repeatable))).toBe(reason);
    expect(send.stats().origins).toEqual([]);
    await until(() => closed);
  });

  test.each(['text', 'stream'] as const)('while its body is read (%s).', async (how) => {
    const controller = new AbortController();
    await using server = await serveRaw(({ socket }) => socket.write(`${head}{"a`));
    await using send = nodeFetch();
    const response = await send(server.url, { signal: controller.signal }, repeatable);
    const read = how === 'text' ? response.text() : new Response(response.body).text();
    controller.abort(reason);
    expect(await rejection(read)).toBe(reason);
    expect(send.stats().origins).toEqual([]);
  });

  test('while a large body is sent.', async () => {
    const controller = new AbortController();
    await using server = await serveSockets((socket) => {
      socket.pause();
      controller.abort(reason);
    });
    await using send = nodeFetch();
    const init = { method: 'POST', body: new Uint8Array(64_000_000), signal: controller.signal };
    expect(await rejection(send(server.url, init))).toBe(reason);
    expect(send.stats().origins).toEqual([]);
  });

  test('with the error of the signal when no reason was given.', async () => {
    await using server = await serveRaw(() => undefined);
    await using send = nodeFetch();
    const signal = AbortSignal.timeout(5);
    expect(await rejection(send(server.url, { signal }))).toBe(signal.reason);
  });

  test('but not after it is complete.', async () => {
    const controller = new AbortController();
    await using server = await serveRaw(({ socket }) => socket.write(httpAnswer('{}')));
    await using send = nodeFetch();
    const response = await send(server.url, { signal: controller.signal }, repeatable);
    await until(() => send.stats().origins[0]?.idle === 1);
    controller.abort(reason);
    expect(await response.text()).toBe('{}');
    expect(send.stats().origins).toMatchObject([{ idle: 1 }]);
  });
});

describe('No listener is left on a signal', () => {
  test.each<[string, (send: ReturnType<typeof nodeFetch>, url: string, init: RequestInit) => Promise<unknown>]>([
    ['after an answer', async (send, url, init) => (await send(url, init, repeatable)).text()],
    ['after an answer without a body', async (send, url, init) => send(url, { ...init, method: 'HEAD' })],
    ['after a body that was cancelled', async (send, url, init) => (await send(`${url}/cut`, init)).body?.cancel()],
    ['after a body that broke off', async (send, url, init) => rejection((await send(`${url}/end`, init)).text())],
    ['after a reset', (send, url, init) => rejection(send(`${url}/reset`, init))],
    ['after a refusal', (send, _, init) => rejection(send('ftp://api.test', init))],
    ['after a wait that was too long', (send, url, init) => rejection(send(`${url}/silent`, init))],
  ])('%s.', async (_, act) => {
    await using server = await serveRaw(({ socket, head: request }) => {
      if (request.includes('/cut')) socket.write(`${head}{"a`);
      else if (request.includes('/end')) socket.end(`${head}{"a`);
      else if (request.includes('/reset')) socket.resetAndDestroy();
      else if (!request.includes('/silent'))
        socket.write(httpAnswer('{}', request.startsWith('HEAD') ? head : undefined));
    });
    await using send = nodeFetch({ readTimeoutMs: 50 });
    const { signal } = new AbortController();
    await act(send, server.url, { signal });
    await until(() => send.stats().origins.every(({ busy }) => busy === 0));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
