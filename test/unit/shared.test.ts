import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OctaConfigurationError } from '../../src/errors/errors.ts';
import { configure, resetConfiguration, sharedClient, shutdownSharedClient } from '../../src/shared.ts';
import { type OwnInit, type OwnTransport, transportMark } from '../../src/transport/own-transport.ts';
import { jsonAnswer } from '../support/recording.ts';

beforeEach(() => {
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('OCTA_'))) vi.stubEnv(name, undefined);
});

afterEach(async () => {
  resetConfiguration();
  await shutdownSharedClient();
  vi.unstubAllEnvs();
});

/** A transport that records its requests, and counts its close() calls. */
function aTransport(closing: () => Promise<void> = async () => undefined) {
  const requests: string[] = [];
  const close = vi.fn(closing);
  const send = async (url: string, { headers }: OwnInit): Promise<Response> => {
    requests.push(`${url} as ${new Headers(headers).get('user-agent')}`);
    return jsonAnswer('{"market_price":1}');
  };
  const fetch: OwnTransport = Object.assign(send, { [transportMark]: true as const, stats: () => ({}), close });
  return { fetch, close, requests };
}

/** A promise, and what fulfils it. */
function aGate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('The shared client', () => {
  test('is created at the first call, and then stays the same.', () => {
    vi.stubEnv('OCTA_MAX_RETRIES', 'many');
    expect(() => sharedClient()).toThrow(OctaConfigurationError);
    vi.stubEnv('OCTA_MAX_RETRIES', '1');
    const client = sharedClient();
    vi.stubEnv('OCTA_MAX_RETRIES', 'many');
    expect(sharedClient()).toBe(client);
  });

  test('is the same for concurrent calls.', async () => {
    const clients = await Promise.all(Array.from({ length: 50 }, async () => sharedClient()));
    expect(new Set(clients).size).toBe(1);
  });

  test('differs from a client with overrides, which is not shared.', () => {
    const client = sharedClient();
    const others = [sharedClient({}), sharedClient({}), sharedClient({ retries: 0 })];
    expect(new Set([client, ...others]).size).toBe(4);
    expect(sharedClient()).toBe(client);
  });

  test('is a new one if the previous one was closed.', async () => {
    const first = sharedClient();
    await first.close();
    expect([first.closed, sharedClient() === first, sharedClient().closed]).toEqual([true, false, false]);
  });

  test('is not created by a call with overrides.', () => {
    const other = sharedClient({ retries: 0 });
    expect(sharedClient()).not.toBe(other);
  });
});

