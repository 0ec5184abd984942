/** Results of calls. */
import { expectTypeOf, test } from 'vitest';
import type * as sdk from '../../src/index.ts';
import {
  isApiError,
  isAuthError,
  isNetworkError,
  isNotFound,
  isOctaError,
  isRateLimit,
  isTimeout,
  OctaClient,
} from '../../src/index.ts';

const client = new OctaClient();
const { mr, render, vpn } = client.services;

test('Every call returns an OctaPromise of its result.', () => {
  expectTypeOf(client.accounts.get()).toEqualTypeOf<sdk.OctaPromise<sdk.Account>>();
  expectTypeOf(client.accounts.balance()).toEqualTypeOf<sdk.OctaPromise<sdk.Balance>>();
  expectTypeOf(client.accounts.generateWallet()).toEqualTypeOf<sdk.OctaPromise<sdk.Wallet>>();
  expectTypeOf(client.apps.list()).toEqualTypeOf<sdk.OctaPromise<sdk.App[]>>();
  expectTypeOf(client.apps.get('uuid')).toEqualTypeOf<sdk.OctaPromise<sdk.App>>();
  expectTypeOf(client.network.get()).toEqualTypeOf<sdk.OctaPromise<sdk.NetworkStats>>();
  expectTypeOf(client.nodes.list()).toEqualTypeOf<sdk.OctaPromise<sdk.Node[]>>();
  expectTypeOf(client.nodes.get(7)).toEqualTypeOf<sdk.OctaPromise<sdk.NodeDetail>>();
  expectTypeOf(client.nodes.downloadIdent(7)).toEqualTypeOf<sdk.OctaPromise<Blob>>();
  expectTypeOf(client.nodes.downloadLogs(7)).toEqualTypeOf<sdk.OctaPromise<Blob>>();
  expectTypeOf(client.nodes.updatePrices(7, { base: 1n })).toEqualTypeOf<sdk.OctaPromise<void>>();
  expectTypeOf(client.nodes.reboot(7)).toEqualTypeOf<sdk.OctaPromise<void>>();
  expectTypeOf(client.sessions.list()).toEqualTypeOf<sdk.OctaPromise<sdk.Session[]>>();
  expectTypeOf(mr.available()).toEqualTypeOf<sdk.OctaPromise<sdk.MrMachine[]>>();
  expectTypeOf(render.available()).toEqualTypeOf<sdk.OctaPromise<sdk.RenderMachine[]>>();
  expectTypeOf(vpn.available()).toEqualTypeOf<sdk.OctaPromise<sdk.VpnNode[]>>();
  expectTypeOf(client.idleJobs.get(7, 1)).toEqualTypeOf<sdk.OctaPromise<sdk.IdleJob>>();
  expectTypeOf(client.idleJobs.logs(7, 1)).toEqualTypeOf<sdk.OctaPromise<string>>();
});

test('A start returns the new session.', async () => {
  const start = { node_id: 1, disk_size: 5, image: 'ubuntu' };
  expectTypeOf(mr.start(start)).toEqualTypeOf<sdk.OctaPromise<sdk.SessionResource>>();
  expectTypeOf(render.start({ node_id: 1, disk_size: 5 })).toEqualTypeOf<sdk.OctaPromise<sdk.SessionResource>>();
  expectTypeOf(vpn.start({ node_id: 1 })).toEqualTypeOf<sdk.OctaPromise<sdk.SessionResource>>();
  const { uuid } = await mr.start(start);
  expectTypeOf(uuid).toEqualTypeOf<string>();
  expectTypeOf(client.services.session(uuid)).toEqualTypeOf<sdk.SessionResource>();
});

test('A session returns its state, its logs, and the result of a stop.', () => {
  const session = client.services.session('uuid');
  expectTypeOf(session.info()).toEqualTypeOf<sdk.OctaPromise<sdk.ServiceInfo>>();
  expectTypeOf(session.logs()).toEqualTypeOf<sdk.OctaPromise<sdk.SessionLogs>>();
  expectTypeOf(session.stop()).toEqualTypeOf<sdk.OctaPromise<sdk.StopResult>>();
  expectTypeOf<sdk.StopResult['alreadyStopped']>().toEqualTypeOf<boolean>();
});

