/** Renting, watching, guarding and ending sessions: what compiles, what does not, and the results. */
import { expectTypeOf, test } from 'vitest';
import type * as sdk from '../../src/index.ts';
import { OctaClient, OctaSessionError, parseOcta } from '../../src/index.ts';
import { tcp } from '../../src/node/index.ts';
import type { SimulatedMachine } from '../../src/testing/index.ts';

const client = new OctaClient();
const { mr, render, vpn } = client.services;
const session = client.services.session('uuid');
const { signal } = new AbortController();

declare const app: sdk.App;
declare const machines: sdk.MrMachine[];
declare const renderMachines: readonly sdk.RenderMachine[];
declare const relays: sdk.VpnNode[];

test('The limit for all sessions of a client is an amount, or an amount with a window.', () => {
  new OctaClient({ maxTotalSpend: parseOcta('1') });
  new OctaClient({ maxTotalSpend: { amount: parseOcta('1'), windowMs: 3_600_000 } });
  // @ts-expect-error an amount is a bigint
  new OctaClient({ maxTotalSpend: 5 });
  // @ts-expect-error a window alone is not a limit
  new OctaClient({ maxTotalSpend: { windowMs: 3_600_000 } });
  expectTypeOf(client.leases.spending()).resolves.toEqualTypeOf<sdk.TotalSpending>();
  expectTypeOf<OctaSessionError['totalSpend']>().toEqualTypeOf<sdk.TotalSpendRefusal | undefined>();
  expectTypeOf<sdk.TotalSpendRefusal>().toExtend<sdk.TotalSpending>();
});

test('A rental is on one node, or on one of several candidates.', () => {
  const image = { image: 'ubuntu', disk_size: 5 };
  mr.rent({ ...image, node_id: 1 });
  mr.rent({ ...image, candidates: [1, 2] });
  mr.rent({ ...image, candidates: machines });
  mr.rent({ ...image, candidates: [1, ...machines, { node_id: 2 }] });
  render.rent({ disk_size: 5, candidates: renderMachines });
  vpn.rent({ candidates: relays });
  vpn.rent({ node_id: 1 });
  // @ts-expect-error the node is missing
  mr.rent(image);
  // @ts-expect-error one node or several, not both
  mr.rent({ ...image, node_id: 1, candidates: [2] });
  // @ts-expect-error one node or several, not both
  render.rent({ disk_size: 5, node_id: 1, candidates: [2] });
  // @ts-expect-error one node or several, not both
  vpn.rent({ node_id: 1, candidates: [2] });
  mr.rent({
    ...image,
    // @ts-expect-error a node is a number here
    candidates: ['1'],
  });
  mr.rent({
    ...image,
    // @ts-expect-error a single node goes into node_id
    candidates: 1,
  });
  vpn.rent({
    // @ts-expect-error sessions are not candidates, because they may have no node
    candidates: [{ uuid: 'u-1' }],
  });
  mr.rent({
    ...image,
    // @ts-expect-error a node is a number here
    node_id: '1',
  });
});

test('An app sets image and disk size; its UUID alone does not.', () => {
  mr.start({ node_id: 1, app });
  mr.start({ node_id: 1, app, disk_size: 5, image: 'other', envs: { A: 'b' } });
  mr.rent({ node_id: 1, app });
  mr.rent({ candidates: machines, app, ports: [22] });
  mr.startMany([
    { node_id: 1, app },
    { node_id: 2, image: 'ubuntu', disk_size: 5 },
  ]);
  mr.start({ node_id: 1, app: 'uuid', image: 'ubuntu', disk_size: 5 });
  // @ts-expect-error a UUID does not set the image
  mr.start({ node_id: 1, app: 'uuid' });
  // @ts-expect-error the disk size is missing
  mr.rent({ node_id: 1, image: 'ubuntu' });
  // @ts-expect-error the image is missing
  mr.rent({ candidates: machines, disk_size: 5 });
  // @ts-expect-error the node is missing
  mr.start({ app });
  mr.start({
    node_id: 1,
    app,
    // @ts-expect-error variables are text
    envs: { DEBUG: true },
  });
  mr.rent({
    candidates: machines,
    app,
    // @ts-expect-error the field is disk_size
    diskSize: 5,
  });
});

test('Only v2ray has a protocol, also in a rental.', () => {
  vpn.rent({ node_id: 1, subkind: 'wg' });
  vpn.rent({ candidates: relays, subkind: 'v2ray' });
  vpn.rent({ candidates: relays, subkind: 'v2ray', protocol: 'vless' });
  vpn.rent({
    candidates: relays,
    subkind: 'wg',
    // @ts-expect-error a relay for WireGuard has no protocol
    protocol: 'trojan',
  });
  // @ts-expect-error the subkind that has a protocol is missing
  vpn.rent({ candidates: relays, protocol: 'trojan' });
  vpn.rent({
    candidates: relays,
    subkind: 'v2ray',
    // @ts-expect-error unknown protocol
    protocol: 'socks',
  });
  vpn.rent({
    candidates: relays,
    // @ts-expect-error unknown subkind
    subkind: 'pptp',
  });
});

