/** The query of a session that is asked after until it is ready, or over. */
import { environmentManager, QueryClient, QueryObserver } from '@tanstack/query-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { OctaClient, OctaNotFoundError, OctaServerError, type ServiceInfo } from '../../../src/index.ts';
import { octaQueries, type WatchedQuery, type WatchQueryOptions } from '../../../src/query/index.ts';
import { image, type Market, market } from '../../support/market.ts';
import { until } from '../../support/until.ts';

beforeAll(() => environmentManager.setIsServer(() => false));
afterAll(() => environmentManager.setIsServer(() => true));

/** Watches a session, and lets time pass at each look, until the query is asked no more. */
async function watched(
  { client, simulator }: Market,
  uuid: string,
  options: WatchQueryOptions,
): Promise<{ readonly states: readonly (ServiceInfo | undefined)[]; readonly error: unknown }> {
  const query = octaQueries(client)
    .services.session(uuid)
    .watch({ pollIntervalMs: 0, ...options });
  const queryClient = new QueryClient();
  const observer = new QueryObserver(queryClient, query);
  const states: (ServiceInfo | undefined)[] = [];
  let looks = 0;
  const unsubscribe = observer.subscribe(({ data, fetchStatus }) => {
    if (fetchStatus !== 'idle') return;
    states.push(data);
    looks++;
    simulator.advance(2_000);
  });
  onTestFinished(() => {
    unsubscribe();
    queryClient.clear();
  });
  const isDue = () => query.refetchInterval(observer.getCurrentQuery()) !== false;
  await until(() => looks > 0 && !isDue());
  // Nothing is asked after that.
  const { length } = simulator.requests;
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(simulator.requests).toHaveLength(length);
  return { states, error: observer.getCurrentResult().error };
}

async function start({ client }: Market): Promise<string> {
  const { uuid } = await client.services.mr.start({ node_id: 1, ...image });
  return uuid;
}

test('A session is asked after until it can be used.', async () => {
  const world = market();
  const { states } = await watched(world, await start(world), { until: 'ready' });
  expect(states.length).toBeGreaterThan(2);
  expect(states.map((state) => state?.is_ready === true)).toEqual([...states.slice(1).map(() => false), true]);
});

test('A session is asked after until it has ended, and its last state has the whole charge.', async () => {
  const world = market();
  const uuid = await start(world);
  setTimeout(() => world.client.services.session(uuid).stop(), 200);
  const { states, error } = await watched(world, uuid, {});
  expect(error).toBeNull();
  expect(states.at(-1)).toMatchObject({ uuid, charge_amount: world.simulator.sessions[0]?.chargeWei });
  expect(states.at(-1)?.finished_at).toBeGreaterThan(0);
  expect(states.at(-2)?.finished_at ?? 0).toBe(0);
});

test('A session that ends before it is ready is over.', async () => {
  const world = market({ readyAfterMs: 3_600_000 });
  const uuid = await start(world);
  setTimeout(() => world.client.services.session(uuid).stop(), 100);
  const { states } = await watched(world, uuid, { until: 'ready' });
  expect(states.at(-1)?.finished_at).toBeGreaterThan(0);
});

test('A session that nobody knows is asked after three times.', async () => {
  const world = market();
  const { error } = await watched(world, '5dd2d308-0000-4000-8000-000000000000', {});
  expect(error).toBeInstanceOf(OctaNotFoundError);
  const asked = world.simulator.requests.map(({ operation }) => operation);
  expect(asked).toEqual(Array.from({ length: 3 }, () => ['getSessionInfo', 'listSessions']).flat());
});

test('A fault is the error of the query, and asking goes on.', async () => {
  const world = market();
  const uuid = await start(world);
  world.simulator.fail('getSessionInfo', { status: 403 }, 2);
  const { states, error } = await watched(world, uuid, { until: 'ready' });
  expect(error).toBeNull();
  expect(states.slice(0, 2)).toEqual([undefined, undefined]);
});

describe('the time until the next look', () => {
  const missing = new OctaNotFoundError({ message: 'gone', status: 404 });
  const state = { data: { uuid: 'u-1' }, error: null, dataUpdatedAt: 0, errorUpdatedAt: 0, errorUpdateCount: 0 };
  const cases: [title: string, change: object, want: number | false][] = [
    ['goes on while the session runs', {}, 3_000],
    ['goes on before anything is known', { data: undefined }, 3_000],
    ['goes on when the session can be used', { data: { uuid: 'u-1', is_ready: true } }, 3_000],
    ['ends with a time of its end', { data: { uuid: 'u-1', finished_at: 1_700_000_000_000 } }, false],
    ['goes on after the first that is missing', { error: missing, errorUpdateCount: 1, errorUpdatedAt: 99_000 }, 3_000],
    [
      'goes on while it is missing for a short time, whatever failed long ago',
      { error: missing, errorUpdateCount: 9, dataUpdatedAt: 95_000, errorUpdatedAt: 99_000 },
      3_000,
    ],
    [
      'ends when it has been missing for a while',
      { error: missing, errorUpdateCount: 3, dataUpdatedAt: 89_000, errorUpdatedAt: 99_000 },
      false,
    ],
    [
      'goes on through other faults, however long',
      { error: new OctaServerError({ message: 'ill', status: 500 }), errorUpdateCount: 99, errorUpdatedAt: 99_000 },
      3_000,
    ],
  ];
  test.each(cases)('%s.', (_, change, want) => {
    const { refetchInterval } = octaQueries(new OctaClient()).services.session('u-1').watch();
    const query: WatchedQuery = { state: { ...state, ...change } };
    expect(refetchInterval(query)).toBe(want);
  });
});
