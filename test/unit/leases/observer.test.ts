/** Which requests are sent while many sessions are watched. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { OctaClient, OctaServiceUnavailableError, type SessionResource } from '../../../src/index.ts';
import { contextOf } from '../../../src/leases/leases.ts';
import { countOf, image, type Market, market as smallMarket } from '../../support/market.ts';
import { jsonAnswer } from '../../support/recording.ts';

const intervalMs = 2_000;

/** A market with enough machines for all of these tests. */
function market(...[options, clientOptions]: Parameters<typeof smallMarket>): Market {
  const machines = Array.from({ length: 12 }, (_, at) => ({ node_id: 101 + at }));
  return smallMarket({ machines, ...options }, clientOptions);
}

/** Starts sessions, and lets them run until all parts of the API show them. */
async function begin({ client, simulator }: Market, count: number): Promise<SessionResource[]> {
  const sessions: SessionResource[] = [];
  for (let at = 0; at < count; at++) sessions.push(await client.services.mr.start({ node_id: 101 + at, ...image }));
  await simulator.advance(10_000);
  return sessions;
}

/** Guards sessions with limits that they never reach. */
function guardAll(sessions: readonly SessionResource[], onError: (error: unknown) => void = () => undefined): void {
  const guards = sessions.map((session) =>
    session.guard({ maxDurationMs: 86_400_000, pollIntervalMs: intervalMs, onError }),
  );
  onTestFinished(() => {
    for (const guard of guards) guard.release();
  });
}

/** Guards a session with a limit that it never reaches, and for which its charge is needed. */
function guardSpending(session: SessionResource): void {
  const guard = session.guard({ maxSpend: 10n ** 24n, pollIntervalMs: intervalMs });
  onTestFinished(() => guard.release());
}

/** The requests during `ms`, counted by operation. */
async function askedIn({ simulator }: Market, ms: number) {
  const before = [countOf(simulator, 'listSessions'), countOf(simulator, 'getSessionInfo')];
  await simulator.advance(ms);
  const after = [countOf(simulator, 'listSessions'), countOf(simulator, 'getSessionInfo')];
  return { lists: Number(after[0]) - Number(before[0]), infos: Number(after[1]) - Number(before[1]) };
}

describe('Sessions are watched', () => {
  test.each([1, 2])('individually if there are %i.', async (count) => {
    const world = market();
    guardAll(await begin(world, count));
    const { lists, infos } = await askedIn(world, 20_000);
    expect(lists).toBe(0);
    expect(Math.abs(infos - 10 * count)).toBeLessThanOrEqual(count);
  });

  test.each([3, 12])('with one list per interval if there are %i.', async (count) => {
    const world = market();
    guardAll(await begin(world, count));
    await world.simulator.advance(intervalMs);
    const { lists, infos } = await askedIn(world, 20_000);
    expect(infos).toBe(0);
    expect(Math.abs(lists - 10)).toBeLessThanOrEqual(1);
  });

  test('with one list per shortest interval, but at most one per second.', async () => {
    const world = market();
    const sessions = await begin(world, 3);
    guardAll(sessions);
    const release = sessions[0]?.guard({ maxDurationMs: 86_400_000, pollIntervalMs: 100 });
    await world.simulator.advance(intervalMs);
    expect((await askedIn(world, 10_000)).lists).toBeLessThanOrEqual(11);
    release?.release();
  });

  test('individually again, once the others are no longer watched.', async () => {
    const world = market();
    const sessions = await begin(world, 3);
    const [first, ...rest] = sessions.map((session) =>
      session.guard({ maxDurationMs: 86_400_000, pollIntervalMs: intervalMs }),
    );
    await world.simulator.advance(intervalMs);
    for (const guard of rest) guard.release();
    const { lists, infos } = await askedIn(world, 20_000);
    expect(lists).toBeLessThanOrEqual(1);
    expect(infos).toBeGreaterThanOrEqual(9);
    first?.release();
  });

  test('individually if the API key may change, and no list has shown the session.', async () => {
    const world = market({}, { apiKey: () => 'a-key' });
    guardAll(await begin(world, 4));
    const { lists, infos } = await askedIn(world, 20_000);
    expect(lists).toBe(0);
    expect(infos).toBeGreaterThanOrEqual(36);
  });

  test('separately if they were started with different headers.', async () => {
    const world = market();
    const sessions: SessionResource[] = [];
    for (const [at, team] of ['a', 'a', 'a', 'b', 'b', 'b'].entries()) {
      const options = { headers: { 'x-team': team } };
      sessions.push(await world.client.services.mr.start({ node_id: 101 + at, ...image }, options));
    }
    guardAll(sessions);
    await world.simulator.advance(60_000);
    const lists = world.simulator.requests.filter(({ operation }) => operation === 'listSessions');
    const ofTeam = (team: string) => lists.filter(({ headers }) => headers['x-team'] === team).length;
    expect(ofTeam('a') + ofTeam('b')).toBe(lists.length);
    expect(Math.abs(ofTeam('a') - 30) + Math.abs(ofTeam('b') - 30)).toBeLessThanOrEqual(4);
  });
});

