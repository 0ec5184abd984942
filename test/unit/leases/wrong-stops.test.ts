/** Stops with misleading responses. */
import { expect, test } from 'vitest';
import { OctaRateLimitError, OctaSessionError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { image, market } from '../../support/market.ts';

test('A session whose stop was lost and then got a 404 is still held.', async () => {
  const { simulator, client } = market();
  const session = await client.services.mr.start({ node_id: 1, ...image });
  simulator.fail('stopSession', { lost: 'before' });
  simulator.fail('stopSession', { status: 404 });
  expect(await session.stop()).toEqual({ confirmed: false, alreadyStopped: true });
  await client.close({ stopSessions: true });
  expect(simulator.running).toEqual([]);
});

test('stop with verify waits for a proof that appears only near the end of its time.', async () => {
  const { client } = market({ lag: { endsMs: 105_000 } });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  expect(await session.stop({ verify: true })).toMatchObject({ confirmed: true });
});

test('The error of the last stop is thrown while the API asks for a pause.', async () => {
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

test('A second stop that fails is retried soon, although the first one was accepted.', async () => {
  const { simulator, client } = market({ lies: { ignoredStops: 1, ignoredForMs: 30_000 } });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  await simulator.advance(120_000);
  const end = session[Symbol.asyncDispose]();
  await simulator.advance(1_000);
  simulator.fail('stopSession', { lost: 'before' });
  simulator.fail('stopSession', { status: 404 }, 2);
  const stops = () => simulator.requests.filter(({ operation }) => operation === 'stopSession').map(({ at }) => at);
  await simulator.advance(60_000);
  await end;
  expect(simulator.running).toEqual([]);
  // The client tries the UUID in both letter cases before a 404 counts.
  const [first = 0, second = 0, third = 0, other = 0, last = 0] = stops();
  expect(second - first).toBeGreaterThan(30_000);
  expect([third - second, last - other].every((ms) => ms < 10_000)).toBe(true);
  expect(stops()).toHaveLength(5);
});
