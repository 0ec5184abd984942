/** Who counts as dead, and for how long. */
import { expect, onTestFinished, test } from 'vitest';
import { OctaClient } from '../../../src/index.ts';
import { freezable, recordOf, watchedLedger } from '../../support/leases.ts';
import { image, market } from '../../support/market.ts';

const nowhere = (at: number) => `5dd2d308-0000-4000-8000-00000000000${at}`;

test('An owner that shows signs of life while others are dealt with keeps its session.', async () => {
  const ledger = watchedLedger();
  const { simulator, client } = market({}, { ledger });
  // As many as are dealt with at once, and it takes a minute to say that they are gone.
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
