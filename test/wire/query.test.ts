/** Queries in the QueryClient of TanStack Query, over real HTTP. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { QueryClient, QueryObserver } from '@tanstack/query-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OctaAbortError, OctaServerError, OctaTimeoutError } from '../../src/index.ts';
import { octaQueries } from '../../src/query/index.ts';
import { clientFor } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';
import { until } from '../support/until.ts';

function queryClientOf(): QueryClient {
  const queryClient = new QueryClient();
  onTestFinished(() => queryClient.clear());
  return queryClient;
}

describe('data', () => {
  const amounts = (first: string) => `[{"uuid":"u-1","charge_amount":${first}},{"uuid":"u-2","charge_amount":5}]`;

  test('is exact, stored under its key, and requested once.', async () => {
    await using server = await serve((_, response) => json(response, amounts('31428028938060847852')));
    const queries = octaQueries(clientFor(server));
    const queryClient = queryClientOf();
    const query = { ...queries.sessions.list({ recent: true }), staleTime: Number.POSITIVE_INFINITY };
    const [data] = await Promise.all([queryClient.fetchQuery(query), queryClient.ensureQueryData(query)]);
    expect(data[0]?.charge_amount).toBe(31428028938060847852n);
    expect(queryClient.getQueryData(query.queryKey)).toBe(data);
    expect(queryClient.getQueryData(queries.sessions.list().queryKey)).toBeUndefined();
    expect(server.received.map(({ path }) => path)).toEqual(['/sessions?recent=true']);
  });

  test('stays the same object if amounts have not changed.', async () => {
    const answers = [amounts('7'), amounts('7'), amounts('8')];
    await using server = await serve((_, response) => json(response, answers.shift() ?? '[]'));
    const query = octaQueries(clientFor(server)).sessions.list();
    const queryClient = queryClientOf();
    const next = async () => {
      await queryClient.fetchQuery(query);
      return queryClient.getQueryData(query.queryKey) ?? [];
    };
    const [first, second, third] = [await next(), await next(), await next()];
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(third[0]?.charge_amount).toBe(8n);
    expect(third[1]).toBe(first[1]);
  });

  test('of a download is a file.', async () => {
    await using server = await serve((_, response) => response.writeHead(200).end('bytes'));
    const file = await queryClientOf().fetchQuery(octaQueries(clientFor(server)).nodes.downloadLogs(7));
    expect(await file.text()).toBe('bytes');
  });

  test('is requested again when the key of its branch is invalidated; other branches are not.', async () => {
    await using server = await serve((_, response) => json(response, '[]'));
    const queries = octaQueries(clientFor(server));
    const queryClient = queryClientOf();
    await queryClient.fetchQuery(queries.nodes.list({ country: 'DE' }));
    await queryClient.fetchQuery(queries.apps.list());
    await queryClient.invalidateQueries({ queryKey: queries.nodes.key });
    const isInvalid = (key: readonly unknown[]) => queryClient.getQueryState(key)?.isInvalidated;
    expect(isInvalid(queries.nodes.list({ country: 'DE' }).queryKey)).toBe(true);
    expect(isInvalid(queries.apps.list().queryKey)).toBe(false);
  });

  test('of two accounts is never mixed.', async () => {
    await using server = await serve(({ headers }, response) =>
      json(response, `{"balance":${headers.authorization === 'key-1' ? 1 : 2}}`),
    );
    const queryClient = queryClientOf();
    const balanceOf = (apiKey: string) =>
      queryClient.ensureQueryData(octaQueries(clientFor(server, { apiKey })).accounts.balance());
    expect([await balanceOf('key-1'), await balanceOf('key-2')]).toEqual([{ balance: 1n }, { balance: 2n }]);
    expect(
      JSON.stringify(
        queryClient
          .getQueryCache()
          .getAll()
          .map(({ queryKey }) => queryKey),
      ),
    ).not.toContain('key-');
  });
});

describe('a query that is cancelled', () => {
  test.each(['cancelQueries', 'the last observer that leaves'])('ends its request: by %s.', async (how) => {
    const waiting: ServerResponse[] = [];
    await using server = await serve((_, response) => waiting.push(response));
    const queries = octaQueries(clientFor(server));
    const queryClient = queryClientOf();
    const leave = new QueryObserver(queryClient, queries.nodes.list()).subscribe(() => undefined);
    await until(() => waiting.length === 1);
    const [response] = waiting;
    if (response === undefined) throw new Error('no request');
    const closed = once(response, 'close');
    if (how === 'cancelQueries') await queryClient.cancelQueries({ queryKey: queries.nodes.key });
    else leave();
    await closed;
    await until(() => queryClient.getQueryState(queries.nodes.list().queryKey)?.fetchStatus === 'idle');
    leave();
    expect(server.received).toHaveLength(1);
    expect(queryClient.getQueryState(queries.nodes.list().queryKey)).toMatchObject({ data: undefined, error: null });
  });

  test('rejects like a call if it is run manually.', async () => {
    await using server = await serve(() => undefined);
    const controller = new AbortController();
    const work = octaQueries(clientFor(server)).accounts.get().queryFn({ signal: controller.signal });
    await until(() => server.received.length === 1);
    controller.abort('enough');
    expect((await failure(work, OctaAbortError)).cause).toBe('enough');
  });
});

describe('a query that fails', () => {
  test('was retried by the client only, and not by the QueryClient.', async () => {
    await using server = await serve((_, response) => json(response, '{}', 503));
    const work = queryClientOf().fetchQuery(octaQueries(clientFor(server, { retries: 1 })).nodes.list());
    expect(await work.catch((error: unknown) => error)).toBeInstanceOf(OctaServerError);
    expect(server.received).toHaveLength(2);
  });

  test('is retried by the QueryClient if that is enabled.', async () => {
    await using server = await serve((_, response) => json(response, '{}', 503));
    const query = { ...octaQueries(clientFor(server)).nodes.list({ retries: 0 }), retry: 2, retryDelay: 0 };
    await expect(queryClientOf().fetchQuery(query)).rejects.toBeInstanceOf(OctaServerError);
    expect(server.received).toHaveLength(3);
  });

  test('accepts the options of a call.', async () => {
    await using server = await serve(() => undefined);
    const options = { timeoutMs: 30, retries: 0, headers: { 'x-trace': 't-1' }, query: { more: 1n } };
    const work = queryClientOf().fetchQuery(octaQueries(clientFor(server)).nodes.list(options));
    await failure(work, OctaTimeoutError);
    expect(server.received.map(({ path, headers }) => [path, headers['x-trace']])).toEqual([['/nodes?more=1', 't-1']]);
  });
});
