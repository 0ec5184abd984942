/** Code that must not compile; each mistake is an error at its place. */
import { expectTypeOf, test } from 'vitest';
import type * as sdk from '../../src/index.ts';
import { formatOcta, OctaClient, parseOcta } from '../../src/index.ts';

const client = new OctaClient();
const { mr, render, vpn } = client.services;
const session = client.services.session('uuid');

test('Only v2ray has a protocol.', () => {
  vpn.start({ node_id: 1 });
  vpn.start({ node_id: 1, subkind: 'wg' });
  vpn.start({ node_id: 1, subkind: 'v2ray' });
  vpn.start({ node_id: 1, subkind: 'v2ray', protocol: 'vless' });
  vpn.start({
    node_id: 1,
    subkind: 'wg',
    // @ts-expect-error a relay for WireGuard has no protocol
    protocol: 'trojan',
  });
  // @ts-expect-error the subkind that has a protocol is missing
  vpn.start({ node_id: 1, protocol: 'trojan' });
  vpn.start({
    node_id: 1,
    subkind: 'v2ray',
    // @ts-expect-error unknown protocol
    protocol: 'socks',
  });
  vpn.start({
    node_id: 1,
    // @ts-expect-error unknown subkind
    subkind: 'pptp',
  });
});

test('A machine requires a node, a disk and an image.', () => {
  mr.start({ node_id: 1, disk_size: 5, image: 'ubuntu' });
  // @ts-expect-error the image is missing
  mr.start({ node_id: 1, disk_size: 5 });
  // @ts-expect-error the node is missing
  mr.start({ disk_size: 5, image: 'ubuntu' });
  // @ts-expect-error the disk size is missing
  mr.start({ node_id: 1, image: 'ubuntu' });
  // @ts-expect-error the order is missing
  mr.start();
  mr.start({
    node_id: 1,
    disk_size: 5,
    image: 'ubuntu',
    // @ts-expect-error ports are numbers
    ports: ['22'],
  });
  mr.start({
    node_id: 1,
    disk_size: 5,
    image: 'ubuntu',
    // @ts-expect-error variables are text
    envs: { DEBUG: true },
  });
  mr.start({
    node_id: 1,
    disk_size: 5,
    image: 'ubuntu',
    // @ts-expect-error the SDK sets the position in the batch
    id: 1,
  });
  mr.start({
    node_id: 1,
    disk_size: 5,
    image: 'ubuntu',
    // @ts-expect-error the field is disk_size
    diskSize: 5,
  });
});

test('A render node requires a node and a disk.', () => {
  render.start({ node_id: 1, disk_size: 5, 'multi-gpu-worker': true });
  // @ts-expect-error the disk size is missing
  render.start({ node_id: 1 });
  render.start({
    // @ts-expect-error a node is a number here
    node_id: '1',
    disk_size: 5,
  });
});

test('A rating is a number.', () => {
  session.stop({ score: 1 });
  session.stop({ score: 5 });
  expectTypeOf<sdk.StopSessionOptions['score']>().toEqualTypeOf<number | undefined>();
  session.stop({
    // @ts-expect-error a rating is not a string
    score: '5',
  });
});

test('Prices are bigints, numbers or text.', () => {
  client.nodes.updatePrices(7, { base: 1n, storage: 1, traffic: '1' });
  client.nodes.updatePrices('7', {});
  client.nodes.updatePrices(7, {
    // @ts-expect-error a price is not a boolean
    base: true,
  });
  client.nodes.updatePrices(7, {
    // @ts-expect-error unknown price
    gpu_hour: 1,
  });
  // @ts-expect-error prices are required
  client.nodes.updatePrices(7);
});

test('Ids are numbers or text.', () => {
  client.nodes.get(7);
  client.nodes.get('7');
  // @ts-expect-error an id is required
  client.nodes.get();
  // @ts-expect-error an object is not an id
  client.nodes.get({ id: 7 });
  // @ts-expect-error the id of the job is missing
  client.idleJobs.get(7);
  // @ts-expect-error the id of a session is a string
  client.services.session(7);
  // @ts-expect-error the id of an app is a string
  client.apps.get(7);
});

