/** The simulator over real HTTP. */
import { request } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import {
  OctaAbortError,
  OctaClient,
  type OctaClientOptions,
  OctaConfigurationError,
  OctaNetworkError,
  OctaProvisionRejectedError,
  OctaResponseError,
  OctaServiceUnavailableError,
  OctaTimeoutError,
} from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';
import { OctaSimulator, type OctaSimulatorOptions, type RecordedRequest } from '../../src/testing/index.ts';
import { failure } from '../support/failure.ts';
import { until } from '../support/until.ts';

interface Served extends AsyncDisposable {
  readonly simulator: OctaSimulator;
  readonly client: OctaClient;
  readonly url: string;
  readonly finished: readonly RecordedRequest[];
}

async function served(options: OctaSimulatorOptions = {}, clientOptions: OctaClientOptions = {}): Promise<Served> {
  const simulator = new OctaSimulator({ latencyMs: 1, machines: [{ node_id: 1 }, { node_id: 2 }], ...options });
  const finished: RecordedRequest[] = [];
  const server = await simulator.listen({ onRequest: (entry) => finished.push({ ...entry }) });
  const { url } = server;
  const client = new OctaClient({
    apiKey: 'any',
    baseUrl: url,
    retries: 0,
    logLevel: 'silent',
    leaseVariable: false,
    ...clientOptions,
  });
  const close = async () => {
    await client.close();
    await server.close();
  };
  return { simulator, client, url, finished, [Symbol.asyncDispose]: close };
}

async function ready(session: { info(): PromiseLike<{ readonly is_ready?: boolean }> }): Promise<void> {
  while ((await session.info()).is_ready !== true) await new Promise((resolve) => setTimeout(resolve, 5));
}

const rental = { node_id: 1, disk_size: 10, image: 'ubuntu:24.04' };

test.each([['the global fetch'], ['nodeFetch()']])('A whole rental works through %s, in real time.', async (name) => {
  await using transport = nodeFetch();
  const options = name === 'nodeFetch()' ? { fetch: transport } : {};
  await using world = await served({ readyAfterMs: 150 }, options);
  const { simulator, client } = world;
  const before = performance.now();
  const session = await client.services.mr.start(rental);
  await ready(session);
  // Timers may be early by a fraction of a millisecond.
  expect(performance.now() - before).toBeGreaterThan(149);
  await session.stop({ score: 5 });
  expect(simulator.sessions).toMatchObject([{ state: 'ended', terminationReason: 0, score: 5 }]);
  expect((await client.accounts.balance()).balance).toBe(simulator.balance);
});