describe('In addition to the list,', () => {
  test('at most two sessions are requested per interval, in turn.', async () => {
    const relays = [21, 22, 23, 24, 25].map((node_id) => ({ node_id }));
    const world = market({ relays });
    const { client, simulator } = world;
    const waits: Promise<unknown>[] = [];
    for (const { node_id } of relays) {
      simulator.machine(node_id).neverReady();
      const session = await client.services.vpn.start({ node_id, subkind: 'wg' });
      waits.push(session.waitUntilReady({ pollIntervalMs: intervalMs, readyTimeoutMs: 60_000 }).catch(() => undefined));
    }
    await Promise.all(waits);
    const infos = simulator.requests.filter(({ operation }) => operation === 'getSessionInfo').slice(2);
    expect(infos.length).toBeLessThanOrEqual(2 * 31);
    expect(infos.length).toBeGreaterThan(50);
    const counts = simulator.sessions.map(({ uuid }) => infos.filter(({ path }) => path.includes(uuid)).length);
    // Each session gets requests, and none gets many more than others.
    expect(Math.min(...counts) * 2).toBeGreaterThan(Math.max(...counts));
    expect(Math.min(...counts)).toBeGreaterThan(5);
  });

  test('there are at most two requests per interval, including the recent list.', async () => {
    const world = market({ lies: { noCharge: 1 } });
    const sessions = await begin(world, 12);
    for (const session of sessions) guardSpending(session);
    await world.simulator.advance(2 * intervalMs);
    world.simulator.fail('listSessions', { status: 200, body: [] }, 2);
    for (let interval = 0; interval < 10; interval++) {
      const { lists, infos } = await askedIn(world, intervalMs);
      expect(lists + infos).toBeLessThanOrEqual(3);
    }
  });

  test('sessions that need no request any more do not delay others.', async () => {
    const world = market({ relays: [{ node_id: 21 }], lag: { listsMs: 3_000 } });
    const { client, simulator } = world;
    for (let at = 0; at < 8; at++) {
      const session = await client.services.mr.start({ node_id: 101 + at, ...image });
      guardAll([session]);
    }
    await simulator.advance(60_000);
    const session = await client.services.vpn.start({ node_id: 21, subkind: 'wg' });
    const ready = session.waitUntilReady({ readyTimeoutMs: 120_000 });
    await simulator.advance(120_000);
    expect(await ready).toMatchObject({ uuid: session.uuid });
  });

  test('one empty list causes no requests, and several cause few.', async () => {
    const world = market();
    guardAll(await begin(world, 12));
    await world.simulator.advance(2 * intervalMs);
    world.simulator.fail('listSessions', { status: 200, body: [] });
    expect((await askedIn(world, 3 * intervalMs)).infos).toBe(0);
    world.simulator.fail('listSessions', { status: 200, body: [] }, 5);
    const { infos } = await askedIn(world, 5 * intervalMs);
    expect(infos).toBeGreaterThan(0);
    expect(infos).toBeLessThanOrEqual(10);
    expect(world.simulator.running).toHaveLength(12);
  });

  test('the recent list is requested once, and shows all sessions that have ended.', async () => {
    const world = market();
    const sessions = await begin(world, 12);
    const guards = sessions.map((session) => session.guard({ maxDurationMs: 86_400_000, pollIntervalMs: intervalMs }));
    await world.simulator.advance(2 * intervalMs);
    const other = new OctaClient({ apiKey: 'a-key', fetch: world.simulator.fetch, logLevel: 'silent' });
    for (const { uuid } of sessions) await other.services.session(uuid).stop();
    const { lists, infos } = await askedIn(world, 3 * intervalMs);
    expect((await Promise.all(guards.map(({ done }) => done))).map(({ reason }) => reason)).toEqual(
      sessions.map(() => 'ended'),
    );
    expect([infos, lists <= 5]).toEqual([0, true]);
  });

  test('a session that no list has shown is requested, and stays alive.', async () => {
    const world = market({ lag: { listsMs: 300_000 } });
    const sessions = await begin(world, 3);
    const guards = sessions.map((session) => session.guard({ maxDurationMs: 86_400_000, pollIntervalMs: intervalMs }));
    let ended = 0;
    for (const { done } of guards) done.then(() => ended++);
    const { infos } = await askedIn(world, 200_000);
    expect(infos).toBeGreaterThan(50);
    expect([ended, world.simulator.running.length]).toEqual([0, 3]);
    for (const guard of guards) guard.release();
  });
});

