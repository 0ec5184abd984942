/** `nodeFetch()` as a fetch: its requests and responses. */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { OctaConfigurationError } from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';
import { failure, rejection } from '../support/failure.ts';
import { freePort, httpAnswer, serveRaw } from '../support/raw-server.ts';
import { json, type Received, serve } from '../support/server.ts';

const repeatable = { repeatable: true };
const longHeaders = `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(99_000)}\r\n\r\n`;

/** What a server receives when this is sent. */
async function receivedOf(path: string, init: RequestInit = {}): Promise<Received | undefined> {
  await using server = await serve((_, response) => json(response, '{}'));
  await using send = nodeFetch();
  await (await send(server.url + path, init, repeatable)).text();
  return server.received[0];
}

describe('A request', () => {
  test('is sent unchanged.', async () => {
    const init = { method: 'POST', headers: { accept: 'application/json', 'X-A': 'é' }, body: '{"wei":1}' };
    const received = await receivedOf('/nodes?country=DE&app=a%2Fb', init);
    expect(received).toMatchObject({ method: 'POST', path: '/nodes?country=DE&app=a%2Fb', body: '{"wei":1}' });
    expect(received?.headers).toMatchObject({
      accept: 'application/json',
      'x-a': 'é',
      'content-length': '9',
      'content-type': 'text/plain;charset=UTF-8',
      'accept-encoding': 'gzip, deflate, br',
      connection: 'keep-alive',
    });
  });

  test.each<[string, HeadersInit]>([
    ['an object', { 'Content-Type': 'application/json', 'Accept-Encoding': 'identity', 'Content-Length': '1' }],
    [
      'pairs',
      [
        ['CONTENT-TYPE', 'application/json'],
        ['accept-encoding', 'identity'],
      ],
    ],
    ['Headers', new Headers({ 'content-type': 'application/json', 'accept-encoding': 'identity' })],
  ])('keeps the headers of its caller, as %s.', async (_, headers) => {
    const received = await receivedOf('/', { method: 'POST', headers, body: '{}' });
    expect(received?.headers).toMatchObject({
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'content-length': '2',
    });
  });

  test('normalises its URL as fetch does, and does not send the fragment.', async () => {
    await using server = await serve((_, response) => json(response, '{}'));
    await using send = nodeFetch();
    const response = await send(`${server.url}/a/../b c?d=é#e`);
    expect(server.received[0]?.path).toBe('/b%20c?d=%C3%A9');
    expect(response.url).toBe(`${server.url}/b%20c?d=%C3%A9`);
  });

  test.each<[string, () => BodyInit, string, string | RegExp | undefined]>([
    ['text', () => 'é', 'é', 'text/plain;charset=UTF-8'],
    ['bytes', () => new Uint8Array([0x61, 0x62]), 'ab', undefined],
    ['a buffer', () => new Uint8Array([0x61, 0x62]).buffer, 'ab', undefined],
    ['a part of a buffer', () => new Uint8Array([0x61, 0x62, 0x63]).subarray(1), 'bc', undefined],
    ['parameters', () => new URLSearchParams({ a: '1' }), 'a=1', 'application/x-www-form-urlencoded;charset=UTF-8'],
    ['a blob', () => new Blob(['ab'], { type: 'text/csv' }), 'ab', 'text/csv'],
    ['a stream', () => new Response('ab').body ?? '', 'ab', undefined],
  ])('has a body of %s.', async (_, body, text, type) => {
    const received = await receivedOf('/', { method: 'POST', body: body() });
    expect([received?.body, received?.headers['content-type']]).toEqual([text, type]);
  });

  test('has a form for a body.', async () => {
    const body = new FormData();
    body.set('name', 'value');
    const received = await receivedOf('/', { method: 'POST', body });
    expect(received?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(received?.body).toContain('name="name"\r\n\r\nvalue');
  });

  test('without a body has no length, unless its method asks for one.', async () => {
    expect((await receivedOf('/'))?.headers['content-length']).toBeUndefined();
    expect((await receivedOf('/', { method: 'post', body: '' }))?.headers['content-length']).toBe('0');
    expect((await receivedOf('/', { method: 'PATCH' }))?.method).toBe('PATCH');
  });

  test.each(['GET', 'HEAD'])('is refused when a %s has a body.', async (method) => {
    await using send = nodeFetch();
    const error = await rejection(send('http://127.0.0.1:1/', { method, body: 'x' }));
    expect(error).toMatchObject({ name: 'TypeError', message: `a ${method} request cannot have a body` });
  });

  test.each([
    ['ftp://api.test/', 'nodeFetch() supports only http: and https: URLs, not ftp:'],
    ['data:text/plain,a', 'nodeFetch() supports only http: and https: URLs, not data:'],
    ['http://someone:secret@api.test/', 'nodeFetch() does not support URLs with a user name or a password'],
  ])('to %s is refused.', async (url, message) => {
    await using send = nodeFetch();
    expect((await failure(send(url), OctaConfigurationError)).message).toBe(message);
  });

  test.each(['/api/octa', '', 'nonsense'])('to %j, which is not a URL, is refused.', async (url) => {
    await using send = nodeFetch();
    expect(await rejection(send(url))).toMatchObject({ code: 'ERR_INVALID_URL' });
  });

  test('with a header that cannot be sent is refused, without the value.', async () => {
    await using server = await serve((_, response) => json(response, '{}'));
    await using send = nodeFetch();
    const error = await rejection(send(server.url, { headers: { authorization: 'key\nkey' } }));
    expect(error).toMatchObject({ code: 'UND_ERR_INVALID_ARG', message: 'invalid authorization header' });
    expect(server.received).toEqual([]);
  });

  test('can reach a host by its name.', async () => {
    await using server = await serve((_, response) => json(response, '{}'));
    await using send = nodeFetch();
    expect((await send(server.url.replace('127.0.0.1', 'localhost'))).status).toBe(200);
  });
});

describe('A response', () => {
  test('has status, text, headers and body.', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(404, 'Gone Fishing', { 'x-request-id': 'r-1', 'set-cookie': ['a=1', 'b=2'] }).end('{"é":1}');
    });
    await using send = nodeFetch();
    const response = await send(server.url);
    expect([response.status, response.statusText, response.ok]).toEqual([404, 'Gone Fishing', false]);
    expect([response.headers.get('x-request-id'), response.headers.getSetCookie()]).toEqual(['r-1', ['a=1', 'b=2']]);
    expect(await response.json()).toEqual({ é: 1 });
  });

  test.each([301, 302, 303, 307, 308])('that is a redirect is returned unchanged (%i).', async (status) => {
    await using server = await serve((_, response) => response.writeHead(status, { location: '/b' }).end());
    await using send = nodeFetch();
    const response = await send(server.url, { method: 'POST', body: '{}' }, repeatable);
    expect([response.status, response.headers.get('location'), response.redirected]).toEqual([status, '/b', false]);
    expect(server.received).toHaveLength(1);
  });

  test.each([204, 304])('without a body leaves its connection free (%i).', async (status) => {
    await using server = await serve((_, response) => response.writeHead(status).end());
    await using send = nodeFetch();
    const response = await send(server.url, {}, repeatable);
    expect([response.body, await response.text()]).toEqual([null, '']);
    expect(send.stats().origins).toMatchObject([{ busy: 0, idle: 1 }]);
  });

  test('to a HEAD request has no body, whatever its length header says.', async () => {
    await using server = await serve((_, response) => response.writeHead(200, { 'content-length': '99' }).end());
    await using send = nodeFetch();
    const response = await send(server.url, { method: 'HEAD' });
    expect([response.headers.get('content-length'), response.body, await response.text()]).toEqual(['99', null, '']);
  });

  test('may follow an informational response.', async () => {
    await using server = await serveRaw(({ socket }) => {
      socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${httpAnswer('{"a":1}')}`);
    });
    await using send = nodeFetch();
    const response = await send(server.url);
    expect([response.status, response.headers.get('link'), await response.json()]).toEqual([200, null, { a: 1 }]);
  });

  test('may end with its connection.', async () => {
    await using server = await serveRaw(({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'));
    await using send = nodeFetch();
    expect(await (await send(server.url)).text()).toBe('until the end');
  });

  test.each<[string, object, (socket: Socket) => void]>([
    ['reset before the headers', { code: 'ECONNRESET' }, (socket) => socket.resetAndDestroy()],
    ['closed before the headers', { code: 'UND_ERR_SOCKET' }, (socket) => socket.end()],
    ['closed within the headers', { code: 'UND_ERR_SOCKET' }, (socket) => socket.end('HTTP/1.1 200 OK\r\ncont')],
    ['of another protocol', { name: 'HTTPParserError' }, (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n\r\n')],
    ['too long in its headers', { code: 'UND_ERR_HEADERS_OVERFLOW' }, (socket) => socket.end(longHeaders)],
  ])('that is %s rejects with the error of undici: %o.', async (_, error, act) => {
    await using server = await serveRaw(({ socket }) => act(socket));
    await using send = nodeFetch();
    expect(await rejection(send(server.url, {}, repeatable))).toMatchObject(error);
    expect([server.received.length, send.stats().origins]).toEqual([1, []]);
  });

  test('without a server rejects with the error of Node.', async () => {
    await using send = nodeFetch();
    const error = await rejection(send(`http://127.0.0.1:${await freePort()}`));
    expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
  });
});
