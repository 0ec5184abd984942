/** Queries as TanStack Query sees them. */
import { QueryClient, QueryObserver } from '@tanstack/query-core';
import { expectTypeOf, test } from 'vitest';
import type * as sdk from '../../src/index.ts';
import { OctaClient } from '../../src/index.ts';
import { deserialize, type OctaQuery, type OctaQueryKey, octaQueries } from '../../src/query/index.ts';

const client = new OctaClient();
const queries = octaQueries(client);
const queryClient = new QueryClient();
const session = queries.services.session('uuid');

test('Queries are of what the methods give.', () => {
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

test('The query client knows what they give, by the query and by its key.', async () => {
  const query = queries.nodes.get(7);
  expectTypeOf(await queryClient.fetchQuery(query)).toEqualTypeOf<sdk.NodeDetail>();
  expectTypeOf(await queryClient.ensureQueryData(query)).toEqualTypeOf<sdk.NodeDetail>();
  expectTypeOf(queryClient.getQueryData(query.queryKey)).toEqualTypeOf<sdk.NodeDetail | undefined>();
  queryClient.setQueryData(queries.accounts.balance().queryKey, { balance: 1n });
  // @ts-expect-error an amount is a bigint
  queryClient.setQueryData(queries.accounts.balance().queryKey, { balance: 1 });
});

test('Options of TanStack Query go beside them.', async () => {
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

test('Every place has a key for all that is below it.', () => {
  expectTypeOf(queries.key).toEqualTypeOf<OctaQueryKey>();
  expectTypeOf(session.key).toEqualTypeOf<OctaQueryKey>();
  const { services, nodes, sessions } = queries;
  for (const { key } of [queries, services, services.mr, services.vpn, nodes, sessions, session]) {
    queryClient.invalidateQueries({ queryKey: key });
    queryClient.cancelQueries({ queryKey: key, exact: false });
    queryClient.removeQueries({ queryKey: key });
  }
});

test('Text becomes what it is assigned to.', () => {
  const read: (text: string) => { readonly timestamp: number } = deserialize;
  expectTypeOf(read('{}').timestamp).toEqualTypeOf<number>();
});

test('What is no read is no query, and what belongs to the query is no option.', () => {
  // @ts-expect-error a reboot is no read
  queries.nodes.reboot(7);
  // @ts-expect-error a new wallet is no read
  queries.accounts.generateWallet();
  // @ts-expect-error a stop is no read
  session.stop();
  // @ts-expect-error a session is no data
  queries.sessions.find('5dd2');
  // @ts-expect-error an id is needed
  queries.nodes.get();
  // @ts-expect-error the signal is that of the query
  queries.nodes.list({ signal: new AbortController().signal });
  // @ts-expect-error a read has no body
  queries.nodes.get(7, { body: {} });
  // @ts-expect-error there is no such filter
  queries.nodes.list({ county: 'DE' });
  // @ts-expect-error there is no such criterion of relays
  queries.services.vpn.find({ minGpus: 1 });
  // @ts-expect-error there is no such end
  session.watch({ until: 'started' });
  // @ts-expect-error a scope is text
  octaQueries(client, { scope: 7 });
});
