/** Hooks and fetch functions of the caller, and options for other runtimes. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FetchLike } from '../../src/index.ts';
import { apart, callTable, cellsOf, fails, faultClient, ok, onceOnlyEffects, settle } from '../support/fault-cells.ts';
import { faults, goodText } from '../support/fault-list.ts';
import { serveFaults } from '../support/fault-server.ts';
import { ownFetchRow } from './later-rows.ts';

afterEach(() => vi.unstubAllGlobals());

const api = { url: 'http://api.test' };

describe.each<[string, () => void | Promise<void>]>([
  [
    'throws',
    () => {
      throw new Error('no');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no'))],
])('An onResponse that %s', (_, onResponse) => {
  test.each(callTable)('row 90: does not change the outcome of %s.', async (__, send) => {
    await using server = await serveFaults(faults.ok);
    const logger = { error: vi.fn(), warn: vi.fn(), info: vi.fn(), debug: vi.fn() };
    const client = faultClient([server], { onResponse, logger, logLevel: 'error' });
    expect(await settle(send(client))).toMatchObject({ ends: 'ok', attempts: 1 });
    expect(server.received).toHaveLength(1);
    await vi.waitUntil(() => logger.error.mock.calls.length === 1);
    expect(logger.error.mock.calls[0]?.[0]).toContain('onResponse threw; the call continues');
  });
});

describe("A caller's fetch that rejects with ECONNREFUSED", () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });

  test.each(callTable)('row 91: proves nothing for %s, which it may have forwarded.', async (_, send, effect) => {
    const given = vi.fn<FetchLike>(() => Promise.reject(new TypeError('fetch failed', { cause })));
    const { error: _error, ...cell } = await settle(send(faultClient([api], { fetch: given })));
    expect([{ ...cell, seen: given.mock.calls.length }]).toEqual(cellsOf(ownFetchRow, effect));
  });
});

describe.each<[string, FetchLike]>([
  [
    'throws',
    () => {
      throw new Error('not ready');
    },
  ],
  // Values that a caller without types may pass.
  ['returns undefined', () => undefined as never],
  ['resolves with undefined', async () => undefined as never],
])('A fetch of the caller that %s', (_, broken) => {
  test.each(callTable)('row 92: is a wrong option, and %s is not retried.', async (__, send) => {
    const given = vi.fn(broken);
    const ended = await settle(send(faultClient([api], { fetch: given })));
    expect(ended).toMatchObject({ ends: 'OctaConfigurationError', outcome: 'unknown', attempts: 1 });
    expect(given).toHaveBeenCalledTimes(1);
  });
});

describe('A runtime that may retry a request by itself', () => {
  /** A global fetch that records its arguments. */
  const keeping = () => {
    const given = vi.fn<FetchLike>(async () => new Response(goodText));
    vi.stubGlobal('fetch', given);
    return given;
  };

  test.each(callTable)(
    'row 93: Bun opens a new connection for %s exactly if it must not happen twice.',
    async (_, send, effect) => {
      vi.stubGlobal('Bun', {});
      const given = keeping();
      await send(faultClient([api]));
      expect(given.mock.calls[0]?.[1].keepalive).toBe(onceOnlyEffects.includes(effect) ? false : undefined);
    },
  );

  test.each(callTable)(
    'row 93: Deno gets a client without kept connections for %s exactly if it must not happen twice.',
    async (_, send, effect) => {
      const httpClient = { close: vi.fn() };
      const createHttpClient = vi.fn(() => httpClient);
      vi.stubGlobal('Deno', { createHttpClient });
      const given = keeping();
      const client = faultClient([api]);
      await send(client);
      await send(client);
      const expected = onceOnlyEffects.includes(effect) ? httpClient : undefined;
      expect(given.mock.calls.map(([, init]) => Reflect.get(init, 'client'))).toEqual([expected, expected]);
      await client.close();
      expect(createHttpClient.mock.calls).toEqual(expected === undefined ? [] : [[{ poolMaxIdlePerHost: 0 }]]);
      expect(httpClient.close).toHaveBeenCalledTimes(expected === undefined ? 0 : 1);
    },
  );

  test.each(callTable)('row 93: Node needs no option for %s.', async (_, send) => {
    const given = keeping();
    await send(faultClient([api]));
    const init = given.mock.calls[0]?.[1] ?? {};
    expect(['keepalive' in init, 'client' in init]).toEqual([false, false]);
  });

  test.each(callTable)('row 93: a browser sends %s only if it may happen twice.', async (_, send, effect) => {
    vi.stubGlobal('document', {});
    const given = keeping();
    const { error: _error, ...cell } = await settle(send(faultClient([api])));
    const row = { cells: apart(ok(1), fails('OctaConfigurationError', 'not-sent', 0, 0)) };
    expect([{ ...cell, seen: given.mock.calls.length }]).toEqual(cellsOf(row, effect));
  });

  test.each(callTable)('row 93: a browser sends %s if allowBillableInBrowser is set.', async (_, send) => {
    vi.stubGlobal('document', {});
    const given = keeping();
    expect(await settle(send(faultClient([api], { allowBillableInBrowser: true })))).toMatchObject({ ends: 'ok' });
    expect(given).toHaveBeenCalledTimes(1);
  });
});
