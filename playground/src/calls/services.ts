/** Calls that start sessions, and calls about sessions. */
import type {
  GuardLimits,
  JobOptions,
  OctaClient,
  RentVpnOptions,
  RunMrOptions,
  SessionResource,
  StartMrOptions,
  StartRenderOptions,
  StartVpnOptions,
} from '@octaspace/sdk';
import {
  diskSize,
  image,
  lease,
  machineCriteria,
  nodeId,
  pollIntervalMs,
  protocol,
  recent,
  relayCriteria,
  subkind,
  uuid,
} from './parameters.ts';
import type { CallContext, SdkCall, Values } from './types.ts';

const nodeIds = {
  name: 'node_ids',
  kind: 'json',
  required: true,
  description: 'JSON, such as [9010, 9042]',
} as const;

const multiGpu = { name: 'multi-gpu-worker', kind: 'boolean' } as const;

/** Calls that start a session return its UUID here; the page of the session shows more. */
async function uuidOf(session: PromiseLike<SessionResource>): Promise<{ uuid: string }> {
  return { uuid: (await session).uuid };
}

const leaseNames = new Set(lease.map(({ name }) => name));

/** Splits the values of `rent` into the order and the options. */
function parted(values: Values): readonly [order: Values, lease: Values] {
  const entries = Object.entries(values);
  const isLease = ([name]: [string, unknown]) => leaseNames.has(name);
  return [Object.fromEntries(entries.filter((entry) => !isLease(entry))), Object.fromEntries(entries.filter(isLease))];
}

function catalogue(kind: 'mr' | 'render' | 'vpn', what: string): SdkCall[] {
  const service = (client: OctaClient) => client.services[kind];
  return [
    {
      name: `services.${kind}.available`,
      effect: 'read',
      about: `All ${what}, as the API lists them.`,
      parameters: [],
      run: ({ client, options }) => service(client).available(options),
    },
    {
      name: `services.${kind}.find`,
      effect: 'read',
      about: `The ${what} that meet the criteria, in order.`,
      parameters: kind === 'vpn' ? relayCriteria : machineCriteria,
      run: ({ client, values, options }) => service(client).find({ ...values, ...options }),
    },
  ];
}

// This page shows how the SDK itself checks values, so the types are not checked here.
const startCalls: readonly SdkCall[] = [
  {
    name: 'services.mr.start',
    effect: 'billable',
    about: 'Starts a machine.',
    parameters: [nodeId, ...image],
    run: ({ client, values, options }) =>
      uuidOf(client.services.mr.start(values as unknown as StartMrOptions, options)),
  },
  {
    name: 'services.mr.startMany',
    effect: 'billable',
    about: 'Starts several machines with one request.',
    parameters: [nodeIds, ...image],
    run: async ({ client, values: { node_ids, ...rest }, options }) => {
      const nodes: unknown[] = Array.isArray(node_ids) ? node_ids : [node_ids];
      const orders = nodes.map((node_id) => ({ node_id, ...rest }) as unknown as StartMrOptions);
      const results = await client.services.mr.startMany(orders, options);
      return results.map((result) =>
        'session' in result ? { status: result.status, uuid: result.session.uuid } : result,
      );
    },
  },
  {
    name: 'services.render.start',
    effect: 'billable',
    about: 'Starts a render node.',
    parameters: [nodeId, diskSize, multiGpu],
    run: ({ client, values, options }) =>
      uuidOf(client.services.render.start(values as unknown as StartRenderOptions, options)),
  },
  {
    name: 'services.vpn.start',
    effect: 'billable',
    about: 'Starts a relay.',
    parameters: [nodeId, subkind, protocol],
    run: ({ client, values, options }) =>
      uuidOf(client.services.vpn.start(values as unknown as StartVpnOptions, options)),
  },
];

const rentCalls: readonly SdkCall[] = [
  {
    name: 'services.mr.rent',
    effect: 'billable',
    about: 'Starts a machine and waits until it can be used. Stops it if that fails.',
    parameters: [nodeId, ...image, ...lease],
    run: ({ client, values, options }) => {
      const [order, limits] = parted(values);
      return uuidOf(client.services.mr.rent(order as unknown as StartMrOptions, { ...limits, ...options }));
    },
  },
  {
    name: 'services.render.rent',
    effect: 'billable',
    about: 'The same for a render node.',
    parameters: [nodeId, diskSize, multiGpu, ...lease],
    run: ({ client, values, options }) => {
      const [order, limits] = parted(values);
      return uuidOf(client.services.render.rent(order as unknown as StartRenderOptions, { ...limits, ...options }));
    },
  },
  {
    name: 'services.vpn.rent',
    effect: 'billable',
    about: 'The same for a relay.',
    parameters: [nodeId, subkind, protocol, ...lease],
    run: ({ client, values, options }) => {
      const [order, limits] = parted(values);
      return uuidOf(client.services.vpn.rent(order as unknown as RentVpnOptions, { ...limits, ...options }));
    },
  },
];

