import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { OctaNetworkError, OctaResponseError, OctaServerError } from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, onceOnly, repeatable } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { httpAnswer, serveRaw } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** Connection faults, and the beginning of the message. */
const faults: [title: string, act: (socket: Socket) => void, where: string][] = [
  ['A connection that is reset before the headers', (socket) => socket.resetAndDestroy(), 'no response'],
  ['A connection that is closed before the headers', (socket) => socket.end(), 'no response'],
  ['A connection that is closed within the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncont'), 'no response'],
  ['A status line that is none', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n\r\n'), 'no response'],
  [
    'A body that is shorter than announced',
    (socket) => socket.end(`${ok}content-length: 99\r\n\r\n{"bal`),
    'the response was cut off',
  ],
  [
    'A body that ends within its chunks',
    (socket) => socket.end(`${ok}transfer-encoding: chunked\r\n\r\n5\r\n{"bal\r\n`),
    'the response was cut off',
  ],
  [
    'A body that is not compressed as it says',
    // It announces the end of the connection: a retry on the same connection would be lost with it.
    (socket) => socket.end(httpAnswer(goodAnswer, `${ok}connection: close\r\ncontent-encoding: gzip`)),
    'the response was cut off',
  ],
];

test('The body of an error may be nested deeper than any stack.', async () => {
  const depth = 30_000;
  const body = `{"message":"no","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  await using server = await serve((_, response) => json(response, body, 500));
  const error = await failure(clientFor(server, { retries: 0 }).accounts.balance(), OctaServerError);
  expect(error.message).toBe('getBalance: 500: no');
  expect(JSON.stringify(error)).toContain('[too deep]');
});

describe.each(faults)('%s', (_, act, where) => {
  test.each(repeatable)('fails %s after three attempts, with its cause.', async (_name, send) => {
    await using server = await serveRaw(({ socket }) => act(socket));
    const error = await failure(send(clientFor(server)), OctaNetworkError);
    expect(error.message).toMatch(new RegExp(`^(getBalance|stopSession): ${where}: `));
    expect(error).toMatchObject({ outcome: 'unknown', attempts: { length: 3 } });
    expect(error.cause).toBeInstanceOf(Error);
    expect(server.received).toHaveLength(3);
  });

  test.each(repeatable)('does not fail %s if the next attempt succeeds.', async (_name, send) => {
    await using server = await serveRaw(({ socket, nth }) => {
      if (nth === 1) act(socket);
      else socket.write(httpAnswer(goodAnswer));
    });
    await send(clientFor(server));
    expect(server.received).toHaveLength(2);
  });

  test.each(onceOnly)('fails %s after one attempt.', async (_name, send) => {
    await using server = await serveRaw(({ socket }) => act(socket));
    const error = await failure(send(clientFor(server)), OctaNetworkError);
    expect(error).toMatchObject({ outcome: 'unknown', attempts: { length: 1 } });
    expect(server.received).toHaveLength(1);
  });
});

describe('JSON that ends where the connection does', () => {
  const cut = (text: string) => serveRaw(({ socket }) => socket.end(`${ok}\r\n${text}`));

  test('is retried by a read, and named.', async () => {
    await using server = await cut('{"balance":');
    const error = await failure(clientFor(server).accounts.balance(), OctaResponseError);
    expect(error).toMatchObject({ truncated: true, outcome: 'unknown', attempts: { length: 3 } });
    expect(error.message).toBe('getBalance: expected JSON, but the 200 response contains truncated JSON');
    expect(server.received).toHaveLength(3);
  });

  test('may hide a started session: the outcome of the start is unknown, and it is not retried.', async () => {
    await using server = await cut('[{"uuid":"u-');
    const start = clientFor(server).services.mr.start({ node_id: 1, disk_size: 1, image: 'i' });
    const error = await failure(start, OctaResponseError);
    expect(error).toMatchObject({ truncated: true, outcome: 'unknown', attempts: { length: 1 } });
    expect(server.received).toHaveLength(1);
  });

  test('does not fail a read if the next attempt is complete.', async () => {
    await using server = await serveRaw(({ socket, nth }) => {
      socket.end(nth === 1 ? `${ok}\r\n{"balance":` : httpAnswer(goodAnswer));
    });
    expect(await clientFor(server).accounts.balance()).toMatchObject({ balance: 1n });
  });
});

describe('A success with', () => {
  test.each([
    ['a web page', '<!doctype html><title>Sign in</title>', 'is a web page'],
    ['nothing', '', 'has an empty body'],
    ['invalid JSON', '{"balance":1,}', 'contains invalid JSON'],
  ])('%s is requested once, and keeps the reason.', async (_, text, what) => {
    await using server = await serve((__, response) => json(response, text));
    const error = await failure(clientFor(server).accounts.balance(), OctaResponseError);
    expect(error.message).toBe(`getBalance: expected JSON, but the 200 response ${what}`);
    expect(error).toMatchObject({
      truncated: false,
      outcome: 'unknown',
      request: { url: `${server.url}/accounts/balance` },
    });
    expect(error.cause).toBeInstanceOf(SyntaxError);
    expect(server.received).toHaveLength(1);
  });

  test('no content is an error for a read.', async () => {
    await using server = await serve((_, response) => response.writeHead(204).end());
    expect((await failure(clientFor(server).accounts.balance(), OctaResponseError)).message).toContain(
      'the 204 response has an empty body',
    );
  });

  test.each([
    ['an object where a list is promised', '{"nodes":[]}', 'expected Node[], but the response is an object'],
    ['text where a list is promised', '"none"', 'expected Node[], but the response is a string'],
    ['a number where a list is promised', '7', 'expected Node[], but the response is a number'],
  ])('%s is a wrong response, requested once.', async (_, text, what) => {
    await using server = await serve((__, response) => json(response, text));
    const error = await failure(clientFor(server).nodes.list(), OctaResponseError);
    expect(error.message).toBe(`listNodes: ${what}`);
    expect(error).toMatchObject({ outcome: 'unknown', request: { operation: 'listNodes', method: 'GET' } });
    expect(server.received).toHaveLength(1);
  });

  test.each([
    ['a list', '[]', 'a list'],
    ['null', 'null', 'null'],
  ])('%s instead of an object is a wrong response.', async (_, text, what) => {
    await using server = await serve((__, response) => json(response, text));
    const error = await failure(clientFor(server).accounts.balance(), OctaResponseError);
    expect(error.message).toBe(`getBalance: expected Balance, but the response is ${what}`);
  });

  test('null instead of a list is an empty list.', async () => {
    await using server = await serve((_, response) => json(response, 'null'));
    expect(await clientFor(server).nodes.list()).toEqual([]);
  });
});

describe('Commands without a useful response', () => {
  const commands = everyCall.filter(([name]) => ['A stop', 'A reboot', 'A change of prices'].includes(name));

  test.each(
    commands.flatMap(([name, send]) =>
      ['', '{}', '{"ok":true}', '<p>fine</p>', '{"cut":'].map((text) => [name, text, send] as const),
    ),
  )('%s succeeds with any body of a success: %j.', async (_, text, send) => {
    await using server = await serve((__, response) => json(response, text));
    await send(clientFor(server));
    expect(server.received).toHaveLength(1);
  });
});

test('A log with a wrong compression is a wrong response with its cause, requested once.', async () => {
  await using server = await serve((_, response) => json(response, '{"data":"H4sIAAAAAAAAA0tM"}'));
  const error = await failure(clientFor(server).idleJobs.logs(1, 2), OctaResponseError);
  expect(error.message).toBe('getIdleJobLogs: the gzip data of the log is corrupt');
  expect(error).toMatchObject({ outcome: 'unknown', request: { operation: 'getIdleJobLogs' } });
  expect(error.cause).toBeInstanceOf(Error);
  expect(server.received).toHaveLength(1);
});
