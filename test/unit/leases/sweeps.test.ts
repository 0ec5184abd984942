/** Stopping everything. */
import { expect, onTestFinished, test } from 'vitest';
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

test('close stops the sessions when that is said while it waits.', async () => {
  const { simulator, client } = market({ readyAfterMs: 30_000 });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  const waiting = session.waitUntilReady().catch(() => undefined);
  const rental = client.services.mr.rent({ node_id: 2, ...image }).catch(() => undefined);
  onTestFinished(() => void Promise.all([waiting, rental]));
  await simulator.advance(1_000);
  const first = client.close();
  await simulator.advance(1_000);
  await client.close({ stopSessions: true });
  await first;
  expect(simulator.running).toEqual([]);
});
