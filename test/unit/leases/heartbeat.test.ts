/** The heartbeat that a client writes to its ledger. */
import { expect, test } from 'vitest';
import { type HeartbeatRecord, OctaClient } from '../../../src/index.ts';
import { memoryLedger } from '../../../src/testing/index.ts';
import { image, market } from '../../support/market.ts';

test('A client writes heartbeats from its first lease on, so that no other client stops its session.', async () => {
  const ledger = memoryLedger();
  const { simulator, client } = market({}, { ledger });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  await simulator.advance(60_000);
  const beats = (await ledger.list()).filter((record): record is HeartbeatRecord => 'beat' in record);
  expect(beats.map(({ beat }) => beat)).toEqual([5]);

  const other = new OctaClient({ apiKey: 'a-key', fetch: simulator.fetch, ledger });
  const { leases } = await other.leases.reconcile();
  expect(leases).toMatchObject([{ leaseId: session.leaseId, verdict: 'owned' }]);
  expect(simulator.running).toEqual([session.uuid]);
});

test('A client without leases writes no heartbeat.', async () => {
  const ledger = memoryLedger();
  const { simulator, client } = market({}, { ledger });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  await session.stop({ verify: true });
  await simulator.advance(60_000);
  expect(await ledger.list()).toEqual([]);
});

test('After a start that could not be stored, the heartbeats stop.', async () => {
  const ledger = memoryLedger();
  const { simulator, client } = market({}, { ledger });
  ledger.fail();
  await expect(client.services.mr.start({ node_id: 1, ...image })).rejects.toMatchObject({ outcome: 'not-sent' });
  await simulator.advance(60_000);
  expect([await ledger.list(), simulator.sessions]).toEqual([[], []]);
});