test('Amounts are bigints.', async () => {
  const { balance } = await client.accounts.balance();
  expectTypeOf(balance).toEqualTypeOf<bigint>();
  expectTypeOf<sdk.Account['balance']>().toEqualTypeOf<bigint>();
  expectTypeOf<sdk.Session['charge_amount']>().toEqualTypeOf<bigint | undefined>();
  expectTypeOf<sdk.ServiceInfo['charge_amount']>().toEqualTypeOf<bigint | undefined>();
  expectTypeOf<sdk.MrMachine['total_price_wei']>().toEqualTypeOf<bigint | undefined>();
  expectTypeOf<sdk.Wallet['balance']>().toEqualTypeOf<bigint | undefined>();
});

test('Fields have the type that they have after decoding.', async () => {
  const apps = await client.apps.list();
  expectTypeOf(apps.map(({ ports }) => ports)).toEqualTypeOf<number[][]>();
  expectTypeOf<sdk.App['http_ports']>().toEqualTypeOf<number[]>();
  expectTypeOf<sdk.App['envs']>().toEqualTypeOf<Record<string, string> | undefined>();
  expectTypeOf<sdk.Session['duration']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<sdk.Session['started_at']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<sdk.Session['finished_at']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<sdk.VpnNode['net_down_mbits']>().toExtend<number | undefined>();
  expectTypeOf<sdk.SystemLogEntry['ts']>().toExtend<number | undefined>();
  expectTypeOf<sdk.BlockchainInfo['era']>().toBeUnknown();
});

test('The configuration of a session is text, or an address for an HTTP proxy.', () => {
  expectTypeOf<sdk.ServiceInfo['config']>().toEqualTypeOf<string | sdk.ProxyConfig | undefined>();
  expectTypeOf<sdk.ServiceInfo['uuid']>().toEqualTypeOf<string>();
});

test('withResponse returns data and response, asResponse the Response.', async () => {
  const { data, response } = await client.accounts.balance().withResponse();
  expectTypeOf(data).toEqualTypeOf<sdk.Balance>();
  expectTypeOf(response).toEqualTypeOf<sdk.ResponseInfo>();
  expectTypeOf(response.requestId).toEqualTypeOf<string | undefined>();
  expectTypeOf(response.attempts).toEqualTypeOf<number>();
  expectTypeOf(client.nodes.downloadLogs(7).asResponse()).toEqualTypeOf<Promise<Response>>();
});

test('An OctaPromise can be used wherever a promise can.', async () => {
  expectTypeOf(client.accounts.balance()).toExtend<Promise<sdk.Balance>>();
  const both = await Promise.all([client.accounts.balance(), client.apps.list()]);
  expectTypeOf(both).toEqualTypeOf<[sdk.Balance, sdk.App[]]>();
  expectTypeOf(client.apps.list().then((apps) => apps.length)).toEqualTypeOf<Promise<number>>();
});

test('Helpers for amounts accept and return bigints.', () => {
  expectTypeOf<typeof sdk.parseOcta>().toEqualTypeOf<(octa: string) => bigint>();
  expectTypeOf<typeof sdk.formatOcta>().toEqualTypeOf<(wei: bigint, digits?: number) => string>();
  expectTypeOf<typeof sdk.weiToUsd>().toEqualTypeOf<(wei: bigint, marketPrice: number) => number>();
  expectTypeOf<typeof sdk.fromScaledUsd>().toEqualTypeOf<(scaled: number) => number>();
  expectTypeOf<typeof sdk.toJson>().returns.toEqualTypeOf<string>();
});

test('Guards narrow caught errors.', () => {
  const caught: unknown = undefined;
  if (isOctaError(caught)) expectTypeOf(caught.outcome).toEqualTypeOf<sdk.Outcome>();
  if (isApiError(caught)) expectTypeOf(caught.status).toEqualTypeOf<number>();
  if (isAuthError(caught)) expectTypeOf(caught).toEqualTypeOf<sdk.OctaAuthenticationError>();
  if (isNotFound(caught)) expectTypeOf(caught).toEqualTypeOf<sdk.OctaNotFoundError>();
  if (isRateLimit(caught)) expectTypeOf(caught.retryAfter).toEqualTypeOf<number | undefined>();
  if (isTimeout(caught)) expectTypeOf(caught.timeout).toEqualTypeOf<sdk.TimeoutKind>();
  if (isNetworkError(caught)) expectTypeOf(caught).toEqualTypeOf<sdk.OctaNetworkError>();
});
