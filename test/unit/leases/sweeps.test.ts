/** Stopping everything. */
import { expect, test } from 'vitest';
import { image, market } from '../../support/market.ts';

test('One empty list does not pass for the truth because a session of this client is known anyway.', async () => {
  const { simulator, client } = market();
  const other = market({}, { fetch: simulator.fetch }).client;
  await other.services.mr.start({ node_id: 1, ...image });
  await client.services.mr.start({ node_id: 2, ...image });
  simulator.fail('listSessions', { status: 200, body: [] });
  expect((await client.sessions.stopAll()).stopped).toHaveLength(2);
  expect(simulator.running).toEqual([]);
});