describe('Options come', () => {
  /** The user agent and the base URL that a client of these sources uses. */
  async function used(overrides?: object): Promise<string[]> {
    const { fetch, requests } = aTransport();
    configure({ fetch });
    await sharedClient(overrides).network.get();
    return requests;
  }

  beforeEach(() => vi.stubEnv('OCTA_USER_AGENT', 'environment/1'));

  test('from the defaults if nothing else is set.', async () => {
    vi.unstubAllEnvs();
    expect(await used()).toEqual([
      expect.stringMatching(/^https:\/\/api\.octa\.computer\/network as octaspace-sdk-js\//),
    ]);
  });

  test('from the environment before the defaults.', async () => {
    vi.stubEnv('OCTA_BASE_URL', 'https://environment.test');
    expect(await used()).toEqual(['https://environment.test/network as environment/1']);
  });

  test('from configure before the environment.', async () => {
    configure({ userAgent: 'configured/1' });
    expect(await used()).toEqual(['https://api.octa.computer/network as configured/1']);
  });

  test('from overrides before configure.', async () => {
    configure({ userAgent: 'configured/1', baseUrl: 'https://configured.test' });
    expect(await used({ userAgent: 'override/1' })).toEqual(['https://configured.test/network as override/1']);
  });

  test('from configure where an override is undefined.', async () => {
    configure({ userAgent: 'configured/1' });
    expect(await used({ userAgent: undefined })).toEqual(['https://api.octa.computer/network as configured/1']);
  });

  test.each<[string, object, object]>([
    ['one where several were configured', { baseUrls: ['https://below.test'] }, { baseUrl: 'https://above.test' }],
    ['several where one was configured', { baseUrl: 'https://below.test' }, { baseUrls: ['https://above.test'] }],
  ])('from the last source that sets a base URL: %s.', async (_, below, above) => {
    vi.stubEnv('OCTA_BASE_URLS', 'https://environment.test,https://environment.test/b');
    configure(below);
    expect(await used(above)).toEqual(['https://above.test/network as environment/1']);
    configure(above);
    expect(await used()).toEqual(['https://above.test/network as environment/1']);
  });

  test('from the last of several configurations, option by option.', async () => {
    configure({ userAgent: 'first/1', baseUrl: 'https://first.test' });
    configure({ userAgent: 'second/1' });
    expect(await used()).toEqual(['https://first.test/network as second/1']);
  });

  test('from the environment again after undefined was configured.', async () => {
    configure({ userAgent: 'configured/1', baseUrl: 'https://configured.test' });
    configure({ userAgent: undefined });
    expect(await used()).toEqual(['https://configured.test/network as environment/1']);
  });

  test('from the environment again after the configuration was forgotten.', async () => {
    configure({ userAgent: 'configured/1' });
    resetConfiguration();
    expect(await used()).toEqual(['https://api.octa.computer/network as environment/1']);
  });
});

describe('configure', () => {
  test.each<[string, unknown, string]>([
    ['a wrong value', { retries: -1 }, 'retries is -1; allowed: a whole number, 0 or more'],
    ['an unknown option', { timeout: 5 }, 'unknown option "timeout" for a client; did you mean timeoutMs?'],
    ['null', null, 'client options must be an object, but are null'],
  ])('rejects %s immediately, and changes nothing.', async (_, options, message) => {
    const { fetch, requests } = aTransport();
    configure({ fetch, userAgent: 'good/1' });
    const client = sharedClient();
    // What a caller without types may pass.
    expect(() => configure(options as never)).toThrow(new OctaConfigurationError({ message }));
    expect(() => sharedClient(options as never)).toThrow(new OctaConfigurationError({ message }));
    expect(sharedClient()).toBe(client);
    await client.network.get();
    expect(requests).toEqual(['https://api.octa.computer/network as good/1']);
  });

  test('does not read the environment, which is read when the client is created.', () => {
    vi.stubEnv('OCTA_MAX_RETRIES', 'many');
    configure({ userAgent: 'mine/1' });
    expect(() => sharedClient()).toThrow('OCTA_MAX_RETRIES');
  });

  test('does not change an existing client, and the next one is new.', async () => {
    const first = aTransport();
    const second = aTransport();
    configure({ fetch: first.fetch });
    const before = sharedClient();
    configure({ fetch: second.fetch });
    const after = sharedClient();
    await Promise.all([before.network.get(), after.network.get()]);
    expect([first.requests.length, second.requests.length, first.close.mock.calls.length]).toEqual([1, 1, 0]);
  });

  test('keeps the given options, even if the object changes later.', async () => {
    const { fetch, requests } = aTransport();
    const options = { fetch, userAgent: 'first/1' };
    configure(options);
    options.userAgent = 'second/1';
    await sharedClient().network.get();
    expect(requests).toEqual(['https://api.octa.computer/network as first/1']);
  });

  test('does not show the API key if the shared state is printed.', () => {
    const apiKey = 'octa-secret-1';
    configure({ apiKey });
    sharedClient();
    const state: unknown = Reflect.get(globalThis, Symbol.for('@octaspace/sdk/shared'));
    expect(inspect(state, { depth: 9, showHidden: true })).toContain('OctaClient');
    expect(inspect(state, { depth: 9, showHidden: true })).not.toContain(apiKey);
    expect(JSON.stringify(state)).not.toContain(apiKey);
  });
});

test('resetConfiguration does not change an existing client, and the next one is new.', async () => {
  const { fetch, requests } = aTransport();
  configure({ fetch });
  const client = sharedClient();
  resetConfiguration();
  expect(sharedClient()).not.toBe(client);
  await client.network.get();
  expect(requests).toHaveLength(1);
});

describe('shutdownSharedClient', () => {
  test('closes the shared client, and the next one is new.', async () => {
    const { fetch, close } = aTransport();
    configure({ fetch });
    const client = sharedClient();
    await shutdownSharedClient();
    expect(close).toHaveBeenCalledOnce();
    await expect(client.network.get()).rejects.toThrow('the client is closed');
    expect(sharedClient()).not.toBe(client);
  });

  test('also closes clients that a configuration replaced, and forgets them.', async () => {
    const closes = [1, 2, 3].map((retries) => {
      configure({ retries });
      return vi.spyOn(sharedClient(), 'close');
    });
    await shutdownSharedClient();
    await shutdownSharedClient();
    expect(closes.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1]);
  });

  test('closes the transports of all of them.', async () => {
    const transports = [aTransport(), aTransport(), aTransport()];
    for (const { fetch } of transports) {
      configure({ fetch });
      sharedClient();
    }
    await shutdownSharedClient();
    expect(transports.map(({ close }) => close.mock.calls.length)).toEqual([1, 1, 1]);
  });

  test('closes a transport once, when the calls of all clients that use it are over.', async () => {
    const order: string[] = [];
    const { open, opened } = aGate();
    const { fetch } = aTransport(async () => void order.push('closed'));
    configure({ fetch });
    const first = sharedClient();
    configure({
      onRequest: async () => {
        await opened;
        order.push('sent');
      },
    });
    const call = sharedClient().network.get();
    await first.network.get();
    const closing = shutdownSharedClient();
    open();
    await Promise.all([call, closing]);
    expect(order).toEqual(['sent', 'closed']);
  });

  test('closes the configured transport, which a client with overrides leaves open.', async () => {
    const { fetch, close, requests } = aTransport();
    configure({ fetch });
    await sharedClient({ retries: 0 }).close();
    expect(close).not.toHaveBeenCalled();
    await sharedClient().network.get();
    expect(requests).toHaveLength(1);
    await shutdownSharedClient();
    expect(close).toHaveBeenCalledOnce();
  });

  test('passes on everything of a transport except close().', async () => {
    const { fetch } = aTransport();
    const send = vi.fn(fetch);
    const connections = { open: 3 };
    const stats = () => connections;
    configure({ fetch: Object.assign(send, { [transportMark]: true as const, stats, close: fetch.close }) });
    await sharedClient().network.get();
    expect(sharedClient().transportStats().connections).toBe(connections);
    expect(send.mock.calls[0]).toEqual([
      expect.any(String),
      expect.any(Object),
      expect.objectContaining({ repeatable: true }),
    ]);
  });

  test('does not close a client with overrides.', async () => {
    const { fetch, close } = aTransport();
    const client = sharedClient({ fetch });
    await shutdownSharedClient();
    expect(close).not.toHaveBeenCalled();
    await client.close();
    expect(close).toHaveBeenCalledOnce();
  });

  test('does nothing without a client, and creates none.', async () => {
    vi.stubEnv('OCTA_MAX_RETRIES', 'many');
    const { fetch, close } = aTransport();
    configure({ fetch });
    await shutdownSharedClient();
    expect(close).not.toHaveBeenCalled();
  });

  test('can be called twice: both calls end when everything is closed, once.', async () => {
    const { open, opened } = aGate();
    const { fetch, close } = aTransport(() => opened);
    configure({ fetch });
    sharedClient();
    const ended: string[] = [];
    const first = shutdownSharedClient().then(() => ended.push('first'));
    const second = shutdownSharedClient().then(() => ended.push('second'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toEqual([]);
    open();
    await Promise.all([first, second]);
    expect([ended.length, close.mock.calls.length]).toEqual([2, 1]);
  });

  test('allows a new client while it closes the old one.', async () => {
    const { open, opened } = aGate();
    configure({ fetch: aTransport(() => opened).fetch });
    const client = sharedClient();
    const closing = shutdownSharedClient();
    const next = sharedClient();
    open();
    await closing;
    expect(next).not.toBe(client);
    expect(sharedClient()).toBe(next);
  });

  test('throws if something could not be closed, after it closed the rest; the next call does not throw again.', async () => {
    const { open, opened } = aGate();
    const broken = aTransport(() => Promise.reject(new Error('stuck')));
    const slow = aTransport(() => opened);
    for (const { fetch } of [broken, slow]) {
      configure({ fetch });
      sharedClient();
    }
    const ended = vi.fn();
    const failed = expect(shutdownSharedClient().finally(ended)).rejects.toThrow('stuck');
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).not.toHaveBeenCalled();
    open();
    await failed;
    await shutdownSharedClient();
    expect([broken, slow].map(({ close }) => close.mock.calls.length)).toEqual([1, 1]);
  });

  test('closes transports even if a client could not be closed.', async () => {
    const { fetch, close } = aTransport();
    configure({ fetch });
    vi.spyOn(sharedClient(), 'close').mockRejectedValue(new Error('stuck'));
    await expect(shutdownSharedClient()).rejects.toThrow('stuck');
    expect(close).toHaveBeenCalledOnce();
  });
});

test('Two copies of the package share one client, its configuration and its shutdown.', async () => {
  const { fetch, close, requests } = aTransport();
  vi.resetModules();
  const copy = await import('../../src/shared.ts');
  expect(copy.sharedClient).not.toBe(sharedClient);

  copy.configure({ fetch, userAgent: 'copy/1' });
  const client = sharedClient();
  expect(copy.sharedClient()).toBe(client);
  await client.network.get();
  expect(requests).toEqual(['https://api.octa.computer/network as copy/1']);

  await copy.shutdownSharedClient();
  expect(close).toHaveBeenCalledOnce();
  expect(sharedClient()).not.toBe(client);
});
