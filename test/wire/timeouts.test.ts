import type { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { OctaTimeoutError } from '../../src/index.ts';
import { clientFor, goodAnswer, onceOnly } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { httpAnswer, serveRaw, serveSockets } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';

const half = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n{"balance":';

const stalls: [title: string, stall: (socket: Socket) => void][] = [
  ['never answers', () => undefined],
  ['stops within the headers', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-ty')],
  ['stops within the body', (socket) => socket.write(half)],
  [
    'stops within a chunk',
    (socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n28\r\n{"bal'),
  ],
  ['stops within the body of an error', (socket) => socket.write(half.replace('200', '500'))],
];

describe.each(stalls)('A server that %s', (_, stall) => {
  test('reaches timeoutMs at each attempt of a read.', async () => {
    await using server = await serveRaw(({ socket }) => stall(socket));
    const client = clientFor(server, { timeoutMs: 200, retries: 1 });
    const error = await failure(client.accounts.balance(), OctaTimeoutError);
    expect(error).toMatchObject({ timeout: 'timeoutMs', outcome: 'unknown', attempts: { length: 2 } });
    expect(error.message).toBe('getBalance: no complete response within 200 ms (timeoutMs)');
    expect(server.received).toHaveLength(2);
  });

  test('does not fail the call if the next attempt succeeds.', async () => {
    await using server = await serveRaw(({ socket, nth }) => {
      if (nth === 1) stall(socket);
      else socket.write(httpAnswer(goodAnswer));
    });
    expect(await clientFor(server, { timeoutMs: 400 }).accounts.balance()).toMatchObject({ balance: 1n });
  });

  test('receives each call that must not happen twice once.', async () => {
    await using server = await serveRaw(({ socket }) => stall(socket));
    const client = clientFor(server, { timeoutMs: 300 });
    const errors = await Promise.all(onceOnly.map(([, send]) => failure(send(client), OctaTimeoutError)));
    expect(errors.map(({ outcome, attempts }) => [outcome, attempts.length])).toEqual(Array(6).fill(['unknown', 1]));
    expect(new Set(server.received).size).toBe(6);
    expect(server.received).toHaveLength(6);
  });
});

test('A handshake that never ends reaches timeoutMs.', async () => {
  await using server = await serveSockets(() => undefined);
  const client = clientFor({ url: server.url.replace('http:', 'https:') }, { timeoutMs: 50, retries: 0 });
  expect(await failure(client.accounts.balance(), OctaTimeoutError)).toMatchObject({ timeout: 'timeoutMs' });
});

test('A key that never arrives reaches timeoutMs, and nothing was sent.', async () => {
  await using server = await serve((_, response) => json(response, goodAnswer));
  const client = clientFor(server, { apiKey: () => new Promise(() => undefined), timeoutMs: 20, retries: 0 });
  const error = await failure(client.accounts.balance(), OctaTimeoutError);
  expect(error).toMatchObject({ timeout: 'timeoutMs', outcome: 'not-sent' });
  expect(server.received).toEqual([]);
});

test('The connection of an attempt that took too long is closed.', async () => {
  const sockets: Socket[] = [];
  await using server = await serveRaw(({ socket }) => sockets.push(socket));
  await failure(clientFor(server, { timeoutMs: 100, retries: 0 }).accounts.balance(), OctaTimeoutError);
  await vi.waitUntil(() => sockets[0]?.closed);
});

describe('timeoutMs of a call', () => {
  const slow = () => serve((_, response) => setTimeout(() => json(response, goodAnswer), 150));

  test('overrides that of the client.', async () => {
    await using server = await slow();
    const client = clientFor(server, { timeoutMs: 0, retries: 0 });
    const error = await failure(client.accounts.balance({ timeoutMs: 30 }), OctaTimeoutError);
    expect(error.message).toContain('within 30 ms');
  });

  test('of 0 is no limit.', async () => {
    await using server = await slow();
    const client = clientFor(server, { timeoutMs: 30, retries: 0 });
    expect(await client.accounts.balance({ timeoutMs: 0 })).toMatchObject({ balance: 1n });
  });
});

describe('A time limit in a signal of the caller', () => {
  test('ends the call without a retry.', async () => {
    await using server = await serveRaw(() => undefined);
    const signal = AbortSignal.timeout(200);
    const error = await failure(clientFor(server).accounts.balance({ signal }), OctaTimeoutError);
    expect(error).toMatchObject({ timeout: 'signal', outcome: 'unknown', attempts: { length: 1 } });
    expect(error.cause).toBe(signal.reason);
    expect(server.received).toHaveLength(1);
  });

  test('is recognized in combination with other signals.', async () => {
    await using server = await serveRaw(() => undefined);
    const signal = AbortSignal.any([new AbortController().signal, AbortSignal.timeout(50)]);
    const error = await failure(clientFor(server).accounts.balance({ signal }), OctaTimeoutError);
    expect(error.timeout).toBe('signal');
  });

  test('ends the wait for a retry.', async () => {
    await using server = await serve((_, response) => response.writeHead(429, { 'retry-after': '30' }).end());
    const signal = AbortSignal.timeout(200);
    const error = await failure(clientFor(server).accounts.balance({ signal }), OctaTimeoutError);
    expect(error).toMatchObject({ timeout: 'signal', attempts: [{ status: 429 }] });
    expect(server.received).toHaveLength(1);
  });

  test('that was already reached sends nothing.', async () => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    const signal = AbortSignal.abort(new DOMException('too late', 'TimeoutError'));
    const error = await failure(clientFor(server).accounts.balance({ signal }), OctaTimeoutError);
    expect(error).toMatchObject({ timeout: 'signal', outcome: 'not-sent' });
    expect(server.received).toEqual([]);
  });
});
