/** Starts that are refused with HTTP status 200, rightly or wrongly. */
import { expect, test } from 'vitest';
import { type LateSession, OctaProvisionRejectedError } from '../../../src/index.ts';
import { memoryLedger } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';

/** Begins a session although the response refuses its start. */
function refusing({ simulator }: ReturnType<typeof market>): void {
  const begin = ({ operation, body }: { operation: string | undefined; body: unknown }) => {
    if (operation !== 'startMr') return false;
    const [item] = body as { node_id: number; envs: Record<string, string> }[];
    if (item !== undefined) simulator.startForeign({ node_id: item.node_id, envs: item.envs });
    return true;
  };
  simulator.fail(begin, { refuse: 'Node is busy' });
}

test('The session of a refused rental is stopped and reported once a list shows its mark.', async () => {
  const late: LateSession[] = [];
  const world = market({}, { onLateSession: (session) => void late.push(session) });
  refusing(world);
  const { simulator, client } = world;
  await failure(client.services.mr.rent({ node_id: 1, ...image }), OctaProvisionRejectedError);
  await client.sessions.list();
  await simulator.advance(5_000);
  expect(simulator.running).toEqual([]);
  expect(late).toMatchObject([{ session: simulator.sessions[0]?.uuid, action: 'stopping' }]);
});

test('The session of a refused plain start keeps running, and is reported.', async () => {
  const late: LateSession[] = [];
  const world = market({}, { onLateSession: (session) => void late.push(session) });
  refusing(world);
  const { simulator, client } = world;
  await failure(client.services.mr.start({ node_id: 1, ...image }), OctaProvisionRejectedError);
  await client.sessions.list();
  expect(late).toMatchObject([{ session: simulator.running[0], action: 'running' }]);
});

test('A refused start neither delays closing the client nor counts as in progress.', async () => {
  const { simulator, client } = market();
  simulator.machine(1).refuse('Node is asleep');
  await failure(client.services.mr.start({ node_id: 1, ...image }), OctaProvisionRejectedError);
  expect(client.transportStats().leases?.starting).toBe(0);
  let isClosed = false;
  client.close({ stopSessions: true }).then(() => {
    isClosed = true;
  });
  await simulator.advance(30_000);
  expect(isClosed).toBe(true);
});

test('Records of refused starts are deleted, also in a batch.', async () => {
  const ledger = memoryLedger();
  const { simulator, client } = market({}, { ledger });
  simulator.machine(1).refuse('Node is asleep', 2);
  await failure(client.services.mr.start({ node_id: 1, ...image }), OctaProvisionRejectedError);
  const [refused, started] = await client.services.mr.startMany([
    { node_id: 1, ...image },
    { node_id: 2, ...image },
  ]);
  expect([refused?.status, started?.status]).toEqual(['rejected', 'started']);
  const leases = (await ledger.list()).filter((record) => 'leaseId' in record);
  expect(leases).toMatchObject([{ state: 'running', nodeId: 2 }]);
});

test('The session of a refused rental is in the ledger again until its end is proven.', async () => {
  const ledger = memoryLedger();
  const world = market({ lag: { stopMs: 120_000 } }, { ledger });
  refusing(world);
  const { simulator, client } = world;
  await failure(client.services.mr.rent({ node_id: 1, ...image }), OctaProvisionRejectedError);
  await client.sessions.list();
  const uuids = async () => (await ledger.list()).flatMap((record) => ('uuid' in record ? [record.uuid] : []));
  expect(await uuids()).toEqual([...simulator.running]);
  await simulator.advance(200_000);
  expect([await uuids(), simulator.running]).toEqual([[], []]);
});
