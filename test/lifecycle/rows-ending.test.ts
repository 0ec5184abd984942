/** Stops of the lifecycle matrix: a session counts as stopped when it is proven over, not when a response says so. */
import { describe, expect, test } from 'vitest';
import type { SessionResource } from '../../src/index.ts';
import { begun, endingOf, errorOf, type Lifecycle, openLifecycle, order, textOf } from '../support/lifecycle.ts';

/** The ways in which the SDK ends a session by itself. */
const ways: [name: string, end: (session: SessionResource, opened: Lifecycle) => Promise<unknown>][] = [
  ['the end of a scope', async (session) => session[Symbol.asyncDispose]()],
  ['a guard', (session) => session.guard({ maxDurationMs: 1, onError: () => {} }).done],
  ['stopAll', (_, { client }) => client.sessions.stopAll()],
  ['a verified stop', (session) => Promise.resolve(session.stop({ verify: true }))],
];

const unverified = ways.slice(0, 3);

/** A session that has run for a minute. */
async function established(opened: Lifecycle): Promise<SessionResource> {
  const session = await opened.client.services.mr.start(order);
  await opened.clock.sleep(60_000);
  return session;
}

describe('stopAll', () => {
  test('row 8: stops a session that this client started 3 s ago, although no list shows it yet.', async () => {
    await using opened = await openLifecycle({ switches: { listLagMs: 8_000 } });
    const { clock, market, client } = opened;
    await client.services.mr.start(order);
    await clock.sleep(3_000);
    const { stopped } = await client.sessions.stopAll();
    expect(market.running()).toEqual([]);
    expect(stopped.map(({ uuid }) => uuid)).toEqual([begun(market).uuid]);
  });

  test('row 8: looks twice before it returns that nothing runs.', async () => {
    await using opened = await openLifecycle({ switches: { emptyLists: 1 } });
    const { market, client } = opened;
    market.startForeign({ node_id: 9010, atMs: -600_000 });
    market.startForeign({ node_id: 9011, atMs: -600_000 });
    const { stopped } = await client.sessions.stopAll();
    expect(market.running()).toEqual([]);
    expect(stopped).toHaveLength(2);
  });

  test('row 13: stops a session that another client started 3 s ago, and whose stops return 404 for another 8 s.', async () => {
    await using opened = await openLifecycle();
    const { clock, market, client } = opened;
    market.startForeign({ node_id: 9010, atMs: -3_000, lags: { stopLagMs: 11_000 } });
    await client.sessions.stopAll().catch(() => undefined);
    await clock.until(() => market.running().length === 0, 'the session is stopped', 120_000);
    expect(market.running()).toEqual([]);
  });
});

describe('A stop with a slow response', () => {
  test.each([6_000, 30_000])(
    'row 11: a guard ends when the end is proven, with a response after %i ms, and sends no further stop.',
    async (stopDelayMs) => {
      await using opened = await openLifecycle({ switches: { stopDelayMs } });
      const { clock, market, client } = opened;
      const session = await client.services.mr.start(order);
      const guard = endingOf(session.guard({ maxDurationMs: 20_000, onError: () => {} }).done);
      await clock.until(() => guard.done, 'the guard is done', 150_000);
      expect(guard.value).toMatchObject({ reason: 'duration' });
      expect(market.running()).toEqual([]);
      const stops = begun(market).stops.length;
      await clock.sleep(60_000);
      expect(begun(market).stops).toHaveLength(stops);
    },
  );

  test.each([6_000, 30_000])(
    'row 12: a scope ends as soon as a look proves the end, with a response after %i ms.',
    async (stopDelayMs) => {
      await using opened = await openLifecycle({ switches: { stopDelayMs } });
      const { market } = opened;
      const session = await established(opened);
      await session[Symbol.asyncDispose]();
      expect(market.running()).toEqual([]);
    },
  );

  test('row 12: a scope without a response or a proof within 15 s throws with the session, which is stopped later.', async () => {
    await using opened = await openLifecycle({
      switches: { stopDelayMs: Number.POSITIVE_INFINITY, stopEffect: 'answer' },
    });
    const { clock, market } = opened;
    const session = await established(opened);
    const before = market.now();
    const error = await errorOf(session[Symbol.asyncDispose]());
    expect(market.now() - before).toBeGreaterThanOrEqual(14_000);
    expect(error).toMatchObject({ reason: 'not-stopped', running: [session.uuid] });
    Object.assign(market.switches, { stopDelayMs: 0, stopEffect: 'request' });
    await clock.until(() => market.running().length === 0, 'the session is stopped', 120_000);
  });
});

