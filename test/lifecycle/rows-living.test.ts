/** Running sessions in the lifecycle matrix: whether they are alive, ready, and within their limits. */
import { describe, expect, test } from 'vitest';
import type { RentMrOptions, SessionResource } from '../../src/index.ts';
import { begun, endingOf, firstOf, type Lifecycle, openLifecycle, order } from '../support/lifecycle.ts';
import type { Switches } from '../support/marketplace/index.ts';

const unknownFor = (ms: number) => ({ infoLagMs: ms, listLagMs: ms, stopLagMs: ms });
/** The price of each session of the marketplace. */
const weiPerSecond = 1_000_000_000_000_000n;

/** All values of a generator so far, and whether it has ended. */
function collect<Value>(values: AsyncIterable<Value>): { readonly all: Value[]; readonly ending: { done: boolean } } {
  const all: Value[] = [];
  const read = async () => {
    for await (const value of values) all.push(value);
  };
  return { all, ending: endingOf(read()) };
}

/** For tests of when a guard stops: it counts the time of a response as age, and a slow machine must not make that a second. */
const slow = { speed: 25 };

/** How long a session has run. */
function ageOf({ market }: Lifecycle): number {
  const { begunAt, endedAt = market.now() } = begun(market);
  return endedAt - begunAt;
}

describe('A session that the API does not show for its first 25 s', () => {
  test('row 1: rent keeps waiting, and returns it when it is ready.', async () => {
    await using opened = await openLifecycle({ switches: { ...unknownFor(25_000), readyAfterMs: 40_000 } });
    const { market, client } = opened;
    const session = await client.services.mr.rent(order, { maxDurationMs: 600_000 });
    expect(session.uuid.toLowerCase()).toBe(begun(market).uuid);
    expect(market.running()).toEqual([begun(market).uuid]);
    expect(begun(market).stops).toEqual([]);
    expect(session.guards).toHaveLength(1);
  });

  test('row 2: waitUntilReady, watch and followLogs keep waiting.', async () => {
    await using opened = await openLifecycle({ switches: unknownFor(25_000) });
    const { market, client } = opened;
    const session = await client.services.mr.start(order);
    const found = await Promise.all([
      session.waitUntilReady(),
      firstOf(session.watch()),
      firstOf(session.followLogs()),
    ]);
    expect(found).toMatchObject([{ is_ready: true }, { node_id: 9010 }, { source: 'system' }]);
    expect(market.running()).toHaveLength(1);
  });

  test('row 2: a guard continues, and stops it at its limit.', async () => {
    await using opened = await openLifecycle({ ...slow, switches: unknownFor(25_000) });
    const { clock, market, client } = opened;
    const session = await client.services.mr.start(order);
    session.guard({ maxDurationMs: 50_000 });
    await clock.until(() => market.running().length === 0, 'the session is stopped', 180_000);
    expect(ageOf(opened)).toBeGreaterThanOrEqual(49_000);
  });

  test('row 2: a verified stop finally stops it.', async () => {
    await using opened = await openLifecycle({ switches: unknownFor(25_000) });
    const { market, client } = opened;
    const session = await client.services.mr.start(order);
    expect(await session.stop({ verify: true })).toMatchObject({ confirmed: true });
    expect(market.running()).toEqual([]);
  });
});

describe('One session', () => {
  test('row 7: counts as one, whatever the letter case of its UUID.', async () => {
    await using opened = await openLifecycle({
      switches: { uuidCase: { start: 'upper', list: 'lower', info: 'lower', paths: 'any' } },
    });
    const { clock, market, client } = opened;
    market.switches.nextStarts = [
      { lags: { listLagMs: 20_000 } },
      { answer: 'lost-after', lags: { listLagMs: 30_000 } },
    ];
    const first = await client.services.mr.rent(order, { maxDurationMs: 900_000 });
    const second = await client.services.mr.rent(order);
    expect([first, second].map(({ uuid }) => uuid.toLowerCase())).toEqual(market.running());
    market.fail('info', 404, 1, first.uuid);
    await clock.sleep(30_000);
    expect(first.guards).toHaveLength(1);
    const { stopped } = await client.sessions.stopAll();
    expect(stopped).toHaveLength(2);
    expect(market.running()).toEqual([]);
  });

  test('row 7: is found and stopped by the spelling that the API accepts.', async () => {
    await using opened = await openLifecycle({
      switches: { uuidCase: { start: 'upper', list: 'lower', info: 'lower', paths: 'lower' } },
    });
    const { market, client } = opened;
    const session = await client.services.mr.rent(order);
    await session[Symbol.asyncDispose]();
    expect(market.running()).toEqual([]);
  });

  test('row 30: counts as one, although lists show it twice.', async () => {
    await using opened = await openLifecycle({ switches: { listTwice: true, nextStarts: ['lost-after'] } });
    const { market, client } = opened;
    const session = await client.services.mr.rent(order);
    const found = await client.sessions.find(session.uuid.slice(0, 8));
    expect(found.uuid).toBe(session.uuid);
    await client.sessions.stopAll();
    expect(market.running()).toEqual([]);
    expect(begun(market).stops).toHaveLength(1);
  });
});

