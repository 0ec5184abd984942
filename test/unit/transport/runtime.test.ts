import { afterEach, describe, expect, test, vi } from 'vitest';
import { FreshConnections, isBrowser } from '../../../src/transport/runtime.ts';

afterEach(() => vi.unstubAllGlobals());

/** Makes the globals of another runtime visible, until the test ends. */
function pretend(globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
}

describe('A browser', () => {
  const importScripts = (): void => undefined;
  class WorkerGlobalScope {}

  test.each<[title: string, globals: Record<string, unknown>, want: boolean]>([
    ['Node is none', {}, false],
    ['a page is one', { document: {} }, true],
    ['a page is one even when its document is gone', { document: undefined }, true],
    ['a worker of a page is one', { importScripts, WorkerGlobalScope }, true],
    ['a worker of Deno is none', { importScripts, WorkerGlobalScope, Deno: {} }, false],
    ['what has importScripts alone is none', { importScripts }, false],
    ['what has WorkerGlobalScope alone, such as workerd, is none', { WorkerGlobalScope }, false],
    ['Bun is none', { Bun: {} }, false],
  ])('%s.', (_, globals, want) => {
    pretend(globals);
    expect(isBrowser()).toBe(want);
  });
});

describe('Whether fetch knows the cache option', () => {
  /** A fresh copy of the module, because it caches the result. */
  async function freshCopy() {
    vi.resetModules();
    return await import('../../../src/transport/runtime.ts');
  }

  class WithCache {
    get cache(): string {
      return 'default';
    }
  }

  test.each<[title: string, request: unknown, want: boolean]>([
    ['shows in the requests that have it', WithCache, true],
    ['shows in the requests that do not', class {}, false],
    ['does not show where there are no requests', undefined, false],
    ['does not show where requests are no class', { prototype: { cache: 'default' } }, false],
  ])('%s.', async (_, request, want) => {
    pretend({ Request: request });
    expect((await freshCopy()).knowsCacheOption()).toBe(want);
  });

  test('is yes in Node.', async () => {
    expect((await freshCopy()).knowsCacheOption()).toBe(true);
  });

  test('is determined once.', async () => {
    const { knowsCacheOption } = await freshCopy();
    knowsCacheOption();
    pretend({ Request: undefined });
    expect(knowsCacheOption()).toBe(true);
  });
});

describe('A new connection', () => {
  /** The options that the runtime gets with each of `count` requests. */
  function told(connections: FreshConnections, count = 1): RequestInit[] {
    return Array.from({ length: count }, () => {
      const init: RequestInit = { method: 'POST' };
      connections.apply(init);
      return init;
    });
  }

  function fakeDeno() {
    const clients: { close: () => void }[] = [];
    const createHttpClient = vi.fn(() => {
      const client = { close: vi.fn() };
      clients.push(client);
      return client;
    });
    return { clients, createHttpClient };
  }

  test('needs nothing in Node.', () => {
    expect(told(new FreshConnections())).toStrictEqual([{ method: 'POST' }]);
  });

  test('is requested by keepalive: false in Bun.', () => {
    const { createHttpClient } = fakeDeno();
    pretend({ Bun: undefined, Deno: { createHttpClient } });
    expect(told(new FreshConnections())).toStrictEqual([{ method: 'POST', keepalive: false }]);
    expect(createHttpClient).not.toHaveBeenCalled();
  });

  test('is requested by one HTTP client without idle connections in Deno.', () => {
    const { clients, createHttpClient } = fakeDeno();
    pretend({ Deno: { createHttpClient } });
    const inits = told(new FreshConnections(), 2);
    expect(createHttpClient).toHaveBeenCalledExactlyOnceWith({ poolMaxIdlePerHost: 0 });
    expect(inits).toEqual([
      { method: 'POST', client: clients[0] },
      { method: 'POST', client: clients[0] },
    ]);
    for (const init of inits) expect(Reflect.get(init, 'client')).toBe(clients[0]);
  });

  test.each<[title: string, deno: unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a number', 7],
    ['without clients', {}],
    ['with something else by that name', { createHttpClient: {} }],
  ])('cannot be requested if Deno is %s.', (_, deno) => {
    pretend({ Deno: deno });
    expect(told(new FreshConnections())).toStrictEqual([{ method: 'POST' }]);
  });

  test('is released by close(), which may be called twice, or before any request.', () => {
    const { clients, createHttpClient } = fakeDeno();
    pretend({ Deno: { createHttpClient } });
    const connections = new FreshConnections();
    connections.close();
    told(connections);
    connections.close();
    connections.close();
    expect(clients.map(({ close }) => vi.mocked(close).mock.calls.length)).toEqual([1]);
  });
});