test('Unknown options of the client and of each call do not compile.', () => {
  new OctaClient({
    // @ts-expect-error the option is timeoutMs
    timeout: 1000,
  });
  new OctaClient({
    // @ts-expect-error a key is a string or a function
    apiKey: 42,
  });
  new OctaClient({
    // @ts-expect-error unknown level
    logLevel: 'verbose',
  });
  client.accounts.get({
    // @ts-expect-error the option is timeoutMs
    timeout: 1000,
  });
  client.nodes.list({
    // @ts-expect-error the filter is country
    land: 'DE',
  });
  client.sessions.list({
    // @ts-expect-error the filter is not a string
    recent: 'yes',
  });
  session.logs({
    // @ts-expect-error the bound is an option of idleJobs.logs
    maxBytes: 10,
  });
  client.accounts.get({
    // @ts-expect-error the option is a signal, not its controller
    signal: new AbortController(),
  });
});

test('Filters and request options are in one object, and may be undefined.', () => {
  const { signal } = new AbortController();
  client.nodes.list({ country: 'DE', app: undefined, signal, retries: 0, timeoutMs: undefined });
  client.sessions.list({ recent: true, headers: { a: 'b' }, query: { limit: 5 } });
  client.idleJobs.logs(7, 1, { maxBytes: 10, signal });
  session.stop({ score: 5, body: { reason: 'done' } });
  new OctaClient({ apiKey: async () => 'key', baseUrl: undefined, fetch: (url, init) => fetch(url, init) });
});

test('There is no argument after the options, except for the second of sessions.list.', () => {
  const { signal } = new AbortController();
  client.sessions.list({ recent: true }, { signal, retries: 0 });
  client.sessions.list(undefined, undefined);
  // @ts-expect-error the filter goes into the first argument
  client.sessions.list({}, { recent: true });
  // @ts-expect-error there is no third argument
  client.sessions.list({}, {}, {});
  // @ts-expect-error options go beside the filter
  client.nodes.list({ country: 'DE' }, { retries: 0 });
  // @ts-expect-error options go beside the prefix, once
  client.sessions.find('5dd2', { recent: true }, { retries: 0 });
  // @ts-expect-error options go into one argument
  session.logs({ recent: true }, { retries: 0 });
  // @ts-expect-error options go beside the rating
  session.stop({ score: 5 }, { retries: 0 });
  // @ts-expect-error a session takes its options call by call
  client.services.session('uuid', { retries: 0 });
  // @ts-expect-error there is one argument
  new OctaClient({}, { retries: 0 });
  // @ts-expect-error there is one argument
  OctaClient.fromEnv({}, { retries: 0 });
});

test('Results are decoded, and differ from the raw response.', async () => {
  const { balance } = await client.accounts.balance();
  // @ts-expect-error a bigint and a number do not mix
  expectTypeOf(balance * 2);
  // @ts-expect-error amounts are formatted by formatOcta
  balance.toFixed(2);
  const { config } = await session.info();
  // @ts-expect-error it may be the address of an HTTP proxy, or not there yet
  config.split('\n');
  const [machine] = await mr.available();
  // @ts-expect-error there may be no machine
  machine.node_id;
  // @ts-expect-error without a protocol in it, the result has no fields before it is awaited
  client.accounts.balance().balance;
});

test('Helpers for amounts do not accept numbers.', () => {
  // @ts-expect-error a number has already lost digits
  formatOcta(1e18);
  // @ts-expect-error a number has already lost digits
  parseOcta(1.5);
});

test('Results and clients are read-only.', () => {
  // @ts-expect-error a resource is read-only
  client.nodes = new OctaClient().nodes;
  // @ts-expect-error the UUID of a session is read-only
  session.uuid = 'another';
});
