/** Bodies of answers as `nodeFetch()` reads them from real connections. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nodeFetch } from '../../src/node/index.ts';
import { rejection } from '../support/failure.ts';
import { httpAnswer, serveRaw } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';
import { until } from '../support/until.ts';

const repeatable = { repeatable: true };
const ok = 'HTTP/1.1 200 OK\r\n';
const mib = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('A body that is cut off', () => {
  const cuts: [title: string, text: string][] = [
    ['before its announced length', `${ok}content-length: 99\r\n\r\n{"bal`],
    ['within its chunks', `${ok}transfer-encoding: chunked\r\n\r\n5\r\n{"bal\r\n`],
  ];

  test.each(cuts)('%s rejects when it is read, not before.', async (_, text) => {
    await using server = await serveRaw(({ socket }) => socket.end(text));
    await using send = nodeFetch();
    const response = await send(server.url, {}, repeatable);
    expect(response.status).toBe(200);
    expect(await rejection(response.text())).toMatchObject({ code: 'UND_ERR_SOCKET' });
    expect([server.received.length, send.stats().totals.resent]).toEqual([1, 0]);
  });

  test.each(cuts)('%s is not sent again on a kept connection.', async (_, text) => {
    await using server = await serveRaw(({ socket, nth }) => {
      if (nth === 1) socket.write(httpAnswer('{}'));
      else socket.end(text);
    });
    await using send = nodeFetch();
    await (await send(server.url, {}, repeatable)).text();
    const response = await send(server.url, {}, repeatable);
    expect(await rejection(new Response(response.body).text())).toMatchObject({ code: 'UND_ERR_SOCKET' });
    expect(server.received).toHaveLength(2);
  });

  test('by a reset rejects with it.', async () => {
    let reset = (): void => undefined;
    await using server = await serveRaw(({ socket }) => {
      reset = () => socket.resetAndDestroy();
      socket.write(`${ok}content-length: 99\r\n\r\n{"bal`);
    });
    await using send = nodeFetch();
    const response = await send(server.url, {}, repeatable);
    reset();
    expect(await rejection(response.text())).toMatchObject({ code: 'ECONNRESET' });
  });

  test('causes no unhandled rejection if it is not read.', async () => {
    await using server = await serveRaw(({ socket }) => socket.end(`${ok}content-length: 99\r\n\r\n{"bal`));
    await using send = nodeFetch();
    expect((await send(server.url, {}, repeatable)).status).toBe(200);
    await until(() => send.stats().origins.length === 0);
  });
});

describe('A compressed body', () => {
  const text = JSON.stringify(Array.from({ length: 20_000 }, (_, nth) => ({ id: nth, name: `é ${nth}` })));
  const packings: [encoding: string, bytes: Buffer][] = [
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
  ];

  test.each(packings)('is unpacked: %s.', async (encoding, bytes) => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
    });
    await using send = nodeFetch();
    expect((await (await send(server.url, {}, repeatable)).text()) === text).toBe(true);
    const { body } = await send(server.url, {}, repeatable);
    expect((await new Response(body).text()) === text).toBe(true);
    expect(send.stats().origins).toMatchObject([{ connections: 1, idle: 1 }]);
  });

  test('that is corrupt rejects when it is read.', async () => {
    await using server = await serveRaw(({ socket }) => socket.write(httpAnswer('{}', `${ok}content-encoding: gzip`)));
    await using send = nodeFetch();
    expect(await rejection((await send(server.url)).text())).toMatchObject({ code: 'Z_DATA_ERROR' });
  });

  test('that is cut off rejects as the connection does.', async () => {
    const [, bytes = Buffer.alloc(0)] = packings[0] ?? [];
    await using server = await serve((_, response, raw) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bytes.length });
      response.write(bytes.subarray(0, bytes.length / 2), () => raw.socket.destroy());
    });
    await using send = nodeFetch();
    expect(await rejection((await send(server.url)).text())).toMatchObject({ code: 'UND_ERR_SOCKET' });
  });

  test.each(['none', 'utf-8', 'aws-chunked', 'gzip, rot13'])(
    'with an unknown encoding (%s) is read as by fetch.',
    async (encoding) => {
      await using server = await serve((_, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end('{"balance":1}');
      });
      await using send = nodeFetch();
      expect(await (await fetch(server.url)).text()).toBe('{"balance":1}');
      expect(await (await send(server.url, {}, repeatable)).json()).toEqual({ balance: 1 });
      expect(await new Response((await send(server.url, {}, repeatable)).body).text()).toBe('{"balance":1}');
    },
  );

  test('with too many encodings rejects, and gives up its connection.', async () => {
    const encoding = Array(6).fill('gzip').join(', ');
    await using server = await serveRaw(({ socket }) =>
      socket.write(`${ok}content-encoding: ${encoding}\r\ncontent-length: 99\r\n\r\nx`),
    );
    await using send = nodeFetch();
    expect(await rejection((await send(server.url)).json())).toMatchObject({ code: 'OCTA_UNKNOWN_ENCODING' });
    expect(send.stats().origins).toEqual([]);
  });
});

describe('A body in tiny pieces', () => {
  /** Answers with so many pieces of one byte, each behind an extension of that length, as fast as they are taken in. */
  const inPieces = (count: number, extensionLength: number) =>
    serveRaw(async ({ socket }) => {
      const piece = `1;${'e'.repeat(extensionLength)}\r\nx\r\n`;
      socket.write(`${ok}transfer-encoding: chunked\r\n\r\n`);
      for (let sent = 0; sent < count && !socket.destroyed; sent++) {
        if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
      }
      socket.write('0\r\n\r\n');
    });

  test('is read completely, and needs little more memory than its size.', async () => {
    const count = 60_000;
    await using server = await inPieces(count, 10);
    await using send = nodeFetch();
    const response = await send(server.url, {}, repeatable);
    // Nobody reads yet, so that all of it waits.
    await until(() => server.received.length === 1);
    expect((await response.text()) === 'x'.repeat(count)).toBe(true);
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const late = await send(server.url, {}, repeatable);
    await until(() => send.stats().origins[0]?.idle === 1);
    collectGarbage();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * mib);
    expect((await late.text()).length).toBe(count);
  });

  test('with long chunk extensions fails before much of it has arrived.', async () => {
    await using server = await inPieces(10_000, 60_000);
    await using send = nodeFetch();
    const error = await rejection((await send(server.url, {}, repeatable)).text());
    expect(error).toMatchObject({ code: 'OCTA_FRAMING' });
    expect(send.stats().origins).toEqual([]);
  });
});

