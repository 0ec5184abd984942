/** Calls about the network, the account and nodes. */
import { choice, jobId, nodeId, recent } from './parameters.ts';
import type { SdkCall } from './types.ts';

/** An id from the form. Without it, the call is not sent. */
function id(value: unknown): number | string {
  return typeof value === 'number' ? value : String(value);
}

const price = (name: string) => ({ name, kind: 'digits', description: 'Empty: unchanged' }) as const;

export const generalCalls: readonly SdkCall[] = [
  {
    name: 'network.get',
    effect: 'read',
    about: 'Public figures of the network.',
    parameters: [],
    run: ({ client, options }) => client.network.get(options),
  },
  {
    name: 'accounts.get',
    effect: 'read',
    about: 'The account that the key belongs to.',
    parameters: [],
    run: ({ client, options }) => client.accounts.get(options),
  },
  {
    name: 'accounts.balance',
    effect: 'read',
    about: 'The balance of the account.',
    parameters: [],
    run: ({ client, options }) => client.accounts.balance(options),
  },
  {
    name: 'accounts.generateWallet',
    effect: 'disruptive',
    about: 'A new deposit address.',
    parameters: [],
    run: ({ client, options }) => client.accounts.generateWallet(options),
  },
  {
    name: 'apps.list',
    effect: 'read',
    about: 'Apps that can run on a machine.',
    parameters: [],
    run: ({ client, options }) => client.apps.list(options),
  },
  {
    name: 'apps.get',
    effect: 'read',
    about: 'One app from the list.',
    parameters: [{ name: 'uuid', kind: 'text', required: true }],
    run: ({ client, values, options }) => client.apps.get(String(values.uuid), options),
  },
  {
    name: 'idleJobs.get',
    effect: 'read',
    about: 'A job that a node runs while nobody rents it.',
    parameters: [nodeId, jobId],
    run: ({ client, values, options }) => client.idleJobs.get(id(values.node_id), id(values.job_id), options),
  },
  {
    name: 'idleJobs.logs',
    effect: 'read',
    about: 'The log of an idle job, as text.',
    parameters: [nodeId, jobId],
    run: ({ client, values, options }) => client.idleJobs.logs(id(values.node_id), id(values.job_id), options),
  },
];

export const nodeCalls: readonly SdkCall[] = [
  {
    name: 'nodes.list',
    effect: 'read',
    about: 'Nodes that the account operates.',
    parameters: [
      { name: 'country', kind: 'text' },
      { name: 'app', kind: 'text' },
    ],
    run: ({ client, values, options }) => client.nodes.list({ ...values, ...options }),
  },
  {
    name: 'nodes.get',
    effect: 'read',
    about: 'One node in detail.',
    parameters: [nodeId],
    run: ({ client, values, options }) => client.nodes.get(id(values.node_id), options),
  },
  {
    name: 'nodes.downloadIdent',
    effect: 'read',
    about: 'The identity file of a node.',
    parameters: [nodeId],
    run: ({ client, values, options }) => client.nodes.downloadIdent(id(values.node_id), options),
  },
  {
    name: 'nodes.downloadLogs',
    effect: 'read',
    about: 'The logs of a node.',
    parameters: [nodeId],
    run: ({ client, values, options }) => client.nodes.downloadLogs(id(values.node_id), options),
  },
  {
    name: 'nodes.updatePrices',
    effect: 'disruptive',
    about: 'Sets the prices of a node, digit for digit.',
    parameters: [nodeId, price('base'), price('storage'), price('traffic')],
    run: ({ client, values: { node_id, ...prices }, options }) =>
      client.nodes.updatePrices(id(node_id), prices, options),
  },
  {
    name: 'nodes.reboot',
    effect: 'disruptive',
    about: 'Reboots a node; sent once.',
    parameters: [nodeId],
    run: ({ client, values, options }) => client.nodes.reboot(id(values.node_id), options),
  },
];

export const sessionListCalls: readonly SdkCall[] = [
  {
    name: 'sessions.list',
    effect: 'read',
    about: 'The sessions that the account rents, or rented recently.',
    parameters: [recent],
    run: ({ client, values, options }) => client.sessions.list({ ...values, ...options }),
  },
  {
    name: 'sessions.find',
    effect: 'read',
    about: 'The active session whose UUID begins with this text.',
    parameters: [{ name: 'prefix', kind: 'text', required: true }],
    run: async ({ client, values, options }) => ({
      uuid: (await client.sessions.find(String(values.prefix), options)).uuid,
    }),
  },
  {
    name: 'sessions.stopAll',
    effect: 'idempotent',
    about: 'Stops all sessions that match the filters.',
    parameters: [
      choice('service', ['mr', 'render', 'vpn']),
      { name: 'node_id', kind: 'number' },
      { name: 'olderThanMs', kind: 'number', description: 'In ms' },
      { name: 'dryRun', kind: 'boolean', initial: 'true' },
    ],
    run: ({ client, values, options }) => client.sessions.stopAll({ ...values, ...options }),
  },
];
