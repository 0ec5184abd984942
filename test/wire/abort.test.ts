import { describe, expect, test, vi } from 'vitest';
import {
  type FetchLike,
  OctaAbortError,
  type OctaClient,
  type OctaClientOptions,
  OctaNotFoundError,
  OctaServerError,
} from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, onceOnly, testKey } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { freePort, serveRaw, serveSockets } from '../support/raw-server.ts';
import { json, serve, type TestServer } from '../support/server.ts';

const good = () => serve((_, response) => json(response, goodAnswer));

/** Long enough for a late request to arrive. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

describe('A caller who aborts before anything is sent', () => {
  test.each(everyCall)('%s is not sent.', async (_, send) => {
    await using server = await good();
    const error = await failure(send(clientFor(server), { signal: AbortSignal.abort('enough') }), OctaAbortError);
    expect(error).toMatchObject({ cause: 'enough', outcome: 'not-sent' });
    await aMoment();
    expect(server.received).toEqual([]);
  });

  test('synchronously after the call stops it.', async () => {
    await using server = await good();
    const controller = new AbortController();
    const call = clientFor(server).accounts.balance({ signal: controller.signal });
    controller.abort('enough');
    expect(await failure(call, OctaAbortError)).toMatchObject({ cause: 'enough', outcome: 'not-sent' });
    await aMoment();
    expect(server.received).toEqual([]);
  });

  test.each<[string, (abort: () => void) => OctaClientOptions]>([
    ['while the key is fetched', (abort) => ({ apiKey: () => new Promise(() => setImmediate(abort)) })],
    ['as soon as the key is asked for', (abort) => ({ apiKey: () => new Promise(abort) })],
    ['by the time the key is there', (abort) => ({ apiKey: () => Promise.resolve(abort()).then(() => testKey) })],
    ['while onRequest works', (abort) => ({ onRequest: () => new Promise(() => setImmediate(abort)) })],
    ['as soon as onRequest is run', (abort) => ({ onRequest: () => new Promise(abort) })],
    ['by the time onRequest is done', (abort) => ({ onRequest: abort })],
  ])('%s stops it.', async (_, options) => {
    await using server = await good();
    const controller = new AbortController();
    const client = clientFor(
      server,
      options(() => controller.abort('enough')),
    );
    const error = await failure(client.accounts.balance({ signal: controller.signal }), OctaAbortError);
    expect(error).toMatchObject({ cause: 'enough', outcome: 'not-sent' });
    await aMoment();
    expect(server.received).toEqual([]);
  });
});

test('An abort while connecting ends the call immediately.', async () => {
  const controller = new AbortController();
  await using server = await serveSockets(() => controller.abort('enough'));
  const client = clientFor({ url: server.url.replace('http:', 'https:') });
  const error = await failure(client.accounts.balance({ signal: controller.signal }), OctaAbortError);
  expect(error).toMatchObject({ cause: 'enough', outcome: 'unknown' });
  await aMoment();
  expect(server.connections()).toBe(1);
});

describe('A caller who aborts while the server works', () => {
  test.each(everyCall)('%s has an unknown outcome, and is not retried.', async (_, send) => {
    const controller = new AbortController();
    await using server = await serveRaw(() => controller.abort('enough'));
    const error = await failure(send(clientFor(server), { signal: controller.signal }), OctaAbortError);
    expect(error).toMatchObject({ cause: 'enough', outcome: 'unknown', attempts: { length: 1 } });
    await aMoment();
    expect(server.received).toHaveLength(1);
  });

  test('closes the connection.', async () => {
    const controller = new AbortController();
    const closed = vi.fn();
    await using server = await serveRaw(({ socket }) => {
      socket.on('close', closed);
      controller.abort();
    });
    await failure(clientFor(server).accounts.balance({ signal: controller.signal }), OctaAbortError);
    await vi.waitUntil(() => closed.mock.calls.length > 0);
  });
});

describe('A caller who aborts within the body', () => {
  const half = 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"balance":';
  /** A fetch after which the caller gives up: the headers are there, the body is not. */
  const then =
    (abort: () => void): FetchLike =>
    async (url, init) => {
      const response = await fetch(url, init);
      abort();
      return response;
    };

  test.each(everyCall)('%s has an unknown outcome, and is not retried.', async (_, send) => {
    const controller = new AbortController();
    await using server = await serveRaw(({ socket }) => socket.write(half));
    const client = clientFor(server, { fetch: then(() => controller.abort('enough')) });
    const error = await failure(send(client, { signal: controller.signal }), OctaAbortError);
    expect(error).toMatchObject({ cause: 'enough', outcome: 'unknown', attempts: { length: 1 } });
    await aMoment();
    expect(server.received).toHaveLength(1);
  });

  test('that is read later also aborts.', async () => {
    const controller = new AbortController();
    await using server = await serveRaw(({ socket }) => socket.write(half));
    const call = clientFor(server).accounts.balance({ signal: controller.signal });
    await call.asResponse();
    const data = call.then();
    setImmediate(() => controller.abort('enough'));
    expect(await failure(data, OctaAbortError)).toMatchObject({ cause: 'enough', outcome: 'unknown' });
  });
});

