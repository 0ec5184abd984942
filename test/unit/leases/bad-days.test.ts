/** What another process makes of the leases that a dead one has left. */
import { expect, test } from 'vitest';
import { OctaClient } from '../../../src/index.ts';
import { memoryLedger, OctaSimulator } from '../../../src/testing/index.ts';

const order = (node_id: number) => ({ node_id, disk_size: 20, image: 'ubuntu:24.04' });
const machines = [1, 2, 3].map((node_id) => ({ node_id }));

/**
 * A market on a bad day, and its clients, which share a ledger. Without what no ledger can know: a start that was refused although it
 * began a session, and a second session of one start.
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

/** Begins two rentals and a start, and gives up on them after a while, as a process that dies does. */
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
  'On bad day %i three reconcilers at once leave nothing running, and nobody else is harmed.',
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
    // What is left was never begun.
    const left = (await ledger.list()).filter((record) => 'leaseId' in record);
    expect(left.filter(({ state }) => state === 'running')).toEqual([]);
  },
);

test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'On bad day %i no reconciler stops a session whose owner lives, or that was kept.',
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
