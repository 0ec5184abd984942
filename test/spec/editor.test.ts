/** What an editor shows of the public API: the text on hover, and the first error of usual mistakes. */
import { expect, test } from 'vitest';
import { openEditor } from '../support/language-service.ts';

const editor = openEditor();
const begin = `import { OctaClient, OctaError } from '@octaspace/sdk';
import { nodeFetch } from '@octaspace/sdk/node';
import { OctaSimulator } from '@octaspace/sdk/testing';
const client = new OctaClient();
declare const app: Awaited<ReturnType<typeof client.apps.get>>;
declare const error: OctaError;
const order = { node_id: 1, disk_size: 5, image: 'x' };
`;
const start =
  "client.services.mr.start({ node_id: 1, disk_size: 5, image: 'x', envs: {}, ports: [22], http_ports: [80] });";
const rent = "client.services.mr.rent({ candidates: [1], disk_size: 5, image: 'x', envs: {} }, { maxSpend: 5n });";

test.each([
  [start, 'node_id', 'Node to rent'],
  [start, 'disk_size', 'Disk space to rent, at least 1. Unit: GB.'],
  [start, 'image', 'Docker image to run'],
  [start, 'envs', 'Environment variables by name'],
  [start, 'ports: [22]', 'TCP and UDP ports to open.'],
  [start, 'http_ports', 'HTTP ports to open'],
  [start, 'start(', 'Rents a machine and starts a container'],
  [rent, 'candidates', 'Nodes to try, in this order'],
  [rent, 'disk_size', 'Disk space to rent'],
  [rent, 'envs', 'Environment variables by name'],
  [rent, 'maxSpend', 'What the session may cost in total.'],
  ["client.services.vpn.start({ node_id: 1, subkind: 'wg' });", 'subkind', 'Default: `wg`'],
  ["client.services.vpn.start({ node_id: 1, subkind: 'v2ray', protocol: 'vless' });", 'protocol', 'Default: `trojan`'],
  ["client.services.session('u').guard({ maxDurationMs: 5 });", 'maxDurationMs', 'How long the session may run'],
  ['error.outcome;', 'outcome', '`not-sent`: it never reached the API'],
  ['error.stoppedBy;', 'stoppedBy', '`retries`, `totalTimeoutMs` or `maxRetryAfterMs`'],
  ['new OctaClient({ timeoutMs: 5 });', 'timeoutMs', 'Unit: ms'],
  ['nodeFetch({ poolSize: 5 });', 'poolSize', 'connections'],
  ['new OctaSimulator({ seed: 1 });', 'seed', 'seed'],
  ['client.accounts.balance().withResponse();', 'withResponse', 'The data together with'],
])('hover: %s: %s', (program, word, text) => {
  expect(editor.hover(begin + program, word)).toContain(text);
});

test.each([
  ['an image is missing', 'client.services.mr.start({ node_id: 1, disk_size: 5 });', "Property 'image' is missing"],
  [
    'a disk size is missing',
    "client.services.mr.start({ node_id: 1, image: 'x' });",
    "Property 'disk_size' is missing",
  ],
  ['a node is missing', "client.services.mr.start({ disk_size: 5, image: 'x' });", "Property 'node_id' is missing"],
  ['an option is misspelt', 'client.services.mr.start({ ...order, port: [22] });', "Did you mean to write 'ports'?"],
  [
    'an app is text',
    "client.services.mr.rent({ node_id: 1, app: 'uuid' });",
    "properties from type 'AppImageOptions': image, disk_size",
  ],
  ['no node for a rental', "client.services.mr.rent({ disk_size: 5, image: 'x' });", "Property 'node_id' is missing"],
  [
    'one node and several',
    'client.services.mr.rent({ ...order, candidates: [2] });',
    "Types of property 'node_id' are incompatible",
  ],
  [
    'a port is text',
    "client.services.mr.start({ ...order, ports: ['22'] });",
    "Type 'string' is not assignable to type 'number'",
  ],
  [
    'a protocol of another VPN',
    "client.services.vpn.start({ node_id: 1, subkind: 'wg', protocol: 'vless' });",
    "Type 'string' is not assignable to type 'OnlyWithV2ray",
  ],
  [
    'an unknown VPN',
    "client.services.vpn.start({ node_id: 1, subkind: 'wireguard' });",
    '"wg" | "openvpn" | "ss" | "v2ray" | "http_proxy"',
  ],
  ['a guard without a limit', "client.services.session('u').guard({});", "parameter of type 'GuardLimits'"],
  ['a misspelt limit', 'client.services.mr.rent(order, { maxDuration: 5 });', "Did you mean to write 'maxDurationMs'?"],
  [
    'money as a number',
    'client.services.mr.rent(order, { maxSpend: 5 });',
    "Type 'number' is not assignable to type 'bigint'",
  ],
  [
    'a filter that is undefined',
    'client.sessions.stopAll({ olderThanMs: undefined });',
    "Types of property 'olderThanMs' are incompatible",
  ],
  ['a misspelt client option', 'new OctaClient({ timeout: 5 });', "Did you mean to write 'timeoutMs'?"],
  [
    'an unknown criterion',
    "client.services.mr.find({ gpuModel: 'x' });",
    "'gpuModel' does not exist in type 'FindMachinesOptions'",
  ],
  ['a misspelt price', 'client.nodes.updatePrices(1, { bas: 1n });', "Did you mean to write 'base'?"],
  ['an argument too many', 'client.network.get({}, {});', 'Expected 0-1 arguments, but got 2.'],
])('error: %s', (_, program, text) => {
  const message = editor.firstError(begin + program) ?? 'no error';
  expect(message).toContain(text);
  // Readers do not look further down.
  expect(message.split('\n').findIndex((line) => line.includes(text))).toBeLessThan(7);
});

test('A parameter of either form accepts a value of both types.', () => {
  const program = `${begin}
import type { GuardLimits, RentMrOptions, RentVpnOptions, StartMrOptions, StartVpnOptions } from '@octaspace/sdk';
declare const given: { start: StartMrOptions; rent: RentMrOptions; relay: StartVpnOptions; relays: RentVpnOptions; limits: GuardLimits };
client.services.mr.start(given.start);
client.services.mr.rent(given.rent);
client.services.vpn.start(given.relay);
client.services.vpn.rent(given.relays);
client.services.session('u').guard(given.limits);
declare const perhaps: { image: string | undefined; money: bigint | undefined; node: number | undefined };
client.services.mr.start({ node_id: 1, app, image: perhaps.image, disk_size: 5 });
client.services.mr.start({ ...order, app: undefined });
client.services.mr.start({ ...order, app: 'uuid' });
client.services.mr.rent({ ...order, candidates: undefined });
client.services.session('u').guard({ maxDurationMs: 5, maxSpend: perhaps.money });
`;
  expect(editor.firstError(program)).toBeUndefined();
});
