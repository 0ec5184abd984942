/** Heartbeats and records that a client writes to its ledger. */
import { expect, test } from 'vitest';
import { type LeaseLedger, OctaClient } from '../../../src/index.ts';
import { memoryLedger, OctaSimulator } from '../../../src/testing/index.ts';

const order = { node_id: 1, disk_size: 20, image: 'ubuntu:24.04' };

function market() {
  const simulator = new OctaSimulator({ machines: [{ node_id: 1 }] });
  const ledger = memoryLedger();
  const open = () => new OctaClient({ apiKey: 'key', fetch: simulator.fetch, ledger, logLevel: 'silent' });
  return { simulator, ledger, open };
}

/** The beats in a ledger. */
async function beats({ ledger }: ReturnType<typeof market>): Promise<number[]> {
  return (await ledger.list()).flatMap((record) => ('beat' in record ? [record.beat] : []));
}

test('A client writes heartbeats from its first start until its last session is over.', async () => {
  const made = market();
  const session = await made.open().services.mr.start(order);
  expect(await beats(made)).toEqual([1]);
  await made.simulator.advance(60_000);
  expect(await beats(made)).toEqual([5]);
  await session.stop({ verify: true });
  await made.simulator.advance(30_000);
  expect(await made.ledger.list()).toEqual([]);
});

test('A reconciler does not touch a session whose owner is alive.', async () => {
  const made = market();
  const session = await made.open().services.mr.rent(order);
  const { leases } = await made.open().leases.reconcile();
  expect(leases).toEqual([{ leaseId: session.leaseId, uuid: session.uuid, verdict: 'owned' }]);
  expect(made.simulator.running).toEqual([session.uuid]);
});

test('A start that cannot be stored is not sent, and leaves no heartbeat.', async () => {
  const made = market();
  const client = made.open();
  made.ledger.fail(2);
  await expect(client.services.mr.start(order)).rejects.toMatchObject({ outcome: 'not-sent' });
  await expect(client.services.mr.start(order)).rejects.toMatchObject({ outcome: 'not-sent' });
  await made.simulator.advance(60_000);
  expect([made.simulator.sessions, await made.ledger.list()]).toEqual([[], []]);
});

test('The next reconciliation settles a lease whose claim got no response.', async () => {
  const { simulator, ledger, open } = market();
  const owner = open();
  await owner.services.mr.rent(order);
  await owner.close();
  let claims = 0;
  const lossy: LeaseLedger = {
    ...ledger,
    async claim(...given) {
      const won = await ledger.claim(...given);
      if (++claims === 1) throw new Error('the connection broke');
      return won;
    },
  };
  const client = new OctaClient({ apiKey: 'key', fetch: simulator.fetch, ledger: lossy });
  const verdicts = async () => (await client.leases.reconcile({ ttlMs: 0 })).leases.map(({ verdict }) => verdict);
  expect(await verdicts()).toEqual(['unresolved']);
  expect(await verdicts()).toEqual(['stopped']);
  expect(simulator.running).toEqual([]);
});

test('Clients of simulators with the same seed are different owners.', async () => {
  const ledger = memoryLedger();
  for (const seed of [7, 7]) {
    const simulator = new OctaSimulator({ seed, machines: [{ node_id: 1 }] });
    await new OctaClient({ apiKey: 'key', fetch: simulator.fetch, ledger }).services.mr.start(order);
  }
  const owners = (await ledger.list()).flatMap((record) => ('beat' in record ? [record.owner] : []));
  expect(new Set(owners).size).toBe(2);
});

test('A start without a session is left to reconcilers after 15 minutes: its record stays, the heartbeat ends.', async () => {
  const made = market();
  made.simulator.fail('startMr', { lost: 'before' });
  await expect(made.open().services.mr.start(order)).rejects.toMatchObject({ outcome: 'unknown' });
  await made.simulator.advance(14 * 60_000);
  expect(await beats(made)).toHaveLength(1);
  await made.simulator.advance(3 * 60_000);
  expect(await made.ledger.list()).toMatchObject([{ state: 'starting', nodeId: 1 }]);
  const { leases } = await made.open().leases.reconcile();
  expect(leases).toMatchObject([{ verdict: 'lost' }]);
});
