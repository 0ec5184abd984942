import { afterEach, describe, expect, test, vi } from 'vitest';
import { type FetchLike, type OctaClient, OctaConnectionError, OctaNetworkError } from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, onceOnly, repeatable } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { freePort, httpAnswer, serveRaw, serveSockets } from '../support/raw-server.ts';
import { json, serve, type TestServer } from '../support/server.ts';

afterEach(() => vi.unstubAllGlobals());

const globalFetch: FetchLike = (url, init) => fetch(url, init);

/** A server that begins to listen only when it is told to. */
async function lateServer() {
  const port = await freePort();
  let server: TestServer | undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    received: () => server?.received.length ?? 0,
    begin: async () => {
      server = await serve((_, response) => json(response, goodAnswer), port);
    },
    [Symbol.asyncDispose]: async () => server?.[Symbol.asyncDispose](),
  };
}

describe.each(everyCall)('%s, when no server listens', (_, send) => {
  test('fails as never sent, after all attempts.', async () => {
    const client = clientFor({ url: `http://127.0.0.1:${await freePort()}` });
    const error = await failure(send(client), OctaConnectionError);
    expect(error).toMatchObject({ outcome: 'not-sent', cause: { cause: { code: 'ECONNREFUSED' } } });
    expect(error.attempts.map((attempt) => attempt.outcome)).toEqual(['not-sent', 'not-sent', 'not-sent']);
  });

  test('succeeds if a server listens at the second attempt.', async () => {
    await using server = await lateServer();
    const client = clientFor(server, { onRequest: ({ attempt }) => (attempt === 2 ? server.begin() : undefined) });
    await send(client);
    expect(server.received()).toBe(1);
  });
});

describe("With the caller's own fetch, which may forward and repeat requests,", () => {
  test.each(repeatable)('%s that was not received is retried.', async (_, send) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { attempts } = await failure(send(clientFor({ url }, { fetch: globalFetch })), OctaConnectionError);
    expect(attempts).toHaveLength(3);
  });

  test.each(onceOnly)('%s that was not received is not retried.', async (_, send) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const given = vi.fn(globalFetch);
    await failure(send(clientFor({ url }, { fetch: given })), OctaConnectionError);
    expect(given).toHaveBeenCalledTimes(1);
  });
});

describe.each(['ENOTFOUND', 'EAI_AGAIN'])('A name that cannot be resolved (%s)', (code) => {
  const cause = Object.assign(new Error(`getaddrinfo ${code} api.test`), { code, syscall: 'getaddrinfo' });
  const fails = () => vi.fn<FetchLike>(() => Promise.reject(new TypeError('fetch failed', { cause })));

  test.each(everyCall)('%s was never sent, and is retried.', async (_, send) => {
    const stub = fails();
    vi.stubGlobal('fetch', stub);
    const error = await failure(send(clientFor({ url: 'http://api.test' })), OctaConnectionError);
    expect(error).toMatchObject({ outcome: 'not-sent', cause: { cause } });
    expect(error.message).toContain(`no connection: fetch failed: getaddrinfo ${code} api.test`);
    expect(stub).toHaveBeenCalledTimes(3);
  });

  test.each(onceOnly)("%s is tried once with the caller's fetch.", async (_, send) => {
    const given = fails();
    await failure(send(clientFor({ url: 'http://api.test' }, { fetch: given })), OctaConnectionError);
    expect(given).toHaveBeenCalledTimes(1);
  });
});

test('Nothing is sent to a server that does not speak TLS.', async () => {
  await using server = await serve((_, response) => json(response, goodAnswer));
  const client = clientFor({ url: server.url.replace('http:', 'https:') });
  const error = await failure(client.accounts.balance(), OctaConnectionError);
  expect(error).toMatchObject({ outcome: 'not-sent', cause: { cause: { code: 'ERR_SSL_WRONG_VERSION_NUMBER' } } });
  expect(server.received).toEqual([]);
});

test.each(onceOnly)('%s is not sent again when the connection was made and then closed.', async (_, send) => {
  await using server = await serveSockets((socket) => socket.end());
  const error = await failure(send(clientFor(server)), OctaNetworkError);
  expect(error.outcome).toBe('unknown');
  expect(server.connections()).toBe(1);
});

describe('A reused connection that dies during the next request', () => {
  /** Drops the connection at the second request. */
  const dropsSecond = () =>
    serveRaw(({ socket, nth }) => {
      if (nth === 2) socket.destroy();
      else socket.write(httpAnswer(goodAnswer));
    });
  /** Makes a connection, which is free again a turn after its answer. */
  const warmUp = async (client: OctaClient): Promise<void> => {
    await client.accounts.balance();
    await new Promise((resolve) => setImmediate(resolve));
  };

  test.each(repeatable)('%s is sent again, and succeeds.', async (_, send) => {
    await using server = await dropsSecond();
    const client = clientFor(server);
    await warmUp(client);
    await send(client);
    expect(server.received).toHaveLength(3);
  });

  test.each(onceOnly)('%s reaches the server once.', async (_, send) => {
    await using server = await dropsSecond();
    const client = clientFor(server);
    await warmUp(client);
    const error = await failure(send(client), OctaNetworkError);
    expect(error).toMatchObject({ outcome: 'unknown', attempts: { length: 1 } });
    expect([server.received.length, server.connections()]).toEqual([2, 1]);
  });
});
