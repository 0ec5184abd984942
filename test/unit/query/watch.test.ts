/** The query that polls a session until it is ready or over. */
import { environmentManager, QueryClient, QueryObserver } from '@tanstack/query-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { OctaClient, OctaNotFoundError, type ServiceInfo } from '../../../src/index.ts';
import { octaQueries, type WatchQueryOptions } from '../../../src/query/index.ts';
import { failure } from '../../support/failure.ts';
import { image, type Market, market } from '../../support/market.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { until } from '../../support/until.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());
beforeAll(() => environmentManager.setIsServer(() => false));
afterAll(() => environmentManager.setIsServer(() => true));

/** Watches a session, and advances the time at each poll, until polling stops. */
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
    vi.setSystemTime(Date.now() + 2_000);
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

test('A session is polled until it can be used.', async () => {
  const world = market();
  const { states } = await watched(world, await start(world), { until: 'ready' });
  expect(states.length).toBeGreaterThan(2);
  expect(states.map((state) => state?.is_ready === true)).toEqual([...states.slice(1).map(() => false), true]);
});

test('A session is polled until it has ended, and its last state has the full charge.', async () => {
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

test('An unknown session is polled for 60 s.', async () => {
  const world = market();
  const { error } = await watched(world, '5dd2d308-0000-4000-8000-000000000000', {});
  expect(error).toBeInstanceOf(OctaNotFoundError);
  const asked = world.simulator.requests.map(({ operation }) => operation);
  const looks = Array.from({ length: 31 }, () => ['getSessionInfo', 'listSessions', 'listSessions']).flat();
  // The first poll also tries the other letter case of the UUID.
  expect(asked).toEqual(['getSessionInfo', ...looks]);
});

test('A fault becomes the error of the query, and polling continues.', async () => {
  const world = market();
  const uuid = await start(world);
  world.simulator.fail('getSessionInfo', { status: 403 }, 2);
  const { states, error } = await watched(world, uuid, { until: 'ready' });
  expect(error).toBeNull();
  expect(states.slice(0, 2)).toEqual([undefined, undefined]);
});

/** What a look comes to: `alive` with a longer duration each time, `ghost` with the same for ever and no entry in a list. */
type Look = 'alive' | 'ghost' | 'terminating' | 'listed' | 'ended' | 'nowhere' | 'gone' | 'ill' | 'cancelled';

/** Looks at a session this often, which come to that one after the other; gives the times until the next, after each. */
async function intervalsAfter(looks: readonly Look[], apartMs: number): Promise<readonly (number | false)[]> {
  let [now] = looks;
  let duration = 100;
  const controller = { current: new AbortController() };
  const { client } = recordingClient((_, path) => {
    if (now === 'cancelled') controller.current.abort();
    if (now === 'ill') return jsonAnswer('{}', 502);
    if (path.endsWith('/info')) {
      if (now === 'alive') return jsonAnswer(`{"uuid":"u-1","duration":${++duration}}`);
      if (now === 'ghost') return jsonAnswer('{"uuid":"u-1","duration":100}');
      if (now === 'terminating') return jsonAnswer(`{"uuid":"u-1","duration":${++duration},"termination_reason":2}`);
      return jsonAnswer('{}', now === 'gone' ? 410 : 404);
    }
    const isRecent = path.endsWith('recent=true');
    if (!isRecent) return jsonAnswer(now === 'listed' ? '[{"uuid":"u-0"},{"uuid":"U-1"}]' : '[]');
    return jsonAnswer(now === 'ended' ? '[{"uuid":"u-0"},{"uuid":"U-1","termination_reason":2}]' : '[{"uuid":"u-0"}]');
  });
  const queryClient = new QueryClient();
  onTestFinished(() => queryClient.clear());
  const intervals: (number | false)[] = [];
  for (now of looks) {
    // Adapters create a new query for each rendering.
    const query = octaQueries(client, { scope: 'one' }).services.session('u-1').watch();
    controller.current = new AbortController();
    const { signal } = controller.current;
    const queryFn = now === 'cancelled' ? () => query.queryFn({ signal }) : query.queryFn;
    await queryClient.fetchQuery({ ...query, queryFn }).catch(() => undefined);
    const data = queryClient.getQueryData(query.queryKey);
    intervals.push(query.refetchInterval({ state: { data } }));
    vi.setSystemTime(Date.now() + apartMs);
  }
  return intervals;
}

describe('a session that is missing', () => {
  const ms = 3_000;
  const table: [title: string, apartMs: number, looks: readonly Look[], want: readonly (number | false)[]][] = [
    ['for less than 60 s is asked after', 10_000, ['nowhere', 'nowhere', 'nowhere', 'nowhere'], [ms, ms, ms, ms]],
    ['in two looks is asked after', 60_000, ['nowhere', 'nowhere'], [ms, ms]],
    ['in three looks over 60 s is gone', 30_000, ['nowhere', 'nowhere', 'nowhere'], [ms, ms, false]],
    ['is so with 410, too', 30_000, ['gone', 'gone', 'gone'], [ms, ms, false]],
    ['once, after other faults, is asked after', 30_000, ['alive', 'ill', 'ill', 'nowhere'], [ms, 2 * ms, 4 * ms, ms]],
    [
      'again, after it was seen, is asked after',
      30_000,
      ['nowhere', 'nowhere', 'alive', 'nowhere', 'nowhere', 'nowhere'],
      [ms, ms, ms, ms, ms, false],
    ],
    ['while looks fail has been missing on', 30_000, ['nowhere', 'ill', 'nowhere', 'nowhere'], [ms, 2 * ms, ms, false]],
    [
      'while a look is cancelled has been missing on',
      30_000,
      ['nowhere', 'cancelled', 'nowhere', 'nowhere'],
      [ms, ms, ms, false],
    ],
    ['from its page but runs is asked after', 30_000, ['listed', 'listed', 'listed', 'listed'], [ms, ms, ms, ms]],
    ['from its page and has ended is over, for any reason', 6_000, ['alive', 'ended'], [ms, false]],
    [
      'and is found after all is asked after again',
      30_000,
      ['nowhere', 'nowhere', 'nowhere', 'alive', 'alive'],
      [ms, ms, false, ms, ms],
    ],
    [
      'from the lists, while its page does not change any more, is gone',
      30_000,
      ['ghost', 'ghost', 'ghost', 'ghost'],
      [ms, ms, ms, false],
    ],
    [
      'from the lists is not so while its page changes',
      30_000,
      ['alive', 'alive', 'alive', 'alive', 'alive'],
      [ms, ms, ms, ms, ms],
    ],
    ['is not one that says why it may end', 1_000, ['terminating', 'terminating'], [ms, ms]],
  ];
  test.each(table)('%s.', async (_, apartMs, looks, want) => {
    expect(await intervalsAfter(looks, apartMs)).toEqual(want);
  });

  test('is missing only for one client, and with either spelling of its uuid.', async () => {
    const { client } = recordingClient((_, path) =>
      jsonAnswer(path.endsWith('/info') ? '{}' : '[]', path.endsWith('/info') ? 404 : 200),
    );
    const watchOf = (whose: OctaClient, uuid: string) => octaQueries(whose).services.session(uuid).watch();
    for (let look = 0; look < 3; look++) {
      const { queryFn } = watchOf(client, look === 1 ? 'ab' : 'AB');
      await failure(queryFn({ signal: new AbortController().signal }), OctaNotFoundError);
      vi.setSystemTime(Date.now() + 30_000);
    }
    const state = { data: undefined };
    const intervals = [
      watchOf(client, 'ab'),
      watchOf(client, 'AB'),
      watchOf(client, 'cd'),
      watchOf(new OctaClient(), 'ab'),
    ];
    expect(intervals.map(({ refetchInterval }) => refetchInterval({ state }))).toEqual([false, false, ms, ms]);
  });

  test('is polled less often while polls fail.', async () => {
    const looks = Array.from({ length: 5 }, () => 'ill' as const);
    expect(await intervalsAfter(looks, 0)).toEqual([6_000, 12_000, 15_000, 15_000, 15_000]);
  });
});

describe('the time until the next poll', () => {
  const { services } = octaQueries(new OctaClient());
  const cases: [title: string, data: ServiceInfo | undefined, want: number | false][] = [
    ['goes on while the session runs', { uuid: 'u-1' }, 3_000],
    ['goes on before anything is known', undefined, 3_000],
    ['goes on when the session can be used', { uuid: 'u-1', is_ready: true }, 3_000],
    ['goes on when it only says why it may end', { uuid: 'u-1', termination_reason: 2 }, 3_000],
    ['ends with a time of its end', { uuid: 'u-1', finished_at: 1_700_000_000_000 }, false],
  ];
  test.each(cases)('%s.', (_, data, want) => {
    expect(services.session('u-1').watch().refetchInterval({ state: { data } })).toBe(want);
  });
});