test('A lease has limits, times and a listener.', () => {
  const order = { node_id: 1, image: 'ubuntu', disk_size: 5 };
  mr.rent(order, { maxSpend: parseOcta('5'), maxDurationMs: 3_600_000, readyTimeoutMs: 0, pollIntervalMs: 1_000 });
  mr.rent(order, { signal, adoptionTimeoutMs: 5_000, onProgress: ({ step }) => console.log(step) });
  mr.rent(order, {
    // @ts-expect-error amounts are bigints of Wei
    maxSpend: 5,
  });
  mr.rent(order, {
    // @ts-expect-error the option is readyTimeoutMs
    readyTimeout: 5,
  });
  mr.rent(order, { maxSpend: 1n, onError: async (error) => console.warn(error) });
  expectTypeOf(mr.rent(order)).toEqualTypeOf<Promise<sdk.SessionResource>>();
  expectTypeOf(render.rent({ node_id: 1, disk_size: 5 })).toEqualTypeOf<Promise<sdk.SessionResource>>();
  expectTypeOf(vpn.rent({ node_id: 1 })).toEqualTypeOf<Promise<sdk.SessionResource>>();
});

test('Progress has the step and its subject.', () => {
  mr.rent(
    { node_id: 1, app },
    {
      onProgress: (progress) => {
        expectTypeOf(progress).toEqualTypeOf<sdk.Progress>();
        expectTypeOf(progress.info).toEqualTypeOf<sdk.ServiceInfo | undefined>();
        expectTypeOf(progress.error).toBeUnknown();
        expectTypeOf(progress.elapsedMs).toEqualTypeOf<number>();
        // @ts-expect-error unknown step
        if (progress.step === 'done') return;
      },
    },
  );
});

test('A session can be used, and kept, at the end of a scope.', async () => {
  await using rented = await mr.rent({ node_id: 1, app });
  expectTypeOf(rented.keep()).toEqualTypeOf<sdk.SessionResource>();
  expectTypeOf(rented.waitUntilReady({ readyTimeoutMs: 1 })).toEqualTypeOf<Promise<sdk.ServiceInfo>>();
  rented.waitUntilReady({
    // @ts-expect-error limits belong to a lease or a guard
    maxSpend: 1n,
  });
  // @ts-expect-error a session ends with a request, so the scope must await it
  using unawaited = rented;
  expectTypeOf(unawaited).not.toBeAny();
});

test('Limits of a guard are a time and a bigint.', async () => {
  session.guard({ maxDurationMs: 3_600_000 });
  session.guard({ maxSpend: parseOcta('5'), pollIntervalMs: 1_000, onError: (error) => console.log(error) });
  session.guard({
    // @ts-expect-error amounts are bigints of Wei
    maxSpend: 5,
  });
  session.guard({
    // @ts-expect-error amounts are bigints of Wei
    maxSpend: '5',
  });
  session.guard({
    // @ts-expect-error the limit is maxDurationMs
    maxDuration: 5,
  });
  // @ts-expect-error limits are required
  session.guard();
  using guard = session.guard({ maxSpend: 1n });
  expectTypeOf(guard).toEqualTypeOf<sdk.SessionGuard>();
  expectTypeOf(guard.release()).toEqualTypeOf<void>();
  const { reason, info } = await guard.done;
  expectTypeOf(reason).toEqualTypeOf<'duration' | 'spend' | 'ended' | 'released' | 'closed'>();
  expectTypeOf(info).toEqualTypeOf<sdk.ServiceInfo | undefined>();
});

test('find accepts the criteria of its catalogue, and returns its records.', () => {
  expectTypeOf(mr.find()).toEqualTypeOf<sdk.OctaPromise<sdk.MrMachine[]>>();
  expectTypeOf(render.find({ gpu: '4090', signal })).toEqualTypeOf<sdk.OctaPromise<sdk.RenderMachine[]>>();
  expectTypeOf(vpn.find({ residential: true })).toEqualTypeOf<sdk.OctaPromise<sdk.VpnNode[]>>();
  expectTypeOf<sdk.MachineSort>().toEqualTypeOf<
    'price' | 'gpus' | 'vram' | 'cpu' | 'memory' | 'disk' | 'download' | 'upload' | 'stability'
  >();
  expectTypeOf<sdk.RelaySort>().toEqualTypeOf<'price' | 'download' | 'upload'>();
  mr.find({ sort: 'stability', maxUsdPerHour: undefined, query: { region: 'eu' } });
  mr.find({
    // @ts-expect-error unknown order
    sort: 'latency',
  });
  vpn.find({
    // @ts-expect-error relays have no GPUs
    sort: 'gpus',
  });
  vpn.find({
    // @ts-expect-error relays are paid by traffic
    maxUsdPerHour: 1,
  });
  mr.find({
    // @ts-expect-error only relays are residential
    residential: true,
  });
  render.find({
    // @ts-expect-error the model is a string
    gpu: 4090,
  });
  mr.find({
    // @ts-expect-error USD are numbers
    maxUsdPerHour: 1n,
  });
});

