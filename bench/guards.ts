/** Counts the requests of a thousand guarded sessions, on a simulated market. */
import { OctaClient, type SessionResource } from '../src/index.ts';
import { OctaSimulator, type SimulatorLies } from '../src/testing/index.ts';
import type { Result } from './result.ts';

const count = 1_000;
/** Default poll interval of a guard. Unit: ms. */
const intervalMs = 10_000;
const intervals = 30;

interface Guarded {
  readonly simulator: OctaSimulator;
  readonly sessions: readonly SessionResource[];
}

async function guardMany(client: OctaClient, simulator: OctaSimulator): Promise<Guarded> {
  const starts = Array.from({ length: count }, (_, index) => ({ node_id: index + 1, disk_size: 20, image: 'ubuntu' }));
  const results = await client.services.mr.startMany(starts);
  const sessions = results.flatMap((result) => (result.status === 'started' ? [result.session] : []));
  for (const session of sessions) session.guard({ maxDurationMs: 86_400_000, maxSpend: 10n ** 24n });
  return { simulator, sessions };
}

/** Measures the requests of each interval, once all guards know their sessions, and their CPU time. */
async function measure({ simulator }: Guarded): Promise<{ perInterval: number; most: number; cpuMs: number }> {
  await simulator.advance(3 * intervalMs);
  const counts: number[] = [];
  const cpu = process.cpuUsage();
  for (let interval = 0; interval < intervals; interval++) {
    const before = simulator.requests.length;
    await simulator.advance(intervalMs);
    counts.push(simulator.requests.length - before);
  }
  const { user, system } = process.cpuUsage(cpu);
  const sum = counts.reduce((total, each) => total + each, 0);
  return { perInterval: sum / intervals, most: Math.max(...counts), cpuMs: (user + system) / 1000 / intervals };
}

async function benchOn(market: string, lies: SimulatorLies): Promise<Result> {
  const machines = Array.from({ length: count }, (_, index) => ({ node_id: index + 1, priceWeiPerHour: 3_600n }));
  const simulator = new OctaSimulator({ machines, lies, balanceWei: 10n ** 30n, keepRequests: 1_000_000 });
  const client = new OctaClient({ apiKey: 'any', fetch: simulator.fetch, logLevel: 'silent' });
  const guarded = await guardMany(client, simulator);
  const { perInterval, most, cpuMs } = await measure(guarded);
  for (const session of guarded.sessions) for (const guard of session.guards) guard.release();
  return {
    what: `${guarded.sessions.length} guarded sessions, ${market}: requests in each interval of ${intervalMs / 1000} s`,
    measured: [
      `${perInterval.toFixed(1)} on average, ${most} at most; ${cpuMs.toFixed(0)} ms of CPU, the simulator's included`,
    ],
    verdict: { value: most, unit: 'requests', is: 'at most', target: 3 },
  };
}

/** Measures how many requests a thousand guards make. */
export async function benchGuards(): Promise<readonly Result[]> {
  const good = await benchOn('on a good day', {});
  // Each session needs its own request, and each empty list affects all of them.
  const bad = await benchOn('without charges, one list of ten empty', { noCharge: 1, emptyLists: 0.1 });
  return [good, bad];
}
