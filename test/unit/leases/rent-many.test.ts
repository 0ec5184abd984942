/** Renting several sessions at once: all of them, or none. */
import { describe, expect, test } from 'vitest';
import {
  OctaAbortError,
  OctaConfigurationError,
  OctaProvisionRejectedError,
  OctaSessionError,
  type RentManyOptions,
} from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, market } from '../../support/market.ts';

const on = (...candidates: number[]) => ({ candidates, ...image });

describe('rentMany returns', () => {
  test('a usable session for each order, in order.', async () => {
    const { client, simulator } = market();
    const sessions = await client.services.mr.rentMany([on(2), on(1), on(3)]);
    expect(sessions.map(({ uuid }) => simulator.sessions.find((each) => each.uuid === uuid)?.node_id)).toEqual([
      2, 1, 3,
    ]);
    expect(simulator.sessions.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
    expect(new Set(sessions.map(({ leaseId }) => leaseId)).size).toBe(3);
  });

  test('sessions of render nodes and relays, too.', async () => {
    const { client, simulator } = market();
    await client.services.render.rentMany([
      { candidates: [11], disk_size: 20 },
      { candidates: [12], disk_size: 20 },
    ]);
    await client.services.vpn.rentMany([{ candidates: [21] }, { candidates: [22] }]);
    expect(simulator.sessions.map(({ state, node_id }) => [state, node_id]).sort()).toEqual(
      [11, 12, 21, 22].map((id) => ['ready', id]),
    );
  });

  test('sessions with the given ids, and a number for each further attempt.', async () => {
    const { client, simulator } = market();
    simulator.machine(1).refuse('busy');
    const sessions = await client.services.mr.rentMany([on(1, 2), on(3)], { ids: ['job-a', 'job-b'] });
    expect(sessions.map(({ leaseId }) => leaseId)).toEqual(['job-a.2', 'job-b']);
    expect(simulator.sessions.map(({ leaseId, node_id }) => [leaseId, node_id]).sort()).toEqual([
      ['job-a.2', 2],
      ['job-b', 3],
    ]);
  });

  test('fewer sessions than orders, with atLeast.', async () => {
    const { client, simulator } = market();
    simulator.machine(2).refuse('busy');
    const sessions = await client.services.mr.rentMany([on(1), on(2), on(3)], { atLeast: 2 });
    expect(sessions.map(({ uuid }) => uuid)).toEqual(expect.arrayContaining([...simulator.running]));
    expect(simulator.sessions.map(({ node_id, state }) => [node_id, state])).toEqual(
      expect.arrayContaining([
        [1, 'ready'],
        [3, 'ready'],
      ]),
    );
  });
});

describe('rentMany throws, and leaves nothing running,', () => {
  test('if one order fails.', async () => {
    const { client, simulator } = market();
    simulator.machine(2).neverReady();
    const error = await failure(
      client.services.mr.rentMany([on(1), on(2)], { readyTimeoutMs: 20_000 }),
      OctaSessionError,
    );
    const [first, second] = simulator.sessions;
    expect(error).toMatchObject({
      reason: 'incomplete',
      running: [],
      stopFailures: [],
      stopped: [first?.uuid],
      session: first?.uuid,
    });
    expect(error.message).toMatch(
      /^rentMany: 1 of 2 orders failed, so the others were stopped; first error: session .* was not ready/,
    );
    expect(error.cause).toMatchObject({ reason: 'timeout', session: second?.uuid });
    expect(simulator.running).toEqual([]);
  });

  test('if one is refused while another is not ready yet.', async () => {
    const { client, simulator } = market({ readyAfterMs: 60_000 });
    simulator.machine(2).refuse('busy');
    const error = await failure(client.services.mr.rentMany([on(1), on(2)]), OctaSessionError);
    expect(error.cause).toBeInstanceOf(OctaProvisionRejectedError);
    expect([error.reason, error.running, simulator.running]).toEqual(['incomplete', [], []]);
    expect(error.message).toMatch(/^rentMany: 1 of 2 orders failed/);
  });

  test('if fewer than atLeast can succeed.', async () => {
    const { client, simulator } = market();
    simulator.machine(2).refuse('busy');
    simulator.machine(3).refuse('busy');
    const error = await failure(client.services.mr.rentMany([on(1), on(2), on(3)], { atLeast: 2 }), OctaSessionError);
    expect([error.reason, simulator.running]).toEqual(['incomplete', []]);
  });

  test('if the caller aborts.', async () => {
    const { client, simulator } = market({ readyAfterMs: 60_000 });
    const controller = new AbortController();
    const renting = failure(client.services.mr.rentMany([on(1), on(2)], { signal: controller.signal }), OctaAbortError);
    await simulator.advance(5_000);
    expect(simulator.running).toHaveLength(2);
    controller.abort();
    await renting;
    expect(simulator.running).toEqual([]);
  });

  test('if the caller has aborted before; then it sends nothing.', async () => {
    const { client, simulator } = market();
    await failure(client.services.mr.rentMany([on(1), on(2)], { signal: AbortSignal.abort() }), OctaAbortError);
    expect(simulator.requests).toEqual([]);
  });

  test('or names the sessions that could not be stopped.', async () => {
    const { client, simulator } = market({ readyAfterMs: 5_000 });
    simulator.machine(2).neverReady();
    const never = simulator.fail('stopSession', { status: 403 }, Number.POSITIVE_INFINITY);
    const error = await failure(
      client.services.mr.rentMany([on(1), on(2)], { readyTimeoutMs: 20_000 }),
      OctaSessionError,
    );
    expect(error.reason).toBe('incomplete');
    expect(error.running.toSorted()).toEqual(simulator.running.toSorted());
    expect(error.stopFailures).toMatchObject([{ session: simulator.sessions[0]?.uuid, error: { status: 403 } }]);
    expect(error.stopped).toEqual([]);
    // Background work continues for both.
    never.remove();
    await simulator.advance(60_000);
    expect(simulator.running).toEqual([]);
  });
});

describe('rentMany sends nothing', () => {
  const wrong: [title: string, orders: readonly object[], options: object, message: RegExp][] = [
    ['without an order', [], {}, /^rentMany requires at least one order$/],
    ['if atLeast is more than the orders', [on(1)], { atLeast: 2 }, /^atLeast is 2, but there are only 1 orders$/],
    ['if atLeast is 0', [on(1)], { atLeast: 0 }, /^atLeast is 0; allowed: a whole number, 1 or more/],
    ['if atLeast is a half', [on(1)], { atLeast: 0.5 }, /^atLeast is 0.5; allowed: a whole number, 1 or more/],
    [
      'if atLeast is one and a half',
      [on(1), on(2)],
      { atLeast: 1.5 },
      /^atLeast is 1.5; allowed: a whole number, 1 or more/,
    ],
    ['with too few ids', [on(1), on(2)], { ids: ['a'] }, /^ids must contain 2 different ids, one for each order$/],
    [
      'with the same id twice',
      [on(1), on(2)],
      { ids: ['a', 'a'] },
      /^ids must contain 2 different ids, one for each order$/,
    ],
    [
      'with wrong ids',
      [on(1)],
      { ids: 'a' },
      /^ids is the string "a"; allowed: an array of ids, each 1 to 200 visible ASCII/,
    ],
    [
      'with an id that is not visible ASCII',
      [on(1)],
      { ids: ['a b'] },
      /^ids is an array; allowed: an array of ids, each 1 to 200 visible ASCII characters/,
    ],
    ['with one id for all', [on(1), on(2)], { id: 'a' }, /^unknown option "id" for rentMany; did you mean ids\?/],
    ['with an unknown option', [on(1), on(2)], { maxSpent: 1n }, /"maxSpent" for rentMany; did you mean maxSpend\?/],
    ['with a wrong order', [on(1), { candidates: [2] }], {}, /is missing$/],
  ];
  test.each(wrong)('%s.', async (_, orders, options, message) => {
    const { client, simulator } = market();
    // Values that a caller without types may pass.
    const renting = client.services.mr.rentMany(orders as never, options as RentManyOptions);
    const error = await failure(renting, OctaConfigurationError);
    expect(error.message).toMatch(message);
    await simulator.advance(1_000);
    expect(countOf(simulator, 'startMr')).toBe(0);
    expect(simulator.requests).toEqual([]);
  });
});