describe('A caller who aborts between two attempts', () => {
  const limited = () => serve((_, response) => response.writeHead(429, { 'retry-after': '30' }).end());
  const abortsLater = (server: TestServer, controller: AbortController): OctaClient =>
    clientFor(server, { onRetry: () => void setImmediate(() => controller.abort('enough')) });

  test('does not wait for the next one, which is never sent.', async () => {
    await using server = await limited();
    const controller = new AbortController();
    const call = abortsLater(server, controller).accounts.balance({ signal: controller.signal });
    const error = await failure(call, OctaAbortError);
    expect(error).toMatchObject({ cause: 'enough', outcome: 'rejected', attempts: [{ status: 429 }] });
    await aMoment();
    expect(server.received).toHaveLength(1);
  });

  test('gets the outcome not-sent if nothing was sent yet.', async () => {
    const controller = new AbortController();
    const server = { url: `http://127.0.0.1:${await freePort()}` };
    const client = clientFor(server, { onRetry: () => controller.abort('enough') });
    const error = await failure(client.accounts.balance({ signal: controller.signal }), OctaAbortError);
    expect(error.outcome).toBe('not-sent');
  });
});

describe('The cause of an abort is the given reason, unchanged:', () => {
  const reasons: [string, unknown][] = [
    ['text', 'enough'],
    ['an error', new TypeError('enough')],
    ['an object', { enough: true }],
    ['null', null],
    ['an error of another call', new OctaServerError({ message: 'the other call failed', status: 503 })],
  ];

  test.each(reasons)('%s.', async (_, reason) => {
    const controller = new AbortController();
    await using server = await serveRaw(() => controller.abort(reason));
    const error = await failure(clientFor(server).accounts.balance({ signal: controller.signal }), OctaAbortError);
    expect(error.cause).toBe(reason);
  });

  test.each(reasons)('%s, before anything is sent.', async (_, reason) => {
    const client = clientFor({ url: 'http://api.test' });
    const error = await failure(client.accounts.balance({ signal: AbortSignal.abort(reason) }), OctaAbortError);
    expect(error.cause).toBe(reason);
  });

  test('without a reason it is the AbortError of the signal.', async () => {
    const controller = new AbortController();
    await using server = await serveRaw(() => controller.abort());
    const error = await failure(clientFor(server).accounts.balance({ signal: controller.signal }), OctaAbortError);
    expect(error.cause).toBe(controller.signal.reason);
    expect(error.cause).toMatchObject({ name: 'AbortError' });
  });

  test('an error of the SDK is not changed by it.', async () => {
    const reason = new OctaServerError({ message: 'the other call failed', status: 503 });
    const client = clientFor({ url: 'http://api.test' });
    await client.accounts.balance({ signal: AbortSignal.abort(reason) }).catch(() => undefined);
    expect(reason.attempts).toEqual([]);
  });

  test('a 404 of another call does not make a stop look done.', async () => {
    const controller = new AbortController();
    const reason = new OctaNotFoundError({ message: 'the other call failed', status: 404 });
    await using server = await serve((_, response) => {
      if (server.received.length === 2) controller.abort(reason);
      else response.writeHead(503).end();
    });
    const stop = clientFor(server).services.session('u-1').stop({ signal: controller.signal });
    expect((await failure(stop, OctaAbortError)).cause).toBe(reason);
  });
});

test('An abort after the response changes nothing.', async () => {
  await using server = await good();
  const controller = new AbortController();
  const call = clientFor(server).accounts.balance({ signal: controller.signal });
  await call;
  controller.abort();
  expect(await call).toMatchObject({ balance: 1n });
});

test('One signal aborts all its calls.', async () => {
  const controller = new AbortController();
  await using server = await serveRaw(({ nth }) => {
    if (nth === onceOnly.length) controller.abort('enough');
  });
  const client = clientFor(server);
  const calls = onceOnly.map(([, send]) => failure(send(client, { signal: controller.signal }), OctaAbortError));
  expect((await Promise.all(calls)).map(({ cause }) => cause)).toEqual(Array(onceOnly.length).fill('enough'));
});
