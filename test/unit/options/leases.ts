/** What each option changes of what outlives a process: ids of starts, ledgers, and what becomes of sessions at the end. */
import {
  type CloseOptions,
  OctaClient,
  type OctaClientOptions,
  type ReconcileOptions,
  type RentManyOptions,
  type RequestOptions,
  type StopSessionOptions,
} from '../../../src/index.ts';
import { memoryLedger, OctaSimulator, type OctaSimulatorOptions } from '../../../src/testing/index.ts';
import { type Behaviours, endOf } from './behaviour.ts';

const order = { node_id: 1, disk_size: 20, image: 'ubuntu:24.04' };

function market(options: OctaClientOptions = {}, world: OctaSimulatorOptions = {}) {
  const simulator = new OctaSimulator({ machines: [{ node_id: 1 }, { node_id: 2 }], ...world });
  const open = () => new OctaClient({ apiKey: 'key', fetch: simulator.fetch, logLevel: 'silent', ...options });
  return { simulator, open, client: open() };
}

/** How many late sessions `onLateSession` was told of. */
let late = 0;

function brokenLedger() {
  const ledger = memoryLedger();
  ledger.fail(Number.POSITIVE_INFINITY);
  return ledger;
}

/** Options of the client about sessions that it starts. */
export const leaseClientBehaviours: Behaviours<
  Pick<OctaClientOptions, 'ledger' | 'onLateSession' | 'leaseVariable' | 'maxTotalSpend'>
> = {
  ledger: {
    // What cannot be written down is not sent.
    given: brokenLedger(),
    see: (options) => endOf(() => market(options).client.services.mr.start(order)),
    without: 'ok',
    with: 'OctaError',
  },
  onLateSession: {
    given: () => void late++,
    see: async (options) => {
      late = 0;
      const { simulator, client } = market(options);
      simulator.fail('startMr', { lost: 'after' });
      await endOf(() => client.services.mr.start(order));
      await simulator.advance(10_000);
      return late;
    },
    without: 0,
    with: 1,
  },
  leaseVariable: {
    given: 'MY_ID',
    see: async (options) => {
      const { client } = market(options);
      await client.services.mr.start(order);
      return (await client.sessions.list()).flatMap(({ user_envs = {} }) => Object.keys(user_envs));
    },
    without: ['OCTA_LEASE_ID'],
    with: ['MY_ID'],
  },
  maxTotalSpend: {
    given: 5n,
    see: async (options) => {
      const { client } = market(options);
      return await endOf(() => client.services.mr.rent(order, { maxSpend: 6n * 10n ** 18n }));
    },
    without: 'ok',
    with: 'OctaSessionError',
  },
};

/** Options that `rentMany` has besides those of `rent`. */
export const rentManyBehaviours: Behaviours<Pick<RentManyOptions, 'atLeast' | 'ids'>> = {
  atLeast: {
    given: 1,
    see: async (options) => {
      const { simulator, client } = market();
      simulator.machine(2).refuse('Node is busy');
      const ended = await endOf(() => client.services.mr.rentMany([order, { ...order, node_id: 2 }], options));
      return [ended, simulator.running.length];
    },
    without: ['OctaSessionError', 0],
    with: ['ok', 1],
  },
  ids: {
    given: ['one', 'two'],
    see: async (options) => {
      const { client } = market();
      const sessions = await client.services.mr.rentMany([order, { ...order, node_id: 2 }], options);
      return sessions.map(({ leaseId = '' }) => (leaseId.length === 36 ? 'a UUID' : leaseId));
    },
    without: ['a UUID', 'a UUID'],
    with: ['one', 'two'],
  },
};

export const sessionStopBehaviours: Behaviours<
  Omit<StopSessionOptions, keyof RequestOptions> & { readonly verify?: boolean }
> = {
  score: {
    given: 5,
    see: async (options) => {
      const { simulator, client } = market();
      await (await client.services.mr.start(order)).stop(options);
      return Object(simulator.requests.at(-1)?.body).score;
    },
    without: undefined,
    with: 5,
  },
  verify: {
    given: true,
    see: async ({ verify = false }) => {
      const { simulator, client } = market({}, { lies: { ignoredStops: 1 } });
      const session = await client.services.mr.start(order);
      const { confirmed } = await (verify ? session.stop({ verify }) : session.stop({ verify }));
      return [confirmed, simulator.running.length];
    },
    without: [false, 1],
    with: [true, 0],
  },
};

export const closeBehaviours: Behaviours<CloseOptions> = {
  stopSessions: {
    given: true,
    see: async (options) => {
      const { simulator, client } = market();
      await client.services.mr.start(order);
      await client.close(options);
      return simulator.running.length;
    },
    without: 1,
    with: 0,
  },
};

/** What another client finds in the ledger of one that was closed while its session ran, or could not start. */
async function reconciled(options: ReconcileOptions, { isLost = false } = {}) {
  const ledger = memoryLedger();
  const { simulator, client, open } = market({ ledger });
  if (isLost) simulator.fail('startMr', { lost: 'before' });
  await endOf(() => client.services.mr.start(order));
  await client.close();
  if (isLost) await simulator.advance(16 * 60_000);
  const begin = simulator.now;
  const { leases } = await open().leases.reconcile(options);
  const left = (await ledger.list()).filter((record) => 'leaseId' in record).length;
  return { verdicts: leases.map(({ verdict }) => verdict), tookMs: simulator.now - begin, left };
}

export const reconcileBehaviours: Behaviours<ReconcileOptions> = {
  dryRun: {
    given: true,
    see: async (options) => (await reconciled(options)).verdicts,
    without: ['stopped'],
    with: ['unresolved'],
  },
  adopt: {
    given: true,
    see: async (options) => (await reconciled(options)).verdicts,
    without: ['stopped'],
    with: ['adopted'],
  },
  forget: {
    given: true,
    see: async (options) => {
      const { verdicts, left } = await reconciled(options, { isLost: true });
      return [verdicts, left];
    },
    without: [['lost'], 1],
    with: [['lost'], 0],
  },
  ttlMs: {
    given: 0,
    see: async (options) => (await reconciled(options)).tookMs >= 60_000,
    without: true,
    with: false,
  },
};