test('States and lines are yielded one after the other.', async () => {
  expectTypeOf(session.watch({ signal })).toEqualTypeOf<AsyncGenerator<sdk.ServiceInfo, void, void>>();
  expectTypeOf(session.followLogs()).toEqualTypeOf<AsyncGenerator<sdk.LogLine, void, void>>();
  for await (const { charge_amount } of session.watch())
    expectTypeOf(charge_amount).toEqualTypeOf<bigint | undefined>();
  for await (const line of session.followLogs({ pollIntervalMs: 1_000, maxSilenceMs: 0 })) {
    expectTypeOf(line.source).toEqualTypeOf<'system' | 'container'>();
    expectTypeOf(line.ts).toEqualTypeOf<number | undefined>();
    expectTypeOf(line.text).toEqualTypeOf<string>();
    // @ts-expect-error a line is read-only
    line.text = '';
  }
  session.watch({
    // @ts-expect-error the option is pollIntervalMs
    intervalMs: 1_000,
  });
  session.followLogs({
    // @ts-expect-error it ends with the session, and reads the rest by itself
    recent: true,
  });
  // @ts-expect-error states are asynchronous
  for (const state of session.watch()) expectTypeOf(state);
});

test('Each item of a batch was started, refused, or is unknown.', async () => {
  const results = await mr.startMany([{ node_id: 1, app }], { signal });
  expectTypeOf(results).toEqualTypeOf<sdk.StartManyResult[]>();
  for (const result of results) {
    expectTypeOf(result.status).toEqualTypeOf<'started' | 'rejected' | 'unknown'>();
    // @ts-expect-error there may be no session
    result.session;
    if (result.status === 'started') {
      expectTypeOf(result.session).toEqualTypeOf<sdk.SessionResource>();
      // @ts-expect-error a started item has no rejection
      result.rejection;
    } else if (result.status === 'rejected') {
      expectTypeOf(result.rejection).toEqualTypeOf<sdk.ProvisionRejection>();
    } else {
      expectTypeOf(result).toEqualTypeOf<{ readonly status: 'unknown'; readonly leaseId: string }>();
    }
  }
  // @ts-expect-error a batch is an array
  mr.startMany({ node_id: 1, app });
  mr.startMany([
    { node_id: 1, app },
    // @ts-expect-error the image is missing
    { node_id: 1, disk_size: 5 },
  ]);
});

test('Sessions are found by the beginning of a UUID, and stopped by filters.', async () => {
  expectTypeOf(client.sessions.find('5dd2', { recent: true })).toEqualTypeOf<sdk.OctaPromise<sdk.SessionResource>>();
  // @ts-expect-error the beginning is required
  client.sessions.find();
  // @ts-expect-error the beginning is a string
  client.sessions.find(7);
  expectTypeOf(client.sessions.stopAll()).toEqualTypeOf<Promise<sdk.StopAllResult>>();
  const { stopped } = await client.sessions.stopAll({ service: 'mr', node_id: 7, olderThanMs: 1, dryRun: true });
  expectTypeOf(stopped).toEqualTypeOf<readonly sdk.Session[]>();
  client.sessions.stopAll({
    // @ts-expect-error the filter is node_id
    node: 7,
  });
  client.sessions.stopAll({
    // @ts-expect-error a node is a number here
    node_id: '7',
  });
  client.sessions.stopAll({
    // @ts-expect-error ended sessions cannot be stopped
    recent: true,
  });
});

test('An error of a session has the reason, the session, and those that still run.', () => {
  const caught: unknown = undefined;
  if (!(caught instanceof OctaSessionError)) return;
  expectTypeOf(caught.reason).toEqualTypeOf<sdk.SessionFailure>();
  expectTypeOf(caught.reason).toEqualTypeOf<
    'timeout' | 'ended' | 'limit' | 'not-stopped' | 'incomplete' | 'idle' | 'not-run' | 'total-spend'
  >();
  expectTypeOf(caught.session).toEqualTypeOf<string>();
  expectTypeOf(caught.info).toEqualTypeOf<sdk.ServiceInfo | undefined>();
  expectTypeOf(caught.running).toEqualTypeOf<readonly string[]>();
  expectTypeOf(caught.stopFailures).toEqualTypeOf<readonly sdk.StopFailure[]>();
  // @ts-expect-error unknown reason
  if (caught.reason === 'lost') return;
  // @ts-expect-error an error is read-only
  caught.session = '';
});

test('tcp returns a probe that a wait accepts.', () => {
  expectTypeOf(tcp(22)).toExtend<sdk.Probe>();
});

test('A simulated command returns an exit code, or nothing.', () => {
  const { job } = {} as SimulatedMachine;
  job(async function* (command) {
    yield command;
  });
  job(async function* (command, { envs }) {
    yield command;
    if (envs.MODE === undefined) return 1;
    return undefined;
  });
  // @ts-expect-error an exit code is a number
  job(async function* (command) {
    yield command;
    return '0';
  });
});