describe('faults', () => {
  test('A lost connection is lost, before the request and after it.', async () => {
    await using world = await served();
    for (const lost of ['before', 'after'] as const) {
      world.simulator.fail('startMr', { lost });
      const error = await failure(world.client.services.mr.start(rental), OctaNetworkError);
      expect([error.outcome, error.phase]).toEqual(['unknown', 'headers']);
    }
    expect(world.simulator.running).toHaveLength(1);
    expect(world.finished.map(({ outcome, processed }) => [outcome, processed])).toEqual([
      ['failed', false],
      ['failed', true],
    ]);
  });

  test('A cut body ends halfway.', async () => {
    await using world = await served();
    world.simulator.fail('startMr', { cut: true });
    const error = await failure(world.client.services.mr.start(rental), OctaNetworkError);
    expect([error.outcome, error.phase]).toEqual(['unknown', 'body']);
    expect(world.finished).toMatchObject([{ outcome: 'failed', status: 200 }]);
  });

  test.each([['headers'], ['body']] as const)('Stalled %s never arrive.', async (stall) => {
    await using world = await served({}, { timeoutMs: 500 });
    world.simulator.fail('startMr', { stall });
    const error = await failure(world.client.services.mr.start(rental), OctaTimeoutError);
    expect([error.outcome, error.phase]).toEqual(['unknown', stall]);
    await until(() => world.finished.length === 1);
    expect(world.finished).toMatchObject([{ outcome: 'aborted', processed: true }]);
  });

  test('A delayed start takes effect after its client has gone.', async () => {
    await using world = await served();
    const leaving = new AbortController();
    // The client goes away once its request has arrived.
    const arrives = ({ operation }: { readonly operation: string | undefined }): boolean => {
      if (operation === 'startMr') setImmediate(() => leaving.abort());
      return operation === 'startMr';
    };
    world.simulator.fail(arrives, { delayMs: 250 });
    await failure(world.client.services.mr.start(rental, { signal: leaving.signal }), OctaAbortError);
    expect(world.simulator.running).toEqual([]);
    await until(() => world.simulator.running.length === 1);
    expect(world.simulator.requests).toMatchObject([{ outcome: 'aborted', processed: true }]);
  });

  test('A status, half of a JSON text and a refusal are responses.', async () => {
    await using world = await served();
    const { simulator, client } = world;
    simulator.fail('startMr', { status: 503, body: 'down', headers: { 'Retry-After': '7' } });
    expect((await failure(client.services.mr.start(rental), OctaServiceUnavailableError)).retryAfter).toBe(7);
    simulator.fail('startMr', { invalidJson: true });
    expect((await failure(client.services.mr.start(rental), OctaResponseError)).truncated).toBe(true);
    simulator.fail('startMr', { refuse: 'Out of stock' });
    await failure(client.services.mr.start(rental), OctaProvisionRejectedError);
    simulator.fail('listNodes', { status: 204 });
    expect((await fetch(`${world.url}/nodes`, { headers: { authorization: 'k' } })).status).toBe(204);
  });

  test('A condition that throws ends the connection.', async () => {
    await using world = await served();
    world.simulator.fail(
      () => {
        throw new Error('wrong test');
      },
      { status: 500 },
    );
    await failure(world.client.network.get(), OctaNetworkError);
  });
});

