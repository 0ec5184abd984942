/** Sessions that appear after their plain `start` has failed. */
import { expect, test } from 'vitest';
import { callerOf } from '../../../src/core/octa-core.ts';
import { OctaNetworkError } from '../../../src/index.ts';
import { memoryLedger } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';

/** A failed start whose session began, and was then shown by a list. */
async function turnedUp(options = {}) {
  const world = market({}, { retries: 0, onLateSession: () => undefined, ...options });
  const { simulator, client } = world;
  simulator.fail('startMr', { lost: 'after' });
  const { leaseId = '' } = await failure(client.services.mr.start({ node_id: 1, ...image }), OctaNetworkError);
  await client.sessions.list();
  const [uuid = ''] = simulator.running;
  return { ...world, leaseId, uuid };
}

test('They are stopped with the others when the client is closed, and when the process ends.', async () => {
  const { simulator, client, leaseId, uuid } = await turnedUp();
  expect(callerOf(client).window.list()).toMatchObject([{ leaseId, uuid }]);
  await client.close({ stopSessions: true });
  expect(simulator.running).toEqual([]);
});

test('find claims them.', async () => {
  const { client, leaseId, uuid } = await turnedUp();
  expect((await client.sessions.find(uuid)).leaseId).toBe(leaseId);
});

test('They are in the ledger until they are over.', async () => {
  const ledger = memoryLedger();
  const { simulator, client, leaseId, uuid } = await turnedUp({ ledger });
  expect(await ledger.list()).toContainEqual(expect.objectContaining({ leaseId, uuid, state: 'running' }));
  await (await client.sessions.find(uuid)).stop({ verify: true });
  await simulator.advance(1_000);
  expect((await ledger.list()).filter((record) => 'leaseId' in record)).toEqual([]);
});

test.each(['list', 'find'] as const)(
  'A session whose start was refused is in the ledger once %s has shown it.',
  async (by) => {
    const ledger = memoryLedger();
    const { simulator, client } = market({ lies: { falseRefusals: 1 } }, { ledger, retries: 0 });
    await client.services.mr.start({ node_id: 1, ...image }).catch(() => undefined);
    const [uuid = ''] = simulator.running;
    await (by === 'list' ? client.sessions.list() : client.sessions.find(uuid));
    await simulator.advance(1_000);
    expect(await ledger.list()).toContainEqual(expect.objectContaining({ uuid, state: 'running' }));
    expect(client.transportStats().leases).toMatchObject({ held: 1 });
  },
);

test('A session that is already over is not held.', async () => {
  const { simulator, client } = market({ lies: { falseRefusals: 1 } }, { retries: 0 });
  await client.services.mr.start({ node_id: 1, ...image }).catch(() => undefined);
  const [uuid = ''] = simulator.running;
  await market({}, { fetch: simulator.fetch }).client.services.session(uuid).stop();
  await client.sessions.list({ recent: true });
  expect(client.transportStats().leases).toMatchObject({ held: 0 });
});
