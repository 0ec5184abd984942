/** Clients without waits, and calls of every effect. */
import { OctaClient, type OctaClientOptions, type RequestOptions } from '../../src/index.ts';

/** The API key of all tests; long enough to search for it in any output. */
export const testKey = 'octa-test-key-0001';

/** A client of a server. It does not wait between attempts, and sends nothing by itself. */
export function clientFor({ url }: { readonly url: string }, options: OctaClientOptions = {}): OctaClient {
  return new OctaClient({ apiKey: testKey, baseUrl: url, retryDelayMs: 0, leaseVariable: false, ...options });
}

/** The fields of a machine rental. */
export const order = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' };

type Sending = (client: OctaClient, options?: RequestOptions) => PromiseLike<unknown>;

/** One call, with its name for titles. */
export type SampleCall = readonly [name: string, send: Sending];

/** A response that every sample call accepts. */
export const goodAnswer = '{"uuid":"u-1","balance":1,"address":"0x1"}';

/** Calls that may be sent again. */
export const repeatable: readonly SampleCall[] = [
  ['A read', (client, options) => client.accounts.balance(options)],
  ['A stop', (client, options) => client.services.session('u-1').stop(options)],
];

/** Calls that must not happen twice. */
export const onceOnly: readonly SampleCall[] = [
  ['A start of a machine', (client, options) => client.services.mr.start(order, options)],
  [
    'A start of a render node',
    (client, options) => client.services.render.start({ node_id: 1, disk_size: 5 }, options),
  ],
  ['A start of a relay', (client, options) => client.services.vpn.start({ node_id: 1 }, options)],
  ['A reboot', (client, options) => client.nodes.reboot(7, options)],
  ['A change of prices', (client, options) => client.nodes.updatePrices(7, { base: 1n }, options)],
  ['A new wallet', (client, options) => client.accounts.generateWallet(options)],
];

/** All calls. */
export const everyCall: readonly SampleCall[] = [...repeatable, ...onceOnly];