describe('A response that suggests that a session is over', () => {
  test('row 9: a session that is missing everywhere for 22 s is still guarded when it appears again.', async () => {
    await using opened = await openLifecycle(slow);
    const { clock, market, client } = opened;
    const session = await client.services.mr.start(order);
    const guard = endingOf(session.guard({ maxDurationMs: 90_000 }).done);
    await clock.sleep(20_000);
    market.partition(session.uuid, 22_000);
    await clock.until(() => market.running().length === 0, 'the session is stopped', 180_000);
    expect(ageOf(opened)).toBeGreaterThanOrEqual(80_000);
    await clock.until(() => guard.done, 'the guard is done', 180_000);
    expect(guard.value).toMatchObject({ reason: 'duration' });
  });

  test.each(['without-end', 'zero-end'] as const)(
    'row 10: one 404, and a recent list that also shows running sessions (%s), end neither guard nor watch.',
    async (recentHoldsRunning) => {
      await using opened = await openLifecycle({ ...slow, switches: { recentHoldsRunning } });
      const { clock, market, client } = opened;
      const session = await client.services.mr.start(order);
      session.guard({ maxDurationMs: 40_000 });
      const watched = collect(session.watch());
      await clock.sleep(10_000);
      market.fail('info', 404, 2, session.uuid);
      await clock.sleep(15_000);
      expect(watched.ending.done).toBe(false);
      await clock.until(() => market.running().length === 0, 'the session is stopped', 180_000);
      expect(ageOf(opened)).toBeGreaterThanOrEqual(35_000);
      await clock.until(() => watched.ending.done, 'watch ends', 180_000);
    },
  );

  test.each(['410', '200-still'] as const)(
    'row 28: watch and guard end with the session, although info returns %s from then on.',
    async (infoAfterEnd) => {
      await using opened = await openLifecycle({ switches: { infoAfterEnd } });
      const { clock, market, client } = opened;
      const session = await client.services.mr.start(order);
      const guard = endingOf(session.guard({ maxDurationMs: 3_600_000 }).done);
      const watched = collect(session.watch());
      await clock.sleep(10_000);
      market.end(session.uuid);
      await clock.until(() => guard.done && watched.ending.done, 'guard and watch end', 150_000);
      expect(guard.value).toMatchObject({ reason: 'ended' });
      expect(begun(market).stops).toEqual([]);
    },
  );

  test('row 31: the guard of an unknown session reports that once, and ends.', async () => {
    await using opened = await openLifecycle({ speed: 200 });
    const { clock, market, client } = opened;
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    await client.sessions.list();
    const session = client.services.session('00000000-0000-4000-8000-000000000000');
    const guard = endingOf(session.guard({ maxDurationMs: 10_800_000, onError }).done);
    await clock.until(() => guard.done, 'the guard ends', 900_000);
    expect(errors).toHaveLength(1);
    expect(market.asked('stop')).toEqual([]);
  });
});

