/** Many concurrent rentals and stops listen to one signal without a warning, and remove their listeners. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { market } from '../../support/market.ts';

test('Thirty rentals with one signal, closed together, cause no warning and leave no listener.', async () => {
  const warnings: unknown[] = [];
  const note = (warning: Error) => void warnings.push(warning.name);
  process.on('warning', note);
  const machines = Array.from({ length: 30 }, (_, index) => ({ node_id: index + 100 }));
  const { client, simulator } = market({ machines, balanceWei: 10n ** 24n });
  const { signal } = new AbortController();
  const order = { disk_size: 5, image: 'ubuntu' };
  const rent = ({ node_id }: { node_id: number }) => client.services.mr.rent({ node_id, ...order }, { signal });
  await Promise.all(machines.map(rent));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await client.close({ stopSessions: true });
  expect(simulator.running).toEqual([]);
  // Node emits warnings a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
