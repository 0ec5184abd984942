/** Which owners count as dead, and for how long. */
import { expect, onTestFinished, test } from 'vitest';
import { OctaClient } from '../../../src/index.ts';
import { freezable, recordOf, watchedLedger } from '../../support/leases.ts';
import { image, market } from '../../support/market.ts';

const nowhere = (at: number) => `5dd2d308-0000-4000-8000-00000000000${at}`;

test('An owner whose heartbeat changes while others are settled keeps its session.', async () => {
  const ledger = watchedLedger();
  const { simulator, client } = market({}, { ledger });
  // As many as are settled at once; it takes a minute to prove that they are gone.
  for (let at = 0; at < 8; at++) {
    await ledger.put(recordOf(client, { leaseId: `lease-${at}`, state: 'running', uuid: nowhere(at) }));
  }
  const own = freezable(ledger);
  const owner = new OctaClient({ apiKey: 'a-key', fetch: simulator.fetch, ledger: own, logLevel: 'silent' });
  onTestFinished(() => owner.close());
  const session = await owner.services.mr.start({ node_id: 1, ...image });
  await simulator.advance(20_000);
  own.isFrozen = true;
  const reconciling = client.leases.reconcile();
  await simulator.advance(75_000);
  own.isFrozen = false;
  const { leases } = await reconciling;
  expect(leases.at(-1)).toMatchObject({ leaseId: session.leaseId, verdict: 'owned' });
  expect(simulator.running).toEqual([session.uuid]);
});

test('A client that has taken over a session writes heartbeats, even if the first write fails.', async () => {
  const ledger = watchedLedger();
  const { simulator, client } = market({}, { ledger });
  const { uuid } = simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: 'lease-1' } });
  await ledger.put(recordOf(client, { state: 'running', uuid }));
  let isFirst = true;
  ledger.before = (write) => {
    if (write !== 'put beat' || !isFirst) return undefined;
    isFirst = false;
    return Promise.reject(new Error('disk full'));
  };
  expect((await client.leases.reconcile({ ttlMs: 0, adopt: true })).leases).toMatchObject([{ verdict: 'adopted' }]);
  const other = market({}, { fetch: simulator.fetch, ledger }).client;
  expect((await other.leases.reconcile()).leases).toMatchObject([{ verdict: 'owned' }]);
  expect(simulator.running).toEqual([uuid]);
});