describe('Limits', () => {
  test('row 20: a guard that does not get the charge for a minute reports that.', async () => {
    await using opened = await openLifecycle({ switches: { charge: 'absent' } });
    const { clock, market, client } = opened;
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const session = await client.services.mr.rent(order, { maxSpend: 600n * weiPerSecond, onError });
    expect(errors).toEqual([]);
    await clock.until(() => errors.length > 0, 'onError is called', 120_000);
    expect(ageOf(opened)).toBeGreaterThanOrEqual(55_000);
    expect(market.running()).toEqual([session.uuid]);
  });

  test("row 20: with unknownCharge 'stop' it stops the session then.", async () => {
    await using opened = await openLifecycle({ switches: { charge: 'absent' } });
    const { clock, market, client } = opened;
    await client.services.mr.rent(order, { maxSpend: 600n * weiPerSecond, unknownCharge: 'stop', onError: () => {} });
    await clock.until(() => market.running().length === 0, 'the session is stopped', 180_000);
    expect(ageOf(opened)).toBeGreaterThanOrEqual(55_000);
  });

  const charges: Switches['charge'][] = ['falling-back', 'huge', 'text', 'float'];
  test.each(charges)('row 21: maxSpend is enforced if charge_amount is "%s".', async (charge) => {
    await using opened = await openLifecycle({ switches: { charge } });
    const { clock, market, client } = opened;
    const session = await client.services.mr.start(order);
    session.guard({ maxSpend: 45n * weiPerSecond, onError: () => {} });
    await clock.until(() => market.running().length === 0, 'the session is stopped', 300_000);
    expect(ageOf(opened)).toBeLessThan(80_000);
  });

  test('row 21: a charge below 0 is reported once, and counts as missing.', async () => {
    await using opened = await openLifecycle({ switches: { charge: 'negative' } });
    const { clock, market, client } = opened;
    const errors: unknown[] = [];
    const session = await client.services.mr.start(order);
    const onError = (error: unknown) => void errors.push(error);
    session.guard({ maxSpend: 45n * weiPerSecond, unknownCharge: 'stop', onError });
    await clock.until(() => market.running().length === 0, 'the session is stopped', 180_000);
    expect(errors).toHaveLength(1);
  });

  const clocks: [startedAt: Switches['startedAt'], serverClockOffsetMs: number][] = [
    ['ms', 7_200_000],
    ['ms', -7_200_000],
    ['s', 7_200_000],
    ['iso', -7_200_000],
  ];
  test.each(clocks)(
    "row 22: the age of a session without duration is correct with started_at in %s and the server's clock %i ms ahead.",
    async (startedAt, serverClockOffsetMs) => {
      const switches = { duration: 'absent', startedAt, serverClockOffsetMs } as const;
      await using opened = await openLifecycle({ ...slow, switches });
      const { clock, market, client } = opened;
      const { uuid } = market.startForeign({ node_id: 9010, atMs: -100_000 });
      client.services.session(uuid).guard({ maxDurationMs: 130_000 });
      await clock.until(() => market.running().length === 0, 'the session is stopped', 300_000);
      expect(ageOf(opened)).toBeGreaterThanOrEqual(128_000);
      expect(ageOf(opened)).toBeLessThan(200_000);
    },
  );

  test('row 23: a limit that was exceeded while the machine was suspended is enforced as it resumes, although info fails.', async () => {
    await using opened = await openLifecycle();
    const { clock, market, client } = opened;
    const session = await client.services.mr.start(order);
    session.guard({ maxDurationMs: 1_800_000, onError: () => {} });
    await clock.sleep(15_000);
    market.fail('info', 500, 1_000);
    clock.jump(3_600_000);
    await clock.until(() => market.running().length === 0, 'the session is stopped', 120_000);
    expect(market.running()).toEqual([]);
  });
});

describe('A process that was suspended for a while', () => {
  test('row 24: looks once more before it throws that a session was not ready in time.', async () => {
    await using opened = await openLifecycle({ switches: { readyAfterMs: 15_000 } });
    const { clock, market, client } = opened;
    const rented = client.services.mr.rent(order, { readyTimeoutMs: 20_000 });
    await clock.until(() => market.running().length === 1);
    await clock.sleep(8_000);
    clock.freeze(15_000);
    expect((await rented).uuid).toBe(begun(market).uuid);
    expect(market.running()).toHaveLength(1);
    expect(begun(market).stops).toEqual([]);
  });

  test('row 25: reads a response to a start that has arrived before it times out.', async () => {
    await using opened = await openLifecycle({ client: { timeoutMs: 5_000, totalTimeoutMs: 5_000 } });
    const { clock, market, client } = opened;
    market.switches.onAnswered = (operation) => {
      if (operation === 'startMr') clock.freeze(10_000);
    };
    const session = await client.services.mr.start(order);
    expect(session.uuid).toBe(begun(market).uuid);
  });
});

