/** `nodeFetch()` over TLS. */
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { nodeFetch } from '../../src/node/index.ts';
import { rejection } from '../support/failure.ts';
import { httpAnswer } from '../support/raw-server.ts';

const repeatable = { repeatable: true };
const certificate = {
  cert: readFileSync(new URL('../fixtures/self-signed-certificate.pem', import.meta.url)),
  key: readFileSync(new URL('../fixtures/self-signed-key.pem', import.meta.url)),
};

/** A TLS server that does `act` with every request, told which one of its connection it is. */
async function serveTls(act: (socket: TLSSocket, nth: number) => void, options: TlsOptions = {}) {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const handshakes: { readonly resumed: boolean; readonly name: string | false | null; readonly protocol: unknown }[] =
    [];
  const server = createServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'], ...options }, (socket) => {
    const { servername: name, alpnProtocol: protocol } = socket;
    handshakes.push({ resumed: socket.isSessionReused(), name, protocol });
    let count = 0;
    socket
      .on('error', () => undefined)
      .on('data', (text) => {
        received.push(String(text).slice(0, String(text).indexOf(' HTTP/1.1')));
        act(socket, ++count);
      });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    received,
    handshakes,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const answers = (socket: TLSSocket) => void socket.write(httpAnswer('{}'));

describe('An untrusted certificate', () => {
  test('is rejected before any part of the request is sent.', async () => {
    await using server = await serveTls(answers);
    await using send = nodeFetch();
    const error = await rejection(send(server.url, { method: 'POST', body: 'secret' }));
    expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect([server.received, send.stats().totals.connectionsOpened]).toEqual([[], 0]);
  });

  test('is accepted if tlsVerify is false.', async () => {
    await using server = await serveTls(answers);
    await using send = nodeFetch({ tlsVerify: false });
    for (let request = 0; request < 2; request++) {
      expect(await (await send(`${server.url}/a`, {}, repeatable)).text()).toBe('{}');
    }
    expect(server.received).toEqual(['GET /a', 'GET /a']);
    expect(server.handshakes).toEqual([{ resumed: false, name: false, protocol: 'http/1.1' }]);
  });
});

test('The TLS server name is the host name or the host header.', async () => {
  await using server = await serveTls(answers);
  await using send = nodeFetch({ tlsVerify: false });
  await (await send(server.url.replace('127.0.0.1', 'localhost'))).text();
  await (await send(server.url, { headers: { host: 'api.test' } })).text();
  expect(server.handshakes.map(({ name }) => name)).toEqual(['localhost', 'api.test']);
});

test('The next handshake with a server is shorter.', async () => {
  await using server = await serveTls(answers);
  await using send = nodeFetch({ tlsVerify: false });
  for (let request = 0; request < 3; request++) await (await send(server.url)).text();
  expect(server.handshakes.map(({ resumed }) => resumed)).toEqual([false, true, true]);
});

test('A shorter handshake still verifies the certificate.', async () => {
  await using server = await serveTls(answers);
  await using lenient = nodeFetch({ tlsVerify: false });
  await using strict = nodeFetch();
  await (await lenient(server.url)).text();
  expect(await rejection(strict(server.url))).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

describe('An idle connection that the server closes without a response', () => {
  const closesSecond = (socket: TLSSocket, nth: number) => (nth === 2 ? socket.destroy() : answers(socket));

  test('does not fail a repeatable request.', async () => {
    await using server = await serveTls(closesSecond);
    await using send = nodeFetch({ tlsVerify: false });
    for (const path of ['/a', '/b']) await (await send(server.url + path, {}, repeatable)).text();
    expect(server.received).toEqual(['GET /a', 'GET /b', 'GET /b']);
    expect(send.stats().totals.resent).toBe(1);
  });

  test('is not used by a request that must not be repeated.', async () => {
    await using server = await serveTls(closesSecond);
    await using send = nodeFetch({ tlsVerify: false });
    await (await send(`${server.url}/a`, {}, repeatable)).text();
    await (await send(`${server.url}/start`, { method: 'POST' })).text();
    expect(server.received).toEqual(['GET /a', 'POST /start']);
  });
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('A slow response is not silence (%s).', async (version) => {
  const slow = (socket: TLSSocket) => {
    const pieces = [...httpAnswer('{}')];
    const timer = setInterval(() => {
      const piece = pieces.shift();
      if (piece === undefined) clearInterval(timer);
      else socket.write(piece);
    }, 5);
  };
  await using server = await serveTls(slow, { maxVersion: version });
  await using send = nodeFetch({ tlsVerify: false, readTimeoutMs: 150 });
  expect(await (await send(server.url)).text()).toBe('{}');
});

test('A server that does not speak TLS causes a specific error.', async () => {
  const { serve, json } = await import('../support/server.ts');
  await using server = await serve((_, response) => json(response, '{}'));
  await using send = nodeFetch();
  const error = await rejection(send(server.url.replace('http:', 'https:')));
  expect(error).toMatchObject({ code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
  expect(server.received).toEqual([]);
});
