/** The order of slow writes. */
import { expect, test } from 'vitest';
import { OctaTimeoutError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { recordOf, watchedLedger } from '../../support/leases.ts';
import { image, market } from '../../support/market.ts';

test('A start that is given up while its record is being written leaves no record.', async () => {
  const ledger = watchedLedger();
  const { simulator, client } = market({}, { ledger });
  const later = () => new Promise<void>((resolve) => void simulator.clock.setTimer(resolve, 10_000, 'limit'));
  ledger.before = (write) => (write === 'put starting' ? later() : undefined);
  const start = failure(
    client.services.mr.start({ node_id: 1, ...image }, { totalTimeoutMs: 1_000 }),
    OctaTimeoutError,
  );
  await simulator.advance(60_000);
  expect((await start).outcome).toBe('not-sent');
  expect([await ledger.leases(), simulator.sessions]).toEqual([[], []]);
});

test('reconcile does not wait for ever for a ledger that can no longer be written.', async () => {
  const ledger = watchedLedger();
  const { simulator, client } = market({}, { ledger });
  const { uuid } = simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: 'lease-1' } });
  await ledger.put(recordOf(client, { state: 'running', uuid }));
  ledger.before = (write) => (write === 'delete' ? Promise.reject(new Error('disk full')) : undefined);
  let verdict: string | undefined;
  client.leases.reconcile({ ttlMs: 0 }).then(({ leases }) => {
    verdict = leases[0]?.verdict;
  });
  await simulator.advance(120_000);
  expect([verdict, simulator.running]).toEqual(['stopped', []]);
});
