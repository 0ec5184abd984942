/** Writes that take long, and in which order they arrive. */
import { expect, test } from 'vitest';
import { OctaTimeoutError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { watchedLedger } from '../../support/leases.ts';
import { image, market } from '../../support/market.ts';

test('A start that was given up while it was being written down leaves no record.', async () => {
  const ledger = watchedLedger();
  const { simulator, client } = market({}, { ledger });
  const later = () => new Promise<void>((resolve) => void simulator.clock.setTimer(resolve, 10_000, 'limit'));
  ledger.before = (write) => (write === 'put starting' ? later() : undefined);
  const start = failure(client.services.mr.start({ node_id: 1, ...image }, { timeoutMs: 1_000 }), OctaTimeoutError);
  await simulator.advance(60_000);
  expect((await start).outcome).toBe('not-sent');
  expect([await ledger.leases(), simulator.sessions]).toEqual([[], []]);
});