/** Rents one session on each of several nodes, all or none. */
function rentManyCall(kind: 'mr' | 'render' | 'vpn', parameters: SdkCall['parameters']): SdkCall {
  return {
    name: `services.${kind}.rentMany`,
    effect: 'billable',
    about: 'Rents one session on each node, all or none.',
    parameters: [nodeIds, ...parameters, ...lease],
    run: async ({ client, values: { node_ids, ...rest }, options }) => {
      const [order, limits] = parted(rest);
      const nodes: unknown[] = Array.isArray(node_ids) ? node_ids : [node_ids];
      const orders = nodes.map((node_id) => ({ ...order, node_id }));
      const service = client.services[kind];
      const sessions = await service.rentMany(orders as never, { ...limits, ...options });
      return sessions.map(({ uuid: id }) => ({ uuid: id }));
    },
  };
}

const rentManyCalls: readonly SdkCall[] = [
  rentManyCall('mr', image),
  rentManyCall('render', [diskSize, multiGpu]),
  rentManyCall('vpn', [subkind, protocol]),
];

const jobCalls: readonly SdkCall[] = [
  {
    name: 'services.mr.run',
    effect: 'billable',
    about: 'Runs a command on a machine, and stops the machine when the command has ended.',
    parameters: [
      nodeId,
      ...image,
      { name: 'command', kind: 'text', required: true, initial: 'nvidia-smi' },
      { name: 'files', kind: 'json', description: 'JSON, such as {"train.py": "print(1)"}' },
      { name: 'maxDurationMs', kind: 'number', description: 'In ms', initial: '600000' },
      { name: 'idleTimeoutMs', kind: 'number', description: 'In ms' },
      ...lease,
    ],
    run: async ({ client, values: { maxDurationMs, idleTimeoutMs, ...rest }, options }) => {
      const [order, limits] = parted(rest);
      const jobOptions = { ...limits, maxDurationMs, idleTimeoutMs, ...options };
      const job = client.services.mr.run(order as unknown as RunMrOptions, jobOptions as unknown as JobOptions);
      const { session, ...result } = await job.result;
      return { ...result, uuid: session.uuid };
    },
  },
];

function sessionOf({ client, values }: CallContext): SessionResource {
  return client.services.session(String(values.uuid));
}

/** The items until the end or the abort. */
async function collected<Item>(items: AsyncIterable<Item>, most: unknown): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) {
    found.push(item);
    if (found.length >= Number(most ?? 10)) break;
  }
  return found;
}

const most = { name: 'most', kind: 'number', description: 'How many to wait for', initial: '5' } as const;

/** Options of long operations, which do not accept the limits of one call. */
function lasting({ values: { pollIntervalMs: interval }, options: { signal } }: CallContext) {
  return { signal, ...(interval === undefined ? {} : { pollIntervalMs: Number(interval) }) };
}

const sessionCalls: readonly SdkCall[] = [
  {
    name: 'services.session.info',
    effect: 'read',
    about: 'Everything about one session.',
    parameters: [uuid],
    run: (context) => sessionOf(context).info(context.options),
  },
  {
    name: 'services.session.logs',
    effect: 'read',
    about: 'The logs of a session.',
    parameters: [uuid, recent],
    run: (context) => sessionOf(context).logs({ ...context.options, recent: context.values.recent === true }),
  },
  {
    name: 'services.session.stop',
    effect: 'idempotent',
    about: 'Stops a session and its charge.',
    parameters: [uuid, { name: 'score', kind: 'number', description: '1 to 5' }],
    run: (context) => {
      const { score } = context.values;
      return sessionOf(context).stop({ ...context.options, ...(score === undefined ? {} : { score: Number(score) }) });
    },
  },
  {
    name: 'services.session.waitUntilReady',
    effect: 'read',
    about: 'Waits until a session can be used.',
    parameters: [uuid, pollIntervalMs],
    run: (context) => sessionOf(context).waitUntilReady(lasting(context)),
  },
  {
    name: 'services.session.watch',
    effect: 'read',
    about: 'The states of a session, one for each poll.',
    parameters: [uuid, pollIntervalMs, most],
    run: (context) => collected(sessionOf(context).watch(lasting(context)), context.values.most),
  },
  {
    name: 'services.session.followLogs',
    effect: 'read',
    about: 'The log of a session, line by line.',
    parameters: [uuid, pollIntervalMs, most],
    run: (context) => collected(sessionOf(context).followLogs(lasting(context)), context.values.most),
  },
  {
    name: 'services.session.guard',
    effect: 'idempotent',
    about: 'Stops a session at a limit. Returns what ended the guard.',
    parameters: [
      uuid,
      { name: 'maxDurationMs', kind: 'number', description: 'In ms', initial: '60000' },
      { name: 'maxSpend', kind: 'digits', description: 'In Wei' },
    ],
    run: async (context) => {
      const { uuid: _, ...limits } = context.values;
      using guard = sessionOf(context).guard(limits as unknown as GuardLimits);
      context.options.signal.addEventListener('abort', () => guard.release(), { once: true });
      return await guard.done;
    },
  },
];

export const serviceCalls: readonly SdkCall[] = [
  ...catalogue('mr', 'machines'),
  ...catalogue('render', 'render nodes'),
  ...catalogue('vpn', 'relays'),
  ...startCalls,
  ...rentCalls,
  ...rentManyCalls,
  ...jobCalls,
  ...sessionCalls,
];
