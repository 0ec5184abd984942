/** Guards while the API does not report what they need. Other tests of guards are in unit/lifecycle. */
import { describe, expect, test } from 'vitest';
import { type GuardLimits, OctaNotFoundError, OctaResponseError } from '../../../src/index.ts';
import { countOf, image, market } from '../../support/market.ts';

/** A guarded session on a market, and the errors that the guard reports. */
async function guarded(limits: GuardLimits, options: Parameters<typeof market>[0] = {}) {
  const { client, simulator } = market(options, { retries: 0 });
  const session = await client.services.mr.start({ node_id: 1, ...image });
  const errors: unknown[] = [];
  const guard = session.guard({ onError: (error) => void errors.push(error), ...limits });
  const told = () => errors.map((error) => Object(error).message);
  return { client, simulator, session, guard, errors, told };
}

const maxSpend = 10n ** 21n;
const noCharge = { lies: { noCharge: 1 } };

describe('A guard with a limit of money', () => {
  test('reports once that the API has not reported the charge for a minute, and continues.', async () => {
    const { simulator, session, guard, errors, told } = await guarded({ maxSpend }, noCharge);
    await simulator.advance(59_000);
    expect(errors).toEqual([]);
    await simulator.advance(600_000);
    expect(told()).toEqual([
      `session ${session.uuid}: the API has not reported the charge for 60 s, so maxSpend cannot be enforced`,
    ]);
    expect(errors[0]).toBeInstanceOf(OctaResponseError);
    expect(simulator.running).toEqual([session.uuid]);
    guard.release();
    expect((await guard.done).reason).toBe('released');
  });

  test('stops the session then, with unknownCharge: stop.', async () => {
    const { simulator, guard, told } = await guarded({ maxSpend, unknownCharge: 'stop' }, noCharge);
    await simulator.advance(55_000);
    expect(simulator.running).toHaveLength(1);
    await simulator.advance(30_000);
    expect([(await guard.done).reason, simulator.running]).toEqual(['spend', []]);
    expect(told()).toHaveLength(1);
  });

  test('reports nothing if there is only a time limit.', async () => {
    const { simulator, guard, errors } = await guarded({ maxDurationMs: 3_600_000, unknownCharge: 'stop' }, noCharge);
    await simulator.advance(600_000);
    expect([errors, simulator.running.length]).toEqual([[], 1]);
    guard.release();
  });

  test('reports once that the charge fell, and uses the highest one.', async () => {
    const { simulator, session, guard, told } = await guarded({ maxSpend }, { lies: { fallingCharge: 0.5 } });
    await simulator.advance(600_000);
    expect(told()).toEqual([
      `session ${session.uuid}: the API reported a lower charge than before; the highest one counts`,
    ]);
    guard.release();
  });
});

test('One look that fails after a long pause does not stop the session, but the next one does.', async () => {
  const limits = { maxSpend: 10n ** 20n, unknownCharge: 'stop', pollIntervalMs: 70_000 } as const;
  const { simulator, guard } = await guarded(limits);
  await simulator.advance(75_000);
  simulator.fail('getSessionInfo', { status: 503 });
  await simulator.advance(70_000);
  expect(simulator.running).toHaveLength(1);
  await simulator.advance(200_000);
  expect(simulator.running).toHaveLength(1);
  simulator.fail('getSessionInfo', { status: 503 }, 2);
  await simulator.advance(400_000);
  expect([simulator.running, (await guard.done).reason]).toEqual([[], 'spend']);
});

describe('A session that is gone', () => {
  test('does not end its guard for ten minutes, and the guard reports it once.', async () => {
    const { simulator, session, guard, errors } = await guarded({ maxDurationMs: 86_400_000 });
    await simulator.advance(70_000);
    simulator.fail('getSessionInfo', { status: 404 }, Number.POSITIVE_INFINITY);
    simulator.fail('listSessions', { status: 200, body: [] }, Number.POSITIVE_INFINITY);
    let isOver = false;
    guard.done.then(() => {
      isOver = true;
    });
    await simulator.advance(9 * 60_000);
    expect(isOver).toBe(false);
    expect(errors.filter((error) => error instanceof OctaNotFoundError)).toHaveLength(1);
    expect(Object(errors[0]).message).toBe(
      `guard: the API no longer has session ${session.uuid}; the guard goes on for a while, in case it comes back`,
    );
    await simulator.advance(3 * 60_000);
    expect([isOver, (await guard.done).reason]).toEqual([true, 'ended']);
  });

  test.each([
    ['at once', 0, 0],
    ['and again if that fails', 503, 4],
    ['and a 404 counts as the end', 404, 1],
  ])('is still stopped at its limit, %s.', async (_, status, times) => {
    const { simulator, guard } = await guarded({ maxDurationMs: 300_000 });
    await simulator.advance(70_000);
    simulator.fail('getSessionInfo', { status: 404 }, Number.POSITIVE_INFINITY);
    simulator.fail('listSessions', { status: 200, body: [] }, Number.POSITIVE_INFINITY);
    if (times > 0) simulator.fail('stopSession', { status }, times);
    await simulator.advance(400_000);
    expect([(await guard.done).reason, countOf(simulator, 'stopSession')]).toEqual([
      'duration',
      status === 404 ? 1 : times + 1,
    ]);
    expect(simulator.running).toHaveLength(status === 404 ? 1 : 0);
  });
});
