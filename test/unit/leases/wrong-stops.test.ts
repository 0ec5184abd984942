/** Stops whose answer says more than is true. */
import { expect, test } from 'vitest';
import { image, market } from '../../support/market.ts';

test('A session whose stop was lost, and then answered by 404, is still looked after.', async () => {
  const { simulator, client } = market();
  const session = await client.services.mr.start({ node_id: 1, ...image });
  simulator.fail('stopSession', { lost: 'before' });
  simulator.fail('stopSession', { status: 404 });
  expect(await session.stop()).toEqual({ confirmed: false, alreadyStopped: true });
  await client.close({ stopSessions: true });
  expect(simulator.running).toEqual([]);
});

test('A proof that shows only towards the end of the time is still waited for.', async () => {
  const { client } = market({ lag: { endsMs: 105_000 } });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  expect(await session.stop({ verify: true })).toMatchObject({ confirmed: true });
});
