/** What each option changes of what lasts longer than a call: renting, waiting, watching, guarding, stopping. */
import {
  type GuardOptions,
  type LeaseOptions,
  OctaClient,
  type RequestOptions,
  type SessionResource,
  type StopAllOptions,
  type WaitOptions,
  type WatchOptions,
} from '../../../src/index.ts';
import { OctaSimulator, type OctaSimulatorOptions } from '../../../src/testing/index.ts';
import { type Behaviours, endOf } from './behaviour.ts';

type Own<Options> = Omit<Options, keyof RequestOptions>;

const order = { node_id: 1, disk_size: 20, image: 'ubuntu:24.04' };
const always = Number.POSITIVE_INFINITY;
const hour = 3_600_000;

function market(world: OctaSimulatorOptions = {}) {
  const simulator = new OctaSimulator({
    machines: [
      { node_id: 1, priceWeiPerHour: 3_600n },
      { node_id: 3, priceWeiPerHour: 3_600n },
    ],
    relays: [{ node_id: 2, priceWeiPerHour: 3_600n }],
    ...world,
  });
  const client = new OctaClient({ apiKey: 'key', fetch: simulator.fetch, logLevel: 'silent' });
  return { simulator, client };
}

type Market = ReturnType<typeof market>;

/** What gets a machine ready: `rent`, or `start` and then `waitUntilReady`. */
type GetReady = (market: Market, options: Own<WaitOptions>) => PromiseLike<unknown>;

const withPorts = { ...order, ports: [22] };
const byRent: GetReady = ({ client }, options) => client.services.mr.rent(withPorts, options);
const byWaiting: GetReady = async ({ client }, options) => {
  return (await client.services.mr.start(withPorts)).waitUntilReady(options);
};

/** Steps that `onProgress` was told of. */
let steps: string[] = [];

/** What both ways of getting ready have in common. */
function waitingBy(getReady: GetReady): Behaviours<Own<WaitOptions>> {
  return {
    readyTimeoutMs: {
      given: 20_000,
      see: async (options) => {
        const made = market();
        made.simulator.machine(1).neverReady();
        const begin = made.simulator.now;
        await endOf(() => getReady(made, options));
        return made.simulator.now - begin > 60_000;
      },
      without: true,
      with: false,
    },
    pollIntervalMs: {
      given: 500,
      see: async (options) => {
        const made = market();
        await getReady(made, options);
        return made.simulator.requests.filter(({ operation }) => operation === 'getSessionInfo').length > 8;
      },
      without: false,
      with: true,
    },
    ready: {
      given: 'status',
      see: async (options) => {
        const made = market({ lies: { lateAddressMs: 60_000 } });
        const begin = made.simulator.now;
        await getReady(made, options);
        return made.simulator.now - begin > 60_000;
      },
      without: true,
      with: false,
    },
    probe: {
      given: () => false,
      see: (options) => endOf(() => getReady(market(), options)),
      without: 'ok',
      with: 'OctaSessionError',
    },
    onProgress: {
      given: ({ step }) => void steps.push(step),
      see: async (options) => {
        steps = [];
        await getReady(market(), options);
        return steps.at(-1);
      },
      without: undefined,
      with: 'ready',
    },
  };
}

/** How many errors `onError` was told of. */
let errors = 0;

/** A rental, or a guard, as a behaviour of its limits. */
type Guarded = (
  market: Market,
  limits: Pick<LeaseOptions, 'maxDurationMs' | 'maxSpend' | 'unknownCharge' | 'onError'>,
) => PromiseLike<unknown>;

/** Whether a session runs on for two hours at a Wei each second. */
async function runsOn(guarded: Guarded, limits: Parameters<Guarded>[1]): Promise<boolean> {
  const made = market();
  await guarded(made, limits);
  await made.simulator.advance(2 * hour);
  return made.simulator.running.length > 0;
}

function guardingBy(guarded: Guarded): Behaviours<Parameters<Guarded>[1]> {
  return {
    maxDurationMs: { given: hour, see: (limits) => runsOn(guarded, limits), without: true, with: false },
    maxSpend: { given: 3_600n, see: (limits) => runsOn(guarded, limits), without: true, with: false },
    unknownCharge: {
      given: 'stop',
      see: async (limits) => {
        const made = market({ lies: { noCharge: 1 } });
        await guarded(made, { maxSpend: 3_600n, ...limits });
        await made.simulator.advance(120_000);
        return made.simulator.running.length > 0;
      },
      without: true,
      with: false,
    },
    onError: {
      given: () => void errors++,
      see: async (limits) => {
        errors = 0;
        const made = market();
        await guarded(made, { maxDurationMs: hour, ...limits });
        made.simulator.fail(['getSessionInfo', 'listSessions'], { status: 500 }, always);
        await made.simulator.advance(60_000);
        return errors > 0;
      },
      without: false,
      with: true,
    },
  };
}

