/** What each option of the simulator, and of its server, changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OctaClient, type OctaClientOptions } from '../../../src/index.ts';
import { type ListenOptions, OctaSimulator, type OctaSimulatorOptions } from '../../../src/testing/index.ts';
import { listOf, smallWorld, uuidOn } from '../testing/ask.ts';
import { type Behaviours, endOf, freePort } from './behaviour.ts';

function clientOf(simulator: OctaSimulator, options: OctaClientOptions = {}): OctaClient {
  return new OctaClient({ apiKey: 'key', fetch: simulator.fetch, ...options });
}

type Count = 'machines' | 'renderMachines' | 'relays' | 'nodes' | 'apps';

const lists: Readonly<Record<Count, (client: OctaClient) => PromiseLike<readonly unknown[]>>> = {
  machines: ({ services }) => services.mr.available(),
  renderMachines: ({ services }) => services.render.available(),
  relays: ({ services }) => services.vpn.available(),
  nodes: ({ nodes }) => nodes.list(),
  apps: ({ apps }) => apps.list(),
};

/** How many of something there are. */
function counted(what: Count, without: number) {
  const see = async (options: OctaSimulatorOptions) => (await lists[what](clientOf(new OctaSimulator(options)))).length;
  return { given: 1, see, without, with: 1 };
}

export const simulatorBehaviours: Behaviours<OctaSimulatorOptions> = {
  machines: counted('machines', 12),
  renderMachines: counted('renderMachines', 4),
  relays: counted('relays', 6),
  nodes: counted('nodes', 4),
  apps: counted('apps', 5),
  seed: {
    given: 'another',
    see: async (options) => {
      const machinesOf = (given: OctaSimulatorOptions) => clientOf(new OctaSimulator(given)).services.mr.available();
      const [usual, these] = [await machinesOf({}), await machinesOf(options)];
      return usual[0]?.node_id === these[0]?.node_id;
    },
    without: true,
    with: false,
  },
  latencyMs: {
    given: 700,
    see: async (options) => {
      const simulator = new OctaSimulator(options);
      const begin = simulator.now;
      await clientOf(simulator).network.get();
      return simulator.now - begin;
    },
    without: 20,
    with: 700,
  },
  apiKey: {
    given: 'the right one',
    see: (options) => endOf(() => clientOf(new OctaSimulator(options)).accounts.get()),
    without: 'ok',
    with: 'OctaAuthenticationError',
  },
  requireKey: {
    given: false,
    see: (options) => endOf(() => clientOf(new OctaSimulator(options), { apiKey: '' }).accounts.get()),
    without: 'OctaAuthenticationError',
    with: 'ok',
  },
  basePath: {
    given: '/api/octa',
    see: (options) => {
      const baseUrl = 'https://a.example/api/octa';
      return endOf(() => clientOf(new OctaSimulator(options), { baseUrl }).network.get());
    },
    without: 'OctaNotFoundError',
    with: 'ok',
  },
  keepRequests: {
    given: 1,
    see: async (options) => {
      const simulator = new OctaSimulator(options);
      const client = clientOf(simulator);
      await client.network.get();
      await client.apps.list();
      return simulator.requests.map(({ operation }) => operation);
    },
    without: ['getNetwork', 'listApps'],
    with: ['listApps'],
  },
  balanceWei: {
    given: 5n,
    see: (options) => new OctaSimulator(options).balance === 5n,
    without: false,
    with: true,
  },
  readyAfterMs: {
    given: 60_000,
    see: async (options) => {
      const simulator = new OctaSimulator({ machines: [{ node_id: 1 }], ...options });
      const begin = simulator.now;
      await clientOf(simulator).services.mr.rent({ node_id: 1, disk_size: 20, image: 'ubuntu:24.04' });
      return simulator.now - begin > 30_000;
    },
    without: false,
    with: true,
  },
  speed: {
    given: 1_000,
    see: async (options) => {
      const simulator = new OctaSimulator(options);
      const begin = simulator.now;
      await sleep(10);
      return simulator.now > begin;
    },
    without: false,
    with: true,
  },
  startedAt: {
    given: 1_000_000,
    see: (options) => new OctaSimulator(options).now === 1_000_000,
    without: false,
    with: true,
  },
  quirks: {
    given: false,
    see: async (options) => {
      const { response } = await clientOf(new OctaSimulator(options)).apps.list().withResponse();
      return /"ports":"/.test(response.text);
    },
    without: true,
    with: false,
  },
  lag: {
    given: { listsMs: 5000 },
    see: async (options) => {
      const simulator = new OctaSimulator({ ...smallWorld, ...options });
      await uuidOn(simulator, 1);
      return (await listOf(simulator)).length;
    },
    without: 1,
    with: 0,
  },
  lies: {
    given: { emptyLists: 1 },
    see: async (options) => {
      const simulator = new OctaSimulator({ ...smallWorld, ...options });
      await uuidOn(simulator, 1);
      return (await listOf(simulator)).length;
    },
    without: 1,
    with: 0,
  },
  uuidCase: {
    given: 'upper',
    see: async (options) => {
      const uuid = await uuidOn(new OctaSimulator({ ...smallWorld, ...options }), 1);
      return uuid === uuid.toUpperCase();
    },
    without: false,
    with: true,
  },
  hideVariables: {
    given: true,
    see: async (options) => {
      const simulator = new OctaSimulator({ ...smallWorld, ...options });
      await uuidOn(simulator, 1, { envs: { A: '1' } });
      return (await listOf(simulator)).map(({ user_envs }) => user_envs);
    },
    without: [{ A: '1' }],
    with: [undefined],
  },
  foreign: {
    given: 2,
    see: (options) => new OctaSimulator(options).sessions.map(({ foreign }) => foreign),
    without: [],
    with: [true, true],
  },
  hostile: {
    given: 1,
    see: (options) => Object.values(new OctaSimulator(options).conditions.lies).includes(true),
    without: false,
    with: true,
  },
};

const port = await freePort();

/** What the server told of. */
const told: (string | undefined)[] = [];

export const listenBehaviours: Behaviours<ListenOptions> = {
  port: {
    given: port,
    see: async (options) => {
      await using server = await new OctaSimulator().listen(options);
      return server.port === port;
    },
    without: false,
    with: true,
  },
  host: {
    given: 'localhost',
    see: async (options) => {
      await using server = await new OctaSimulator().listen(options);
      return new URL(server.url).hostname;
    },
    without: '127.0.0.1',
    with: 'localhost',
  },
  onRequest: {
    given: ({ operation }) => void told.push(operation),
    see: async (options) => {
      await using server = await new OctaSimulator({ latencyMs: 0 }).listen(options);
      await (await fetch(`${server.url}/network`)).text();
      return told.splice(0);
    },
    without: [],
    with: ['getNetwork'],
  },
};
