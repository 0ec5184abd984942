/** What each bad condition of the simulator changes. */
import { OctaSimulator, type SimulatorLag, type SimulatorLies } from '../../../src/testing/index.ts';
import { ask, listOf, smallWorld, startOn, statusOf, uuidOn } from '../testing/ask.ts';
import type { Behaviours } from './behaviour.ts';

/** A simulator with a session that has run for so long. */
async function withSession(given: { readonly lag?: SimulatorLag; readonly lies?: SimulatorLies }, ms = 0) {
  const simulator = new OctaSimulator({ ...smallWorld, ...given });
  const uuid = await uuidOn(simulator, 1);
  await simulator.advance(ms);
  return { simulator, uuid };
}

export const lagBehaviours: Behaviours<SimulatorLag> = {
  listsMs: {
    given: 5000,
    see: async (lag) => (await listOf((await withSession({ lag })).simulator)).length,
    without: 1,
    with: 0,
  },
  infoMs: {
    given: 5000,
    see: async (lag) => {
      const { simulator, uuid } = await withSession({ lag });
      return statusOf(simulator, 'info', uuid);
    },
    without: 200,
    with: 404,
  },
  stopMs: {
    given: 5000,
    see: async (lag) => {
      const { simulator, uuid } = await withSession({ lag });
      return statusOf(simulator, 'stop', uuid);
    },
    without: 200,
    with: 404,
  },
  endsMs: {
    given: 5000,
    see: async (lag) => {
      const { simulator, uuid } = await withSession({ lag });
      await statusOf(simulator, 'stop', uuid);
      return [(await listOf(simulator)).length, (await listOf(simulator, 'recent')).length];
    },
    without: [0, 1],
    with: [1, 0],
  },
};

/** The charge of a session that has run for a minute, as the active list shows it. */
async function charge(lies: SimulatorLies): Promise<number | undefined> {
  const [first] = await listOf((await withSession({ lies }, 60_000)).simulator);
  return first !== undefined && 'charge_amount' in first ? Number(first.charge_amount) : undefined;
}

/** How long a stop takes. */
async function stopMs(lies: SimulatorLies): Promise<number> {
  const { simulator, uuid } = await withSession({ lies });
  const begin = simulator.now;
  let end = 0;
  const stopping = statusOf(simulator, 'stop', uuid).then(() => {
    end = simulator.now;
  });
  for (let second = 0; second < 40; second++) await simulator.advance(1000);
  await stopping;
  return end - begin;
}

/** How a stop is answered, and how many sessions run after it. */
async function stopped(lies: SimulatorLies): Promise<[status: number, running: number]> {
  const { simulator, uuid } = await withSession({ lies }, 60_000);
  return [await statusOf(simulator, 'stop', uuid), simulator.running.length];
}

/** How a start ends, and how many sessions run after it. */
async function started(lies: SimulatorLies): Promise<[status: number | string, running: number]> {
  const simulator = new OctaSimulator({ ...smallWorld, lies });
  const end = await startOn(simulator, 1).then(
    ({ status, text }) => (text.includes('uuid') ? 'named' : status),
    () => 'lost',
  );
  return [typeof end === 'number' ? 'refused' : end, simulator.running.length];
}

/** The status of `info` in each of so many seconds. */
async function statuses(lies: SimulatorLies, seconds: number): Promise<Set<number>> {
  const { simulator, uuid } = await withSession({ lies });
  const seen = new Set<number>();
  for (let second = 0; second < seconds; second++) {
    seen.add(await statusOf(simulator, 'info', uuid));
    await simulator.advance(1000);
  }
  return seen;
}

const always = (lie: keyof SimulatorLies) => ({ [lie]: 1 });

export const lieBehaviours: Behaviours<SimulatorLies> = {
  emptyLists: {
    given: 1,
    see: async (lies) => (await listOf((await withSession({ lies })).simulator)).length,
    without: 1,
    with: 0,
  },
  duplicates: {
    given: 1,
    see: async (lies) => (await listOf((await withSession({ lies })).simulator)).length,
    without: 1,
    with: 2,
  },
  recentShowsRunning: {
    given: true,
    see: async (lies) => (await listOf((await withSession({ lies })).simulator, 'recent')).length,
    without: 0,
    with: 1,
  },
  lostInfo: { given: 1, see: (lies) => statuses(lies, 1), without: new Set([200]), with: new Set([404]) },
  ghostInfo: {
    given: true,
    see: async (lies) => {
      const { simulator, uuid } = await withSession({ lies });
      await statusOf(simulator, 'stop', uuid);
      return statusOf(simulator, 'info', uuid);
    },
    without: 404,
    with: 200,
  },
  vanishing: { given: 1, see: (lies) => statuses(lies, 90), without: new Set([200]), with: new Set([200, 404]) },
  vanishForMs: {
    given: 3_600_000,
    see: async (lies) => {
      const { simulator, uuid } = await withSession({ lies: { ...always('vanishing'), ...lies } }, 90_000);
      return statusOf(simulator, 'info', uuid);
    },
    without: 200,
    with: 404,
  },
  lateAddressMs: {
    given: 60_000,
    see: async (lies) => {
      const { simulator } = await withSession({ lies }, 30_000);
      return (await listOf(simulator)).map((session) => 'ports_matrix' in session);
    },
    without: [true],
    with: [false],
  },
  noCharge: { given: 1, see: charge, without: 60, with: undefined },
  fallingCharge: { given: 1, see: charge, without: 60, with: 30 },
  ignoredStops: { given: 1, see: stopped, without: [200, 0], with: [200, 1] },
  ignoredForMs: {
    given: 0,
    see: (lies) => stopped({ ...always('ignoredStops'), ...lies }),
    without: [200, 1],
    with: [200, 0],
  },
  wrongStop404: { given: 1, see: stopped, without: [200, 0], with: [404, 1] },
  slowStops: { given: 1, see: stopMs, without: 0, with: 6000 },
  slowStopMs: {
    given: 30_000,
    see: (lies) => stopMs({ ...always('slowStops'), ...lies }),
    without: 6000,
    with: 30_000,
  },
  lostStarts: { given: 1, see: started, without: ['named', 1], with: ['lost', 1] },
  failedStarts: { given: 1, see: started, without: ['named', 1], with: ['refused', 1] },
  falseRefusals: { given: 1, see: started, without: ['named', 1], with: ['refused', 1] },
  deadStarts: { given: 1, see: async (lies) => (await started(lies))[1], without: 1, with: 0 },
  doubleStarts: { given: 1, see: started, without: ['named', 1], with: ['named', 2] },
  lateBeginMs: { given: 50_000, see: started, without: ['named', 1], with: ['named', 0] },
  oddIds: {
    given: 1,
    see: async (lies) => {
      const body = [8, 5].map((id, index) => ({ id, node_id: 1 + index, disk_size: 10, image: 'ubuntu:24.04' }));
      const { value } = await ask(new OctaSimulator({ ...smallWorld, lies }), 'POST /services/mr', { body });
      return JSON.stringify(Array.isArray(value) && value.map(({ id }) => id)) === '[8,5]';
    },
    without: true,
    with: false,
  },
};