describe('A stop that succeeds, but has no effect', () => {
  test.each(ways)('row 14: %s stops the session again if it keeps running for 20 s.', async (_, end) => {
    await using opened = await openLifecycle({ switches: { stopIgnoredForMs: 20_000 } });
    const { clock, market } = opened;
    const session = await established(opened);
    await end(session, opened).catch(() => undefined);
    await clock.until(() => market.running().length === 0, 'the session is stopped', 120_000);
    expect(begun(market).stops.length).toBeGreaterThan(1);
  });

  test.each(unverified)('row 14: %s reports a session that never ends, and keeps stopping it.', async (_, end) => {
    await using opened = await openLifecycle({ switches: { stopIgnoredForMs: Number.POSITIVE_INFINITY } });
    const { clock, market, log } = opened;
    const session = await established(opened);
    const ending = endingOf(end(session, opened));
    await clock.until(() => begun(market).stops.length >= 3, 'the session is stopped three times', 180_000);
    const told = () => `${textOf(ending.error)} ${log.join('\n')}`.includes(session.uuid);
    await clock.until(told, 'the session is named', 120_000);
    expect(market.running()).toEqual([session.uuid]);
  });
});

describe('A stop that returns 404', () => {
  test.each(ways)('row 15: %s ignores the 404 while the session is listed.', async (_, end) => {
    await using opened = await openLifecycle();
    const { clock, market } = opened;
    const session = await established(opened);
    market.switches.stop404WhileRunning = true;
    clock.setTimer(() => Object.assign(market.switches, { stop404WhileRunning: false }), 20_000);
    await end(session, opened).catch(() => undefined);
    await clock.until(() => market.running().length === 0, 'the session is stopped', 120_000);
    expect(market.running()).toEqual([]);
  });

  test('row 15: a stop that failed and then returned 404 is not confirmed; a verified stop stops the session.', async () => {
    await using opened = await openLifecycle();
    const { market } = opened;
    const session = await established(opened);
    market.switches.nextStops = [{ answer: '504' }, { answer: '404' }];
    expect(await session.stop()).toEqual({ confirmed: false, alreadyStopped: true });
    expect(market.running()).toEqual([session.uuid]);
    market.switches.nextStops = [{ answer: '504' }, { answer: '404' }];
    expect(await session.stop({ verify: true })).toMatchObject({ confirmed: true });
    expect(market.running()).toEqual([]);
  });

  test('row 13: a verified stop stops a found session once stops no longer return 404.', async () => {
    await using opened = await openLifecycle();
    const { market, client } = opened;
    const { uuid } = market.startForeign({ node_id: 9010, atMs: -3_000, lags: { stopLagMs: 11_000 } });
    const session = await client.sessions.find(uuid);
    expect(await session.stop({ verify: true })).toMatchObject({ confirmed: true });
    expect(market.running()).toEqual([]);
  });
});

describe('A stop that returns 429', () => {
  test('row 26: is retried no sooner than Retry-After allows, and then stops the session.', async () => {
    await using opened = await openLifecycle();
    const { clock, market } = opened;
    const session = await established(opened);
    market.switches.nextStops = [{ answer: '429', retryAfterSeconds: 30 }];
    await Promise.resolve(session[Symbol.asyncDispose]()).catch(() => undefined);
    await clock.until(() => market.running().length === 0, 'the session is stopped', 180_000);
    const [first, second] = begun(market).stops;
    expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(29_000);
  });
});

describe('Without faults', () => {
  test('the end of a scope takes one stop and one look.', async () => {
    await using opened = await openLifecycle();
    const { market } = opened;
    const session = await established(opened);
    const before = market.requests.length;
    await session[Symbol.asyncDispose]();
    const asked = market.requests.slice(before).map(({ operation }) => operation);
    expect(market.running()).toEqual([]);
    expect(asked[0]).toBe('stop');
    expect(asked).toHaveLength(2);
  });
});