describe('Logs', () => {
  const inDisorder: Switches['containerLog'][] = ['shuffled', 'newest-first', 'inserted', 're-stamped', 'rotated'];
  test.each(inDisorder)(
    'row 27: each line is yielded once, and the last one with the end of the session, if the log is "%s".',
    async (containerLog) => {
      await using opened = await openLifecycle({ switches: { containerLog, logLines: 10 } });
      const { clock, market, client } = opened;
      const session = await client.services.mr.start(order);
      const followed = collect(session.followLogs());
      await clock.sleep(30_000);
      market.end(session.uuid);
      await clock.until(() => followed.ending.done, 'the logs end', 120_000);
      const lines = followed.all
        .filter(({ source }) => source === 'container')
        .map(({ text }) => text.replace(/^\[\d+\] /, ''));
      expect(new Set(lines)).toEqual(
        new Set([
          ...Array.from({ length: 10 }, (_, nth) => `line ${nth}`),
          ...(containerLog === 'inserted' ? ['inserted line'] : []),
        ]),
      );
      // A line whose text changes cannot be distinguished from a new one.
      if (containerLog !== 're-stamped') expect(lines.length).toBe(new Set(lines).size);
    },
  );
});

describe('Ready', () => {
  const rents: [order: RentMrOptions, field: string][] = [
    [{ ...order, ports: [22] }, 'ssh_direct'],
    [{ ...order, http_ports: [8080] }, 'urls'],
  ];
  const ways = rents.flatMap(([what, field]) =>
    (['flag', 'progress', 'both'] as const).map((readyBy) => [field, readyBy, what] as const),
  );
  test.each(ways)(
    'row 40: a session is returned once it has %s, not as soon as its state is ready (%s).',
    async (field, readyBy, what) => {
      await using opened = await openLifecycle({ switches: { readyBy, addressAfterMs: 20_000 } });
      const { market, client } = opened;
      const session = await client.services.mr.rent(what);
      expect(ageOf(opened)).toBeGreaterThanOrEqual(20_000);
      expect(await session.info()).toHaveProperty(field);
      expect(market.running()).toHaveLength(1);
    },
  );

  test("row 40: with ready 'status' a session is returned as soon as its state is ready.", async () => {
    await using opened = await openLifecycle({ switches: { addressAfterMs: 100_000 } });
    const { client } = opened;
    await client.services.mr.rent({ ...order, ports: [22] }, { ready: 'status' });
    expect(ageOf(opened)).toBeLessThan(100_000);
  });
});

describe('Many sessions', () => {
  /** Guards sessions of another client. */
  function guardMany({ market, client }: Lifecycle, count: number): SessionResource[] {
    const uuids = Array.from({ length: count }, () => market.startForeign({ node_id: 9010 }).uuid);
    return uuids.map((uuid) => {
      const session = client.services.session(uuid);
      session.guard({ maxDurationMs: 3_600_000, onError: () => {} });
      return session;
    });
  }

  /** How many requests of each kind arrive within `ms`. */
  async function countIn({ clock, market }: Lifecycle, ms: number): Promise<{ infos: number; lists: number }> {
    const before = market.requests.length;
    await clock.sleep(ms);
    const asked = market.requests.slice(before);
    const infos = asked.filter(({ operation }) => operation === 'info').length;
    return { infos, lists: asked.filter(({ operation }) => operation === 'sessions').length };
  }

  test('row 38: guards request one list per interval, and at most two sessions in addition.', async () => {
    await using opened = await openLifecycle({ speed: 50 });
    guardMany(opened, 60);
    await opened.clock.sleep(20_000);
    const { infos, lists } = await countIn(opened, 40_000);
    expect(lists).toBeGreaterThan(0);
    expect(lists).toBeLessThanOrEqual(6);
    expect(infos).toBeLessThanOrEqual(12);
  });

  test('row 44: one empty list among full ones does not make guards request every session.', async () => {
    await using opened = await openLifecycle({ speed: 50 });
    const { market } = opened;
    guardMany(opened, 60);
    await opened.clock.sleep(25_000);
    market.switches.emptyLists = 1;
    const { infos } = await countIn(opened, 40_000);
    expect(infos).toBeLessThanOrEqual(12);
    expect(market.running()).toHaveLength(60);
    expect(market.asked('stop')).toEqual([]);
  });

  test('row 45: a list is no evidence for sessions that another view has listed.', async () => {
    await using opened = await openLifecycle({ switches: { views: true } });
    const { clock, market, client } = opened;
    const guards = [];
    for (const view of ['a', 'b', undefined]) {
      const headers: Record<string, string> = view === undefined ? {} : { 'x-view': view };
      for (let nth = 0; nth < 3; nth++) {
        const session = await client.services.mr.start(order, { headers });
        guards.push(endingOf(session.guard({ maxDurationMs: 100_000 }).done));
      }
    }
    await clock.sleep(85_000);
    expect(guards.filter(({ done }) => done)).toEqual([]);
    expect(market.running()).toHaveLength(9);
    await clock.until(() => market.running().length === 0, 'all are stopped', 120_000);
  });
});