describe('A list that fails', () => {
  test('fails for all sessions, and is not requested again for as long as the API asks.', async () => {
    const world = market();
    const errors: unknown[] = [];
    guardAll(await begin(world, 5), (error) => void errors.push(error));
    await world.simulator.advance(2 * intervalMs);
    world.simulator.fail('listSessions', { status: 503, headers: { 'retry-after': '20' } });
    const { lists, infos } = await askedIn(world, 19_000);
    expect([lists, infos]).toEqual([1, 0]);
    expect(errors.length).toBeGreaterThanOrEqual(5);
    expect(errors.every((error) => error instanceof OctaServiceUnavailableError)).toBe(true);
    expect((await askedIn(world, 20_000)).lists).toBeGreaterThan(1);
  });

  test('also pauses requests for single sessions, and for the other list.', async () => {
    const world = market();
    const [session] = await begin(world, 1);
    const { client, simulator } = world;
    const view = contextOf(client).viewOf({ facts: {} });
    simulator.fail('listSessions', { status: 429, headers: { 'retry-after': '20' } });
    await expect(view.list(false, simulator.clock.now())).rejects.toMatchObject({ status: 429 });
    const lease = contextOf(client).leaseOf(String(session?.uuid));
    const look = () => view.look(lease, { maxAgeMs: 0, withinMs: 1_000 });
    await expect(look()).rejects.toMatchObject({ status: 429 });
    await expect(view.list(true, simulator.clock.now())).rejects.toMatchObject({ status: 429 });
    expect([countOf(simulator, 'listSessions'), countOf(simulator, 'getSessionInfo')]).toEqual([1, 0]);
    await simulator.advance(20_000);
    expect((await look()).info?.uuid).toBe(session?.uuid);
  });

  test('is requested again after a minute, even if the API asks for more.', async () => {
    const world = market();
    const { client, simulator } = world;
    await client.services.mr.start({ node_id: 101, ...image });
    const view = contextOf(client).viewOf({ facts: {} });
    simulator.fail('listSessions', { status: 429, headers: { 'retry-after': '3600' } });
    const ask = () => view.list(false, simulator.clock.now());
    await expect(ask()).rejects.toMatchObject({ status: 429 });
    await simulator.advance(59_000);
    await expect(ask()).rejects.toMatchObject({ status: 429 });
    await simulator.advance(2_000);
    expect((await ask()).value).toHaveLength(1);
    expect(countOf(simulator, 'listSessions')).toBe(2);
  });
});

describe('Two callers that need the list at the same time', () => {
  /** A client whose requests get their responses when the test decides. */
  function held() {
    const answers: (() => void)[] = [];
    const fetch = () => new Promise<Response>((resolve) => answers.push(() => resolve(jsonAnswer('[]'))));
    const client = new OctaClient({ apiKey: 'a-key', fetch, logLevel: 'silent' });
    return { answers, view: contextOf(client).viewOf({ facts: {} }) };
  }

  test('share one request.', async () => {
    const { answers, view } = held();
    const lists = [view.list(false, 0), view.list(false, 0)];
    await vi.waitUntil(() => answers.length > 0);
    expect(answers).toHaveLength(1);
    answers[0]?.();
    const [one, two] = await Promise.all(lists);
    expect(one).toBe(two);
  });

  test('share one slow request, but each waits only as long as its own limit.', async () => {
    const { client, simulator } = market();
    const view = contextOf(client).viewOf({ facts: {} });
    simulator.fail('listSessions', { delayMs: 6_000 });
    const before = simulator.now;
    const [short, long] = [view.list(false, 0, 500), view.list(false, 0)];
    await expect(short).rejects.toThrow('listSessions: no response within 500 ms');
    expect(simulator.now - before).toBeLessThan(1_000);
    expect((await long).value).toEqual([]);
    expect(countOf(simulator, 'listSessions')).toBe(1);
  });

  test("never wait for each other's request on Workers, but use a response that has arrived.", async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' });
    onTestFinished(() => void vi.unstubAllGlobals());
    const { answers, view } = held();
    const lists = [view.list(false, 0), view.list(false, 0)];
    await vi.waitUntil(() => answers.length === 2);
    // The second gets a response although the first never does.
    answers[1]?.();
    const second = await lists[1];
    expect(await view.list(false, 0)).toBe(second);
    expect(answers).toHaveLength(2);
    answers[0]?.();
    await lists[0];
  });
});
