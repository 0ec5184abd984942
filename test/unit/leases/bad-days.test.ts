/** How other processes reconcile the leases of a dead one under bad conditions. */
import { expect, test } from 'vitest';
import { OctaClient } from '../../../src/index.ts';
import { memoryLedger, OctaSimulator } from '../../../src/testing/index.ts';

const order = (node_id: number) => ({ node_id, disk_size: 20, image: 'ubuntu:24.04' });
const machines = [1, 2, 3].map((node_id) => ({ node_id }));

/**
 * A market with bad conditions, and clients that share a ledger. It leaves out what no ledger can know: a refused start that began a
 * session, and a second session of one start.
 */
function badDay(seed: number) {
  const lies = { falseRefusals: 0, doubleStarts: 0 };
  const simulator = new OctaSimulator({
    seed,
    hostile: seed,
    hideVariables: false,
    machines,
    lies,
    balanceWei: 10n ** 24n,
  });
  const ledger = memoryLedger();
  const open = () => new OctaClient({ apiKey: 'key', fetch: simulator.fetch, ledger, logLevel: 'silent' });
  return { simulator, ledger, open };
}

/** Begins two rentals and a start, and abandons them after a while, like a process that dies. */
async function die({ simulator, open }: ReturnType<typeof badDay>, afterMs: number): Promise<void> {
  const client = open();
  const { mr } = client.services;
  const work = [mr.rent(order(1), { maxDurationMs: 3_600_000 }), mr.start(order(2)), mr.rent(order(3))];
  for (const each of work) Promise.resolve(each).catch(() => undefined);
  await simulator.advance(afterMs);
  client.close().catch(() => undefined);
  await simulator.advance(100);
}

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'With bad seed %i, three concurrent reconcilers leave nothing running, and stop no other session.',
  async (seed) => {
    const market = badDay(seed);
    const { simulator, ledger, open } = market;
    await die(market, [50, 500, 3_000, 10_000, 40_000, 100_000][seed % 6] ?? 0);
    const reconcilers = [open(), open(), open()];
    for (let round = 0; round < 10; round++) {
      await Promise.all(reconcilers.map((client) => client.leases.reconcile()));
      if ((await ledger.list()).every((record) => 'beat' in record)) break;
      await simulator.advance(120_000);
    }
    await simulator.advance(900_000);
    const isWrong = simulator.sessions.filter(({ foreign, state }) => foreign === (state === 'ended'));
    expect(isWrong).toEqual([]);
    // The remaining records are of starts that began no session.
    const left = (await ledger.list()).filter((record) => 'leaseId' in record);
    expect(left.filter(({ state }) => state === 'running')).toEqual([]);
  },
);

test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'With bad seed %i, no reconciler stops a session that was kept or whose owner is alive.',
  async (seed) => {
    const { simulator, ledger, open } = badDay(seed);
    const [owner, keeper] = [open(), open()];
    const sessions = await Promise.all([
      owner.services.mr.rent(order(1)).catch(() => undefined),
      keeper.services.mr
        .rent(order(2))
        .then((session) => session.keep())
        .catch(() => undefined),
    ]);
    keeper.close().catch(() => undefined);
    const reconcilers = [open(), open()];
    for (let round = 0; round < 3; round++) {
      const results = await Promise.all(reconcilers.map((client) => client.leases.reconcile()));
      const known = sessions.flatMap((session) => session?.leaseId ?? []);
      const verdicts = results.flatMap(({ leases }) => leases.filter(({ leaseId }) => known.includes(leaseId)));
      expect(verdicts.filter(({ verdict }) => verdict !== 'owned')).toEqual([]);
      await simulator.advance(60_000);
    }
    const uuids = sessions.flatMap((session) => session?.uuid.toLowerCase() ?? []);
    expect(uuids.filter((uuid) => !simulator.running.includes(uuid))).toEqual([]);
    expect((await ledger.list()).some((record) => 'beat' in record)).toBe(true);
  },
);