describe('the server', () => {
  test('allows requests from pages of any site', async () => {
    await using world = await served();
    const preflight = await fetch(`${world.url}/services/mr`, {
      method: 'OPTIONS',
      headers: { origin: 'https://example.com', 'access-control-request-headers': 'authorization,x-trace' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,x-trace');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    const answer = await fetch(`${world.url}/network`);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
    expect(world.simulator.requests).toHaveLength(1);
  });

  test('dates its responses by the virtual wall clock, once', async () => {
    await using world = await served({ startedAt: Date.UTC(2031, 0, 1, 12), speed: 0 });
    const answer = await fetch(`${world.url}/network`);
    expect(answer.headers.get('date')).toMatch(/^Wed, 01 Jan 2031 12:00:0\d GMT$/);
    expect(answer.headers.get('access-control-expose-headers')).toContain('date');
  });

  test('reports which sessions its clients have seen', async () => {
    await using world = await served({ lies: { lostStarts: 1 } });
    const { simulator, client } = world;
    await failure(client.services.mr.start(rental), OctaNetworkError);
    expect(simulator.sessions.map(({ shown }) => shown)).toEqual([false]);
    expect(await client.sessions.list()).toHaveLength(1);
    await until(() => simulator.sessions[0]?.shown === true);
  });

  test('advances time while it runs, and stops it when it is closed', async () => {
    const simulator = new OctaSimulator();
    const server = await simulator.listen();
    const other = await simulator.listen({ host: '127.0.0.1', port: 0 });
    const { now } = simulator;
    await until(() => simulator.now > now + 5);
    await other.close();
    const later = simulator.now;
    await until(() => simulator.now > later + 5);
    await Promise.all([server.close(), server.close()]);
    const stopped = simulator.now;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(simulator.now).toBe(stopped);
  });

  test('runs at the given speed', async () => {
    await using world = await served({ speed: 10_000 });
    const session = await world.client.services.mr.start(rental);
    await ready(session);
    const { duration = 0 } = await session.info();
    expect(duration).toBeGreaterThanOrEqual(8);
  });

  test('can be advanced by hand meanwhile', async () => {
    await using world = await served();
    const session = await world.client.services.mr.start(rental);
    await world.simulator.advance(3_600_000);
    const { is_ready, duration = 0 } = await session.info();
    expect(is_ready).toBe(true);
    expect(duration).toBeGreaterThanOrEqual(3600);
  });

  test('is below the given path, and reports that', async () => {
    await using world = await served({ basePath: '/api/octa', requireKey: false }, { apiKey: '' });
    expect(world.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/octa$/);
    expect((await world.client.accounts.get()).uid).toBeGreaterThan(0);
    expect(world.finished[0]).toMatchObject({
      url: `${world.url}/accounts`,
      path: '/accounts',
      headers: { accept: 'application/json' },
    });
    expect((await fetch(world.url.replace('/api/octa', '/accounts'))).status).toBe(404);
  });

  test('responds to HEAD like GET, without the body', async () => {
    await using world = await served();
    const answer = await fetch(`${world.url}/network`, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(100);
  });

  test.each([
    ['0.0.0.0', /^http:\/\/127\.0\.0\.1:/],
    ['::', /^http:\/\/\[::1\]:/],
    ['localhost', /^http:\/\/localhost:/],
  ])('that listens at %s returns a usable address', async (host, url) => {
    await using server = await new OctaSimulator().listen({ host });
    expect(server.url).toMatch(url);
  });

  test('breaks connections that wait for a response when the simulator is reset', async () => {
    await using world = await served();
    const { simulator, client, finished } = world;
    simulator.fail('listNodes', { stall: 'headers' });
    simulator.fail('startMr', { delayMs: 3_600_000 });
    const calls = [client.nodes.list(), client.services.mr.start(rental)];
    const failures = calls.map((call) => failure(Promise.resolve<unknown>(call), OctaNetworkError));
    await until(() => simulator.requests.filter(({ processed }) => processed).length === 1);
    await until(() => simulator.requests.length === 2);
    simulator.reset();
    await Promise.all(failures);
    await simulator.advance(7_200_000);
    expect([simulator.sessions, finished.map(({ outcome }) => outcome)]).toEqual([[], ['failed', 'failed']]);
  });

  test('breaks open connections when it is closed', async () => {
    const simulator = new OctaSimulator();
    const server = await simulator.listen();
    simulator.fail('getNetwork', { stall: 'headers' });
    const broken = new Promise<unknown>((resolve) => {
      request(`${server.url}/network`).on('error', resolve).end();
    });
    await until(() => simulator.requests.length === 1);
    await server.close();
    expect(await broken).toMatchObject({ code: 'ECONNRESET' });
  });

  test('says which port is taken', async () => {
    const simulator = new OctaSimulator();
    await using server = await simulator.listen();
    const error = await failure(simulator.listen({ port: server.port }), OctaConfigurationError);
    expect(error.message).toContain(`cannot listen at 127.0.0.1, port ${server.port}: Error: listen EADDRINUSE`);
  });

  test('does not care about a listener that throws', async () => {
    const simulator = new OctaSimulator({ latencyMs: 0 });
    await using server = await simulator.listen({
      onRequest: () => {
        throw new Error('from the listener');
      },
    });
    for (let time = 0; time < 2; time++) expect((await fetch(`${server.url}/network`)).status).toBe(200);
  });

  test.each([
    ['is not there', undefined],
    ['has no node:http', { getBuiltinModule: () => undefined }],
  ])('needs a runtime whose process %s: says so', async (_, process) => {
    const real = globalThis.process;
    Reflect.set(globalThis, 'process', process);
    const error = await failure(new OctaSimulator().listen(), OctaConfigurationError).finally(() =>
      Reflect.set(globalThis, 'process', real),
    );
    expect(error.message).toContain('use simulator.fetch instead');
  });

  test('does not trust Cloudflare Workers that they listen', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' });
    const error = await failure(new OctaSimulator().listen(), OctaConfigurationError).finally(() =>
      vi.unstubAllGlobals(),
    );
    expect(error.message).toContain('use simulator.fetch instead');
  });
});
