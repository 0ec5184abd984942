/** `nodeFetch()` through a proxy. */
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { nodeFetch } from '../../src/node/index.ts';
import { rejection } from '../support/failure.ts';
import { freePort, serveSockets } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';
import { until } from '../support/until.ts';

const repeatable = { repeatable: true };
const certificate = {
  cert: readFileSync(new URL('../fixtures/self-signed-certificate.pem', import.meta.url)),
  key: readFileSync(new URL('../fixtures/self-signed-key.pem', import.meta.url)),
};

async function listen(server: Server, protocol: string) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    url: `${protocol}://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    /** Resets every connection. */
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An HTTPS server that responds with the requested path, unless the path says otherwise. */
async function serveHttps() {
  const received: unknown[] = [];
  const answer: RequestListener = ({ url, socket }, response) => {
    received.push(url);
    if (url === '/breaks') socket.destroy();
    else if (url !== '/silent') json(response, JSON.stringify({ path: url }));
  };
  return { ...(await listen(createHttps(certificate, answer), 'https')), received };
}

interface ProxyOptions {
  readonly tls?: boolean;
  /** Its answer when it is asked for a tunnel. */
  readonly status?: string;
  /** What it sends right after its answer, before the server does. */
  readonly greeting?: string;
}

/** A proxy, and what it was asked. */
async function serveProxy({ tls = false, status = '200 Connection Established', greeting = '' }: ProxyOptions = {}) {
  const asked: string[] = [];
  const passwords: unknown[] = [];
  const note = (request: IncomingMessage) => {
    asked.push(`${request.method} ${request.url} ${request.headers.host}`);
    passwords.push(request.headers['proxy-authorization']);
  };
  const forward: RequestListener = (request, response) => {
    note(request);
    json(response, JSON.stringify({ forwarded: request.url }));
  };
  const server = tls ? createHttps(certificate, forward) : createHttp(forward);
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request);
    socket.on('error', () => undefined);
    if (!status.startsWith('200')) return socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\nno`);
    const [host = '', port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write(`HTTP/1.1 ${status}\r\n\r\n${greeting}`);
      upstream.pipe(socket).pipe(upstream);
    });
    return upstream.on('error', () => socket.destroy());
  });
  return { ...(await listen(server, tls ? 'https' : 'http')), asked, passwords };
}

const withUser = (url: string) => url.replace('://', '://us%C3%A9r:p%40ss@');
const credentials = `Basic ${Buffer.from('usér:p@ss').toString('base64')}`;

describe.each([
  ['http', false],
  ['https', true],
] as const)('Through an %s proxy', (_, tls) => {
  test('a request over TLS uses a tunnel, one for each connection.', async () => {
    await using server = await serveHttps();
    await using proxy = await serveProxy({ tls });
    await using send = nodeFetch({ proxy: withUser(proxy.url), tlsVerify: false });
    for (const path of ['/a', '/b']) {
      expect(await (await send(server.url + path, {}, repeatable)).json()).toEqual({ path });
    }
    expect(await (await send(`${server.url}/c`, { method: 'POST' })).json()).toEqual({ path: '/c' });
    const tunnel = `CONNECT ${server.host} ${server.host}`;
    expect([proxy.asked, proxy.passwords]).toEqual([
      [tunnel, tunnel],
      [credentials, credentials],
    ]);
  });

  test('a plain request is forwarded.', async () => {
    await using proxy = await serveProxy({ tls });
    await using send = nodeFetch({ proxy: withUser(proxy.url), tlsVerify: false });
    const url = 'http://api.test:81/a?b=c';
    const response = await send(url, {}, repeatable);
    expect([response.url, await response.json()]).toEqual([url, { forwarded: url }]);
    expect([proxy.asked, proxy.passwords]).toEqual([[`GET ${url} api.test:81`], [credentials]]);
    expect(send.stats().origins).toMatchObject([{ origin: 'http://api.test:81', idle: 1 }]);
  });

  test('the certificate of the server is verified.', async () => {
    await using server = await serveHttps();
    await using proxy = await serveProxy({ tls });
    await using send = nodeFetch({ proxy: proxy.url });
    expect(await rejection(send(server.url))).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });
});

test.each([
  ['100%sure', '100%sure'],
  ['%zz', '%zz'],
  ['caf%C3%A9', 'café'],
  ['a%3Ab%40c', 'a:b@c'],
])('The password %j is sent to the proxy as %j, for either kind of request.', async (written, sent) => {
  await using server = await serveHttps();
  await using proxy = await serveProxy();
  await using send = nodeFetch({ proxy: proxy.url.replace('://', `://u:${written}@`), tlsVerify: false });
  await (await send('http://api.test/', {}, repeatable)).text();
  await (await send(server.url, {}, repeatable)).text();
  const authorization = `Basic ${Buffer.from(`u:${sent}`).toString('base64')}`;
  expect(proxy.passwords).toEqual([authorization, authorization]);
});

