/** Sessions without a mark. */
import { expect, test } from 'vitest';
import { callerOf } from '../../../src/core/octa-core.ts';
import { OctaNetworkError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';

test('A session that is older than the start is not adopted, although it is the only new one in the list.', async () => {
  const { simulator, client } = market({ hideVariables: true });
  const { uuid } = simulator.startForeign({ node_id: 1, agoMs: 2 * 86_400_000 });
  simulator.fail('listSessions', { status: 200, body: [] });
  simulator.fail('startMr', { lost: 'before' });
  const renting = client.services.mr.rent({ node_id: 1, ...image }, { adoptUnmarked: true, retries: 0 });
  const error = await failure(renting, OctaNetworkError);
  expect(error.suspects).toEqual([uuid]);
  expect(simulator.running).toEqual([uuid]);
});

test('Sessions that the response to a batch assigns to no item are stopped when the client is closed.', async () => {
  // With seed 3, the response names both sessions of each item.
  const { simulator, client } = market({ hideVariables: true, lies: { doubleStarts: 1 }, seed: 3 });
  const results = await client.services.mr.startMany([1, 2].map((node_id) => ({ node_id, ...image })));
  const named = results.flatMap((result) => (result.status === 'started' ? result.session.uuid : []));
  expect(named.length).toBeGreaterThan(2);
  const open = callerOf(client).window.list();
  expect(open.flatMap(({ uuid }) => uuid ?? [])).toEqual(named);
  await client.close({ stopSessions: true });
  expect(simulator.running.filter((uuid) => named.includes(uuid))).toEqual([]);
});