describe('A long body', () => {
  /** Answers with so much, in pieces. */
  const longAnswers = (size: number) =>
    serve((_, response) => {
      const piece = Buffer.alloc(64 * 1024, 'x');
      response.writeHead(200, { 'content-length': size });
      for (let sent = 0; sent < size; sent += piece.length) response.write(piece);
      response.end();
    });

  test('arrives whole as text and as a stream.', async () => {
    await using server = await longAnswers(8 * mib);
    await using send = nodeFetch();
    expect((await (await send(server.url, {}, repeatable)).text()).length).toBe(8 * mib);
    const { body } = await send(server.url, {}, repeatable);
    expect((await new Response(body).arrayBuffer()).byteLength).toBe(8 * mib);
    expect(send.stats().origins).toMatchObject([{ connections: 1, idle: 1 }]);
  });

  test('that is not read stays on the server, and can still be read later.', async () => {
    const size = 64 * mib;
    let sent = 0;
    await using server = await serveRaw(({ socket }) => {
      socket.write(`${ok}content-length: ${size}\r\n\r\n`);
      const piece = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (sent < size) {
          sent += piece.length;
          if (!socket.write(piece)) return void socket.once('drain', more);
        }
      };
      more();
    });
    await using send = nodeFetch();
    const response = await send(server.url, {}, repeatable);
    for (let before = -1; before !== sent; await new Promise((resolve) => setTimeout(resolve, 100))) before = sent;
    expect(sent).toBeLessThan(size / 2);
    expect((await response.arrayBuffer()).byteLength).toBe(size);
  });

  test('that is cancelled gives up its connection immediately.', async () => {
    let closed = false;
    await using server = await serveRaw(({ socket }) => {
      socket.once('close', () => {
        closed = true;
      });
      socket.write(`${ok}content-length: 999999\r\n\r\n${'x'.repeat(1000)}`);
    });
    await using send = nodeFetch();
    const reader = (await send(server.url, {}, repeatable)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(send.stats().origins).toEqual([]);
    await until(() => closed);
  });

  test('that is cancelled after it arrived completely keeps its connection.', async () => {
    await using server = await serve((_, response) => json(response, '{}'));
    await using send = nodeFetch();
    const response = await send(server.url, {}, repeatable);
    await until(() => send.stats().origins[0]?.idle === 1);
    await response.body?.cancel();
    expect(send.stats().origins).toMatchObject([{ idle: 1 }]);
  });

  test.each<[string, (response: Response) => unknown]>([
    ['everybody has forgotten', () => undefined],
    ['was begun as a stream, and then forgotten', async ({ body }) => (await body?.getReader().read())?.value],
    ['was looked at as a stream, and then forgotten', ({ body }) => body?.locked],
  ])('that %s gives up its connection.', async (_, use) => {
    await using server = await longAnswers(8 * mib);
    await using send = nodeFetch();
    await (async () => void (await use(await send(server.url, {}, repeatable))))();
    await until(() => {
      collectGarbage();
      return send.stats().origins.length === 0;
    });
  });

  test('that is still read is not cancelled when its Response is garbage-collected.', async () => {
    await using server = await longAnswers(8 * mib);
    await using send = nodeFetch();
    const stream = await (async () => (await send(server.url, {}, repeatable)).body)();
    for (let turn = 0; turn < 20; turn++) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await new Response(stream).arrayBuffer()).byteLength).toBe(8 * mib);
  });
});