export const leaseBehaviours: Behaviours<Own<LeaseOptions>> = {
  ...waitingBy(byRent),
  ...guardingBy(({ client }, limits) => client.services.mr.rent(order, limits)),
  adoptionTimeoutMs: {
    given: 10_000,
    see: async (options) => {
      const { simulator, client } = market();
      simulator.fail('startMr', { lost: 'before' });
      const begin = simulator.now;
      await endOf(() => client.services.mr.rent(order, options));
      return simulator.now - begin > 40_000;
    },
    without: true,
    with: false,
  },
  adoptUnmarked: {
    given: true,
    see: (options) => {
      const { simulator, client } = market({ hideVariables: true });
      simulator.fail('startMr', { lost: 'after' });
      return endOf(() => client.services.mr.rent(order, options));
    },
    without: 'OctaNetworkError',
    with: 'ok',
  },
  id: {
    given: 'mine',
    see: async (options) => (await market().client.services.mr.rent(order, options)).leaseId === 'mine',
    without: false,
    with: true,
  },
};

export const waitBehaviours: Behaviours<Own<WaitOptions>> = waitingBy(byWaiting);

/** What a session gives within a minute. */
async function seenInAMinute(options: Own<WatchOptions>): Promise<number> {
  const { simulator, client } = market();
  const session = await client.services.mr.start(order);
  const begin = simulator.now;
  let seen = 0;
  for await (const _ of session.watch(options)) {
    seen++;
    if (simulator.now - begin > 60_000) break;
  }
  return seen;
}

export const watchBehaviours: Behaviours<Own<WatchOptions>> = {
  pollIntervalMs: {
    given: 500,
    see: async (options) => (await seenInAMinute(options)) > 50,
    without: false,
    with: true,
  },
  maxSilenceMs: {
    given: 10_000,
    see: async (options) => {
      const { simulator, client } = market();
      const session = await client.services.mr.start(order);
      simulator.fail(['getSessionInfo', 'listSessions'], { status: 500 }, always);
      const begin = simulator.now;
      await endOf(() => session.watch(options).next());
      return simulator.now - begin > 100_000;
    },
    without: true,
    with: false,
  },
};

/** Every option of a guard. */
type AllLimits = GuardOptions & Parameters<Guarded>[1];

/** Guards a session; without a limit of its own, by one that is far away. */
function guard(session: SessionResource, limits: AllLimits) {
  return session.guard({ ...limits, maxDurationMs: limits.maxDurationMs ?? 24 * hour });
}

export const guardBehaviours: Behaviours<AllLimits> = {
  ...guardingBy(async ({ client }, limits) => {
    guard(await client.services.mr.rent(order), limits);
  }),
  pollIntervalMs: {
    given: 1_000,
    see: async (limits) => {
      const { simulator, client } = market();
      guard(await client.services.mr.rent(order), limits);
      const before = simulator.requests.length;
      await simulator.advance(60_000);
      return simulator.requests.length - before > 30;
    },
    without: false,
    with: true,
  },
};

/** The nodes whose sessions are stopped, of three: 1 for an hour longer than 2 and 3. */
async function stoppedNodes(options: Own<StopAllOptions>): Promise<unknown> {
  const { simulator, client } = market();
  await client.services.mr.start(order);
  await simulator.advance(hour);
  await client.services.vpn.start({ node_id: 2 });
  await client.services.mr.start({ ...order, node_id: 3 });
  await client.sessions.stopAll(options);
  return simulator.sessions.filter(({ state }) => state === 'ended').map(({ node_id }) => node_id);
}

export const stopAllBehaviours: Behaviours<Own<StopAllOptions>> = {
  service: { given: 'vpn', see: stoppedNodes, without: [1, 2, 3], with: [2] },
  node_id: { given: 3, see: stoppedNodes, without: [1, 2, 3], with: [3] },
  olderThanMs: { given: 60_000, see: stoppedNodes, without: [1, 2, 3], with: [1] },
  dryRun: { given: true, see: stoppedNodes, without: [1, 2, 3], with: [] },
};
