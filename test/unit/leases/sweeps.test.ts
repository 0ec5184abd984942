/** Stopping everything. */
import { expect, onTestFinished, test } from 'vitest';
import { image, market } from '../../support/market.ts';

test('One empty list is not trusted, even if this client holds a session.', async () => {
  const { simulator, client } = market();
  const other = market({}, { fetch: simulator.fetch }).client;
  await other.services.mr.start({ node_id: 1, ...image });
  await client.services.mr.start({ node_id: 2, ...image });
  simulator.fail('listSessions', { status: 200, body: [] });
  expect((await client.sessions.stopAll()).stopped).toHaveLength(2);
  expect(simulator.running).toEqual([]);
});

test('close stops the sessions if stopSessions is set while it waits.', async () => {
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

test('For a listed session, the age in the API counts.', async () => {
  const { simulator, client } = market({ lies: { lateBeginMs: 60_000 } });
  await client.services.mr.start({ node_id: 1, ...image });
  await simulator.advance(120_000);
  const [{ startedAt } = { startedAt: 0 }] = simulator.sessions;
  const ageMs = simulator.now - startedAt;
  expect(ageMs).toBeLessThan(115_000);
  expect((await client.sessions.stopAll({ olderThanMs: ageMs + 4_000 })).stopped).toEqual([]);
  expect(simulator.running).toHaveLength(1);
});
