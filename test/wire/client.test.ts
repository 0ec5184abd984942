/** The client besides calls: its state, close() and fromEnv(). */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OctaClient, OctaConfigurationError, OctaServiceUnavailableError } from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, onceOnly, testKey } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

describe('transportStats', () => {
  test('shows every base URL, the retry budget and the calls in progress.', async () => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    const client = clientFor(server);
    const call = client.accounts.balance();
    await Promise.resolve();
    const healthy = { url: server.url, state: 'healthy', restsForMs: 0, failures: 0 };
    const budget = { tokens: 100, capacity: 100, cost: 10 };
    await call;
    expect(client.transportStats()).toEqual({
      baseUrls: [{ ...healthy, attempts: 1 }],
      retryBudget: budget,
      activeCalls: 0,
    });
  });

  test('shows a base URL that rests, and what retries cost.', async () => {
    await using server = await serve((_, response) => json(response, '{}', 503));
    const client = clientFor(server, { retries: 1 });
    await failure(client.accounts.balance(), OctaServiceUnavailableError);
    const { baseUrls, retryBudget } = client.transportStats();
    expect(baseUrls).toMatchObject([{ state: 'resting', attempts: 2, failures: 2 }]);
    expect(Math.floor(retryBudget.tokens)).toBe(90);
  });

  test('does not show the API key.', () => {
    const client = new OctaClient({ apiKey: testKey });
    expect(JSON.stringify(client.transportStats())).not.toContain(testKey);
  });
});

describe('close', () => {
  test('waits for the calls in progress.', async () => {
    let answer = (): void => undefined;
    await using server = await serve((_, response) => {
      answer = () => json(response, goodAnswer);
    });
    const client = clientFor(server);
    const order: string[] = [];
    const call = client.accounts.balance();
    await vi.waitFor(() => expect(server.received).toHaveLength(1));
    const closed = client.close().then(() => order.push('closed'));
    expect([client.closed, client.transportStats().activeCalls]).toEqual([true, 1]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push('answered');
    answer();
    await Promise.all([call, closed]);
    expect(order).toEqual(['answered', 'closed']);
  });

  test.each(everyCall)('makes later calls fail before anything is sent: %s.', async (_, send) => {
    await using server = await serve((__, response) => json(response, goodAnswer));
    const client = clientFor(server);
    await client.close();
    const error = await failure(send(client), OctaConfigurationError);
    expect(error).toMatchObject({ message: expect.stringContaining('the client is closed'), outcome: 'not-sent' });
    expect(server.received).toEqual([]);
  });

  test('may be called twice.', async () => {
    const client = new OctaClient();
    await Promise.all([client.close(), client.close()]);
    await client.close();
    expect(client.closed).toBe(true);
  });

  test('is called at the end of a scope.', async () => {
    let kept: OctaClient;
    {
      await using client = new OctaClient();
      kept = client;
      expect(client.closed).toBe(false);
    }
    expect(kept.closed).toBe(true);
  });
});

describe('In a browser', () => {
  beforeEach(() => vi.stubGlobal('document', {}));
  afterEach(() => vi.unstubAllGlobals());

  test.each(onceOnly)('%s is refused before anything is sent.', async (_, send) => {
    await using server = await serve((__, response) => json(response, goodAnswer));
    const error = await failure(send(clientFor(server)), OctaConfigurationError);
    expect(error.message).toMatch(/allowBillableInBrowser/);
    expect(server.received).toEqual([]);
  });

  test.each(everyCall)('%s is sent when the caller allows it.', async (_, send) => {
    await using server = await serve((__, response) => json(response, goodAnswer));
    await send(clientFor(server, { allowBillableInBrowser: true }));
    expect(server.received).toHaveLength(1);
  });

  test('a call by path of unknown effect is refused, and a read by path is not.', async () => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    const client = clientFor(server);
    await client.api.GET('/accounts/balance');
    // @ts-expect-error no such path is known.
    await failure(client.api.GET('/accounts/purge'), OctaConfigurationError);
    expect(server.received.map(({ path }) => path)).toEqual(['/accounts/balance']);
  });
});

describe('fromEnv', () => {
  beforeEach(() => {
    for (const name of Object.keys(process.env).filter((each) => each.startsWith('OCTA_'))) vi.stubEnv(name, undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('creates a client from variables.', async () => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    vi.stubEnv('OCTA_API_KEY', testKey);
    vi.stubEnv('OCTA_BASE_URL', server.url);
    await OctaClient.fromEnv().accounts.balance();
    expect(server.received).toMatchObject([{ headers: { authorization: testKey } }]);
  });

  test('prefers overrides, and one kind of base URL replaces the other.', async () => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    vi.stubEnv('OCTA_BASE_URLS', 'https://a.test, https://b.test');
    await OctaClient.fromEnv({ baseUrl: server.url, apiKey: testKey }).accounts.balance();
    expect(server.received).toHaveLength(1);
  });

  test('warns about variables that have no effect without nodeFetch().', () => {
    vi.stubEnv('OCTA_POOL_SIZE', '3');
    vi.stubEnv('OCTA_SSL_VERIFY', 'false');
    const warn = vi.fn();
    const logger = { error: vi.fn(), warn, info: vi.fn(), debug: vi.fn() };
    OctaClient.fromEnv({ logger });
    expect(warn.mock.calls).toEqual([
      [
        '[octaspace] OCTA_POOL_SIZE, OCTA_SSL_VERIFY: ignored unless you pass fetch: nodeFetch.fromEnv() from @octaspace/sdk/node',
      ],
    ]);
    OctaClient.fromEnv({ logger, fetch: async () => new Response() });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('reports errors of the overrides first.', () => {
    vi.stubEnv('OCTA_MAX_RETRIES', 'many');
    expect(() => OctaClient.fromEnv({ timeoutMs: -1 })).toThrow(/^timeoutMs is -1/);
    expect(() => OctaClient.fromEnv()).toThrow(/^OCTA_MAX_RETRIES is the string "many"/);
  });
});