describe('The proxies of the environment', () => {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];

  /** Sets these variables, and no other that names a proxy, until the test has ended. */
  function given(variables: Readonly<Record<string, string>>): void {
    for (const name of names) vi.stubEnv(name, variables[name]);
    onTestFinished(() => void vi.unstubAllEnvs());
  }

  test('are used for matching requests.', async () => {
    await using server = await serveHttps();
    await using direct = await serve((_, response) => json(response, '{"direct":true}'));
    await using plain = await serveProxy();
    await using secure = await serveProxy();
    given({ HTTP_PROXY: plain.url, https_proxy: secure.url, HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'localhost' });
    await using send = nodeFetch({ proxy: 'env', tlsVerify: false });
    expect(await (await send('http://api.test/a', {}, repeatable)).json()).toEqual({ forwarded: 'http://api.test/a' });
    expect(await (await send(`${server.url}/b`, {}, repeatable)).json()).toEqual({ path: '/b' });
    expect(await (await send(direct.url.replace('127.0.0.1', 'localhost'), {}, repeatable)).json()).toEqual({
      direct: true,
    });
    expect([plain.asked.length, secure.asked.length]).toEqual([1, 1]);
  });

  test('may be none.', async () => {
    await using server = await serve((_, response) => json(response, '{"direct":true}'));
    given({});
    await using send = nodeFetch({ proxy: 'env' });
    expect(await (await send(server.url, {}, repeatable)).json()).toEqual({ direct: true });
  });

  test('have no effect without the option.', async () => {
    await using server = await serve((_, response) => json(response, '{"direct":true}'));
    given({ HTTP_PROXY: 'http://127.0.0.1:1' });
    await using send = nodeFetch();
    expect(await (await send(server.url, {}, repeatable)).json()).toEqual({ direct: true });
  });

  test.each(['HTTP_PROXY', 'https_proxy'])('are refused if %s is not valid, without its value.', (name) => {
    given({ [name]: 'user:secret-word@proxy' });
    expect(() => nodeFetch({ proxy: 'env' })).toThrow(
      `${name} is invalid (its value is not shown); allowed: an http or https URL without a path`,
    );
  });
});

test('Without a user, no authorization is sent.', async () => {
  await using proxy = await serveProxy();
  await using send = nodeFetch({ proxy: proxy.url });
  await (await send('http://api.test/')).text();
  expect(proxy.passwords).toEqual([undefined]);
});

test.each(['407 Proxy Authentication Required', '403 Forbidden', '502 Bad Gateway'])(
  'A proxy that refuses the tunnel causes a specific error, and nothing was sent: %s.',
  async (status) => {
    await using proxy = await serveProxy({ status });
    await using send = nodeFetch({ proxy: withUser(proxy.url) });
    const error = await rejection(send('https://api.test/'));
    expect(error).toMatchObject({
      code: 'OCTA_PROXY_REFUSED',
      message: `the proxy refused to connect to api.test:443 (status ${status.slice(0, 3)})`,
    });
    expect(send.stats().totals.connectionsOpened).toBe(0);
  },
);

test('A proxy refuses a plain request with its own response.', async () => {
  await using server = await serve((_, response) => response.writeHead(407).end('{}'));
  await using send = nodeFetch({ proxy: server.url });
  expect((await send('http://api.test/')).status).toBe(407);
});

describe('A tunnel that is not opened', () => {
  test('in time ends the request.', async () => {
    await using proxy = await serveSockets(() => undefined);
    await using send = nodeFetch({ proxy: proxy.url, connectTimeoutMs: 20 });
    expect(await rejection(send('https://api.test/'))).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' });
  });

  test('because no server listens causes a specific error.', async () => {
    await using send = nodeFetch({ proxy: `http://127.0.0.1:${await freePort()}` });
    expect(await rejection(send('https://api.test/'))).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
  });

  test('because the proxy closes the connection causes a specific error.', async () => {
    await using proxy = await serveSockets((socket) => socket.destroy());
    await using send = nodeFetch({ proxy: proxy.url });
    expect(await rejection(send('https://api.test/'))).toMatchObject({ code: 'ECONNRESET' });
  });

  test('is abandoned when the caller aborts.', async () => {
    const controller = new AbortController();
    let whenClosed = (): void => undefined;
    const closed = new Promise<void>((resolve) => {
      whenClosed = resolve;
    });
    await using proxy = await serveSockets((socket) => {
      socket.resume().once('close', whenClosed);
      controller.abort('enough');
    });
    await using send = nodeFetch({ proxy: proxy.url, connectTimeoutMs: 0 });
    expect(await rejection(send('https://api.test/', { signal: controller.signal }))).toBe('enough');
    await closed;
  });
});

test.each([false, true])('A tunnel that breaks causes a specific error (proxy over TLS: %s).', async (tls) => {
  await using server = await serveHttps();
  await using proxy = await serveProxy({ tls });
  await using send = nodeFetch({ proxy: proxy.url, tlsVerify: false });
  await (await send(`${server.url}/a`, {}, repeatable)).text();
  const error = await rejection(send(`${server.url}/breaks`, { method: 'POST', body: 'x' }));
  expect(error).toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/) });
  expect(await (await send(`${server.url}/b`, {}, repeatable)).json()).toEqual({ path: '/b' });
});

test.each([false, true])(
  'A tunnel that its proxy resets causes a specific error (proxy over TLS: %s).',
  async (tls) => {
    await using server = await serveHttps();
    await using proxy = await serveProxy({ tls });
    await using send = nodeFetch({ proxy: proxy.url, tlsVerify: false });
    const answer = rejection(send(`${server.url}/silent`));
    await until(() => server.received.includes('/silent'));
    proxy.reset();
    expect(await answer).toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/) });
  },
);

test('Data that a proxy sends with its response belongs to the tunnel.', async () => {
  await using server = await serveHttps();
  await using proxy = await serveProxy({ greeting: 'this is not TLS' });
  await using send = nodeFetch({ proxy: proxy.url, tlsVerify: false });
  expect(await rejection(send(server.url))).toMatchObject({ code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
});

test('An IPv6 address is requested in brackets.', async () => {
  await using proxy = await serveProxy({ status: '403 Forbidden' });
  await using send = nodeFetch({ proxy: proxy.url });
  await rejection(send('https://[::1]:444/'));
  expect(proxy.asked).toEqual(['CONNECT [::1]:444 [::1]:444']);
});
