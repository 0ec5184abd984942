/** Queries for TanStack Query. */
import { QueryClient, QueryObserver } from '@tanstack/query-core';
import { expectTypeOf, test } from 'vitest';
import type * as sdk from '../../src/index.ts';
import { OctaClient } from '../../src/index.ts';
import { deserialize, type OctaQuery, type OctaQueryKey, octaQueries } from '../../src/query/index.ts';

const client = new OctaClient();
const queries = octaQueries(client);
const queryClient = new QueryClient();
const session = queries.services.session('uuid');

test('Queries have the results of the methods.', () => {
  expectTypeOf(queries.accounts.get()).toEqualTypeOf<OctaQuery<sdk.Account>>();
  expectTypeOf(queries.accounts.balance()).toEqualTypeOf<OctaQuery<sdk.Balance>>();
  expectTypeOf(queries.apps.list()).toEqualTypeOf<OctaQuery<sdk.App[]>>();
  expectTypeOf(queries.apps.get('uuid')).toEqualTypeOf<OctaQuery<sdk.App>>();
  expectTypeOf(queries.network.get()).toEqualTypeOf<OctaQuery<sdk.NetworkStats>>();
  expectTypeOf(queries.nodes.list({ country: 'DE' })).toEqualTypeOf<OctaQuery<sdk.Node[]>>();
  expectTypeOf(queries.nodes.get(7)).toEqualTypeOf<OctaQuery<sdk.NodeDetail>>();
  expectTypeOf(queries.nodes.downloadIdent('7')).toEqualTypeOf<OctaQuery<Blob>>();
  expectTypeOf(queries.nodes.downloadLogs(7)).toEqualTypeOf<OctaQuery<Blob>>();
  expectTypeOf(queries.sessions.list({ recent: true })).toEqualTypeOf<OctaQuery<sdk.Session[]>>();
  expectTypeOf(queries.idleJobs.get(7, 1)).toEqualTypeOf<OctaQuery<sdk.IdleJob>>();
  expectTypeOf(queries.idleJobs.logs(7, 1, { maxBytes: 5 })).toEqualTypeOf<OctaQuery<string>>();
  expectTypeOf(queries.services.mr.available()).toEqualTypeOf<OctaQuery<sdk.MrMachine[]>>();
  expectTypeOf(queries.services.mr.find({ minGpus: 1 })).toEqualTypeOf<OctaQuery<sdk.MrMachine[]>>();
  expectTypeOf(queries.services.render.find()).toEqualTypeOf<OctaQuery<sdk.RenderMachine[]>>();
  expectTypeOf(queries.services.vpn.find({ residential: true })).toEqualTypeOf<OctaQuery<sdk.VpnNode[]>>();
  expectTypeOf(session.info()).toEqualTypeOf<OctaQuery<sdk.ServiceInfo>>();
  expectTypeOf(session.logs({ recent: true, timeoutMs: 5 })).toEqualTypeOf<OctaQuery<sdk.SessionLogs>>();
  expectTypeOf(session.watch({ until: 'ready' })).toExtend<OctaQuery<sdk.ServiceInfo>>();
});

test('The query client infers the result from the query and from its key.', async () => {
  const query = queries.nodes.get(7);
  expectTypeOf(await queryClient.fetchQuery(query)).toEqualTypeOf<sdk.NodeDetail>();
  expectTypeOf(await queryClient.ensureQueryData(query)).toEqualTypeOf<sdk.NodeDetail>();
  expectTypeOf(queryClient.getQueryData(query.queryKey)).toEqualTypeOf<sdk.NodeDetail | undefined>();
  queryClient.setQueryData(queries.accounts.balance().queryKey, { balance: 1n });
  // @ts-expect-error an amount is a bigint
  queryClient.setQueryData(queries.accounts.balance().queryKey, { balance: 1 });
});

test('Options of TanStack Query can be added.', async () => {
  const query = { ...queries.nodes.list(), staleTime: 5_000, retry: 2 };
  expectTypeOf(await queryClient.fetchQuery(query)).toEqualTypeOf<sdk.Node[]>();
  const observer = new QueryObserver(queryClient, {
    ...session.watch(),
    select: ({ charge_amount = 0n }) => charge_amount,
    enabled: false,
  });
  expectTypeOf(observer.getCurrentResult().data).toEqualTypeOf<bigint | undefined>();
  const plain = new QueryObserver(queryClient, session.watch());
  expectTypeOf(plain.getCurrentResult().data).toEqualTypeOf<sdk.ServiceInfo | undefined>();
});

test('Every level has a key for everything below it.', () => {
  expectTypeOf(queries.key).toEqualTypeOf<OctaQueryKey>();
  expectTypeOf(session.key).toEqualTypeOf<OctaQueryKey>();
  const { services, nodes, sessions } = queries;
  for (const { key } of [queries, services, services.mr, services.vpn, nodes, sessions, session]) {
    queryClient.invalidateQueries({ queryKey: key });
    queryClient.cancelQueries({ queryKey: key, exact: false });
    queryClient.removeQueries({ queryKey: key });
  }
});

test('deserialize has the type of its target.', () => {
  const read: (text: string) => { readonly timestamp: number } = deserialize;
  expectTypeOf(read('{}').timestamp).toEqualTypeOf<number>();
});

test('Only reads are queries, and the options that a query sets itself are not allowed.', () => {
  // @ts-expect-error a reboot is not a read
  queries.nodes.reboot(7);
  // @ts-expect-error a new wallet is not a read
  queries.accounts.generateWallet();
  // @ts-expect-error a stop is not a read
  session.stop();
  // @ts-expect-error a session is not data
  queries.sessions.find('5dd2');
  // @ts-expect-error an id is required
  queries.nodes.get();
  // @ts-expect-error the query sets the signal
  queries.nodes.list({ signal: new AbortController().signal });
  // @ts-expect-error a read has no body
  queries.nodes.get(7, { body: {} });
  // @ts-expect-error unknown filter
  queries.nodes.list({ county: 'DE' });
  // @ts-expect-error unknown criterion of relays
  queries.services.vpn.find({ minGpus: 1 });
  // @ts-expect-error unknown value of until
  session.watch({ until: 'started' });
  // @ts-expect-error a scope is a string
  octaQueries(client, { scope: 7 });
});
