/** Stops whose answer says more than is true. */
import { expect, test } from 'vitest';
import { OctaRateLimitError, OctaSessionError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
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

test('What the last stop was answered with is told while the API wants no further one.', async () => {
  const { simulator, client } = market();
  const session = await client.services.mr.start({ node_id: 1, ...image });
  simulator.fail('stopSession', { status: 429, headers: { 'retry-after': '60' } }, Number.POSITIVE_INFINITY);
  const guard = session.guard({ maxDurationMs: 1_000, onError: () => undefined });
  await simulator.advance(20_000);
  const end = failure(session[Symbol.asyncDispose](), OctaSessionError);
  await simulator.advance(30_000);
  expect((await end).stopFailures).toEqual([{ session: session.uuid, error: expect.any(OctaRateLimitError) }]);
  guard.release();
});
