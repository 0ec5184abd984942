/** Reconciling leases whose owner may be dead. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type LeaseRecord, OctaClient, OctaConfigurationError, type ReconcileResult } from '../../../src/index.ts';
import { contextOf } from '../../../src/leases/leases.ts';
import { failure } from '../../support/failure.ts';
import { freezable, recordOf, watchedLedger } from '../../support/leases.ts';
import { countOf, image, market } from '../../support/market.ts';

const mark = 'lease-1';
const minuteMs = 60_000;

/** A market with a ledger, and a client that has started nothing. */
function world(options: Parameters<typeof market>[0] = {}) {
  const ledger = watchedLedger();
  const made = market(options, { ledger });
  const another = () => new OctaClient({ apiKey: 'a-key', fetch: made.simulator.fetch, ledger, logLevel: 'silent' });
  /** A session that a dead client started, and its record. */
  const orphan = async (given: Partial<LeaseRecord> & { readonly agoMs?: number } = {}) => {
    const { agoMs = 0, ...rest } = given;
    const { leaseId = mark } = rest;
    const { uuid } = made.simulator.startForeign({ node_id: 1, agoMs, envs: { OCTA_LEASE_ID: leaseId } });
    await ledger.put(recordOf(made.client, { uuid, state: 'running', agoMs, ...rest }));
    return uuid;
  };
  return { ...made, ledger, another, orphan };
}

/** The verdicts by lease. */
function verdicts({ leases }: ReconcileResult): Record<string, string> {
  return Object.fromEntries(leases.map(({ leaseId, verdict }) => [leaseId, verdict]));
}

describe('A lease of a dead owner', () => {
  test('is not touched if its owner writes a heartbeat during the search for its session.', async () => {
    const { client, simulator, ledger, orphan } = world();
    const uuid = await orphan();
    const beat = (count: number) => ledger.put({ version: 1, id: 'owner-other', owner: 'other', beat: count });
    for (const record of await ledger.leases()) await ledger.put({ ...record, owner: 'other' });
    await beat(1);
    const nothing = [
      simulator.fail('listSessions', { status: 200, body: [] }, Number.POSITIVE_INFINITY),
      simulator.fail('getSessionInfo', { status: 404 }, Number.POSITIVE_INFINITY),
    ];
    const comeBack = () => {
      beat(2);
      for (const fault of nothing) fault.remove();
    };
    simulator.clock.setTimer(comeBack, 42_000, 'limit');
    expect(verdicts(await client.leases.reconcile({ ttlMs: 30_000 }))).toEqual({ [mark]: 'owned' });
    expect([simulator.running, countOf(simulator, 'stopSession')]).toEqual([[uuid], 0]);
  });

  test('is stopped once the owner has written no heartbeat for a minute.', async () => {
    const { client, simulator, ledger, orphan } = world();
    const uuid = await orphan();
    const before = simulator.now;
    const { leases, unmarked } = await client.leases.reconcile();
    expect(leases).toEqual([{ leaseId: mark, uuid, verdict: 'stopped' }]);
    expect(simulator.now - before).toBeGreaterThanOrEqual(minuteMs);
    expect([unmarked, simulator.running, await ledger.leases()]).toEqual([[], [], []]);
  });

  test('is stopped at once if ttlMs is 0.', async () => {
    const { client, simulator, orphan } = world();
    await orphan();
    const before = simulator.now;
    expect(verdicts(await client.leases.reconcile({ ttlMs: 0 }))).toEqual({ [mark]: 'stopped' });
    expect(simulator.now - before).toBeLessThan(5_000);
  });

  test('is deleted if its session is over.', async () => {
    const { client, simulator, ledger, another, orphan } = world();
    const uuid = await orphan();
    await another().services.session(uuid).stop();
    expect(await client.leases.reconcile({ ttlMs: 0 })).toEqual({
      leases: [{ leaseId: mark, uuid, verdict: 'over' }],
      unmarked: [],
    });
    expect([await ledger.leases(), countOf(simulator, 'stopSession')]).toEqual([[], 1]);
  });

  test('is deleted if its session is missing everywhere for a minute.', async () => {
    const { client, simulator, ledger } = world();
    await ledger.put(recordOf(client, { uuid: '5dd2d308-0000-4000-8000-000000000000', state: 'running' }));
    const before = simulator.now;
    expect(verdicts(await client.leases.reconcile({ ttlMs: 0 }))).toEqual({ [mark]: 'over' });
    expect(simulator.now - before).toBeGreaterThanOrEqual(minuteMs);
    expect([await ledger.leases(), countOf(simulator, 'stopSession')]).toEqual([[], 0]);
  });

  test('is not settled while the API does not show the state of its session.', async () => {
    const { client, simulator, ledger } = world();
    await ledger.put(recordOf(client, { uuid: '5dd2d308-0000-4000-8000-000000000000', state: 'running' }));
    simulator.fail('getSessionInfo', { status: 503 }, Number.POSITIVE_INFINITY);
    expect(verdicts(await client.leases.reconcile({ ttlMs: 0 }))).toEqual({ [mark]: 'unresolved' });
    expect(await ledger.leases()).toHaveLength(1);
  });

  test('is taken over with its limits if adopt is true.', async () => {
    const { client, simulator, ledger, orphan } = world();
    const uuid = await orphan({ limits: { maxDurationMs: 600_000, maxSpend: '5000000000000000000000' } });
    const { leases } = await client.leases.reconcile({ ttlMs: 0, adopt: true });
    expect(leases).toMatchObject([{ leaseId: mark, uuid, verdict: 'adopted', session: { uuid, leaseId: mark } }]);
    const [guard] = leases[0]?.session?.guards ?? [];
    const [record] = await ledger.leases();
    expect([record?.owner === 'dead', record?.limits]).toEqual([
      false,
      { maxDurationMs: 600_000, maxSpend: '5000000000000000000000' },
    ]);
    expect(verdicts(await client.leases.reconcile({ ttlMs: 0 }))).toEqual({ [mark]: 'owned' });
    await simulator.advance(11 * minuteMs);
    expect([(await guard?.done)?.reason, simulator.running]).toEqual(['duration', []]);
    await simulator.advance(minuteMs);
    expect(await ledger.leases()).toEqual([]);
  });

  test('is taken over without a guard if it has no limits, and closing stops it.', async () => {
    const { client, simulator, orphan } = world();
    await orphan();
    const { leases } = await client.leases.reconcile({ ttlMs: 0, adopt: true });
    expect(leases[0]?.session?.guards).toEqual([]);
    await client.close({ stopSessions: true });
    expect(simulator.running).toEqual([]);
  });

  test('is not touched by a dry run, which writes nothing.', async () => {
    const { client, simulator, ledger, another, orphan } = world();
    const uuid = await orphan();
    await orphan({ leaseId: 'kept', kept: true });
    const over = await orphan({ leaseId: 'over' });
    await another().services.session(over).stop();
    const before = [await ledger.list(), ledger.writes.length];
    const result = await client.leases.reconcile({ ttlMs: 0, dryRun: true, adopt: true, forget: true });
    expect(verdicts(result)).toEqual({ [mark]: 'unresolved', kept: 'owned', over: 'over' });
    expect([await ledger.list(), ledger.writes.length]).toEqual(before);
    expect(simulator.running).toContain(uuid);
  });

  test('is not touched if it was kept.', async () => {
    const { client, simulator, ledger, orphan } = world();
    const uuid = await orphan({ kept: true });
    expect(verdicts(await client.leases.reconcile({ ttlMs: 0 }))).toEqual({ [mark]: 'owned' });
    expect([simulator.running, (await ledger.leases()).length]).toEqual([[uuid], 1]);
  });

  test('is found by its mark if its owner died before the response arrived.', async () => {
    const { client, simulator, ledger } = world();
    const { uuid } = simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: mark } });
    await ledger.put(recordOf(client));
    expect((await client.leases.reconcile({ ttlMs: 0 })).leases).toEqual([{ leaseId: mark, uuid, verdict: 'stopped' }]);
    expect([simulator.running, await ledger.leases()]).toEqual([[], []]);
  });
});

describe('A start without a session', () => {
  test('is unresolved after a search of 15 s.', async () => {
    const { client, simulator, ledger } = world();
    await ledger.put(recordOf(client));
    const before = simulator.now;
    expect((await client.leases.reconcile({ ttlMs: 0 })).leases).toEqual([{ leaseId: mark, verdict: 'unresolved' }]);
    expect(Math.abs(simulator.now - before - 15_000)).toBeLessThan(3_000);
    expect(await ledger.leases()).toHaveLength(1);
  });

  test('is stopped if the session appears meanwhile.', async () => {
    const { client, simulator, ledger } = world();
    await ledger.put(recordOf(client));
    const reconciling = client.leases.reconcile({ ttlMs: 0 });
    await simulator.advance(6_000);
    simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: mark } });
    expect(verdicts(await reconciling)).toEqual({ [mark]: 'stopped' });
    expect(simulator.running).toEqual([]);
  });

  test.each<[title: string, agoMs: number, options: object, remains: number]>([
    ['is lost after 15 minutes, and kept', 16 * minuteMs, {}, 1],
    ['is lost, and forgotten if forget is true', 16 * minuteMs, { forget: true }, 0],
    ['is lost, and not forgotten by a dry run', 16 * minuteMs, { forget: true, dryRun: true }, 1],
    ['is lost, and kept for a week', 6.9 * 86_400_000, {}, 1],
    ['is lost, and forgotten after a week', 7.1 * 86_400_000, {}, 0],
  ])('%s.', async (_, agoMs, options, remains) => {
    const { client, ledger } = world();
    await ledger.put(recordOf(client, { agoMs }));
    expect(verdicts(await client.leases.reconcile({ ttlMs: 0, ...options }))).toEqual({ [mark]: 'lost' });
    expect(await ledger.leases()).toHaveLength(remains);
  });

  test('belongs to its owner while that is alive.', async () => {
    const { client, simulator, another } = world();
    const owner = another();
    simulator.fail('startMr', { lost: 'before' });
    await owner.services.mr.start({ node_id: 1, ...image }, { retries: 0 }).catch(() => undefined);
    expect(Object.values(verdicts(await client.leases.reconcile()))).toEqual(['owned']);
  });
});

describe('A live owner', () => {
  test('keeps its sessions when another client reconciles.', async () => {
    const { client, simulator, another } = world();
    const { uuid, leaseId = '' } = await another().services.mr.start({ node_id: 1, ...image });
    for (let time = 0; time < 3; time++) {
      expect(verdicts(await client.leases.reconcile())).toEqual({ [leaseId]: 'owned' });
      await simulator.advance(10 * minuteMs);
    }
    expect([simulator.running, countOf(simulator, 'stopSession')]).toEqual([[uuid], 0]);
  });

  test('keeps them even if a first reconciliation could not read the ledger for a while.', async () => {
    const { client, simulator, another, ledger } = world();
    await another().services.mr.start({ node_id: 1, ...image });
    const own = freezable(ledger);
    const reaper = new OctaClient({ apiKey: 'a-key', fetch: simulator.fetch, ledger: own, logLevel: 'silent' });
    onTestFinished(() => reaper.close());
    const first = failureOf(reaper.leases.reconcile());
    await simulator.advance(2_000);
    own.isFrozen = true;
    expect(await first).toMatchObject({ message: 'the process is frozen' });
    await simulator.advance(10 * minuteMs);
    own.isFrozen = false;
    expect(Object.values(verdicts(await reaper.leases.reconcile()))).toEqual(['owned']);
    await client.close();
    expect(simulator.running).toHaveLength(1);
  });

  test('loses them if it no longer writes.', async () => {
    const { client, simulator, ledger } = world();
    const own = freezable(ledger);
    const owner = new OctaClient({ apiKey: 'a-key', fetch: simulator.fetch, ledger: own, logLevel: 'silent' });
    const { leaseId = '' } = await owner.services.mr.start({ node_id: 1, ...image });
    await simulator.advance(20_000);
    own.isFrozen = true;
    expect(verdicts(await client.leases.reconcile())).toEqual({ [leaseId]: 'stopped' });
    expect(simulator.running).toEqual([]);
  });

  test.each<[title: string, limits: object, agoMs: number, verdict: string]>([
    ['time, exceeded more than a minute ago', { maxDurationMs: 600_000 }, 662_000, 'stopped'],
    ['time, exceeded just now', { maxDurationMs: 600_000 }, 630_000, 'owned'],
    ['money, exceeded long ago', { maxSpend: '1000' }, 3_600_000, 'stopped'],
    ['money, far from reached', { maxSpend: '1000000000000000000000000' }, 3_600_000, 'owned'],
    ['none', {}, 3_600_000, 'owned'],
  ])('has its session stopped only at an exceeded limit: %s.', async (_, limits, agoMs, verdict) => {
    const { client, simulator, ledger, another } = world();
    const owner = another();
    // It is alive, but does not enforce its limits.
    await owner.services.mr.start({ node_id: 2, ...image });
    const [{ owner: id } = { owner: '' }] = await ledger.beats();
    const { uuid } = simulator.startForeign({ node_id: 1, agoMs, envs: { OCTA_LEASE_ID: mark } });
    await ledger.put(recordOf(client, { uuid, state: 'running', agoMs, limits, owner: id }));
    expect(verdicts(await client.leases.reconcile())[mark]).toBe(verdict);
    expect(simulator.running.includes(uuid)).toBe(verdict === 'owned');
  });

  test('also has a kept session stopped at its limit, even with adopt.', async () => {
    const { client, simulator, orphan } = world();
    await orphan({ kept: true, limits: { maxDurationMs: 600_000 }, agoMs: 700_000 });
    expect(verdicts(await client.leases.reconcile({ ttlMs: 0, adopt: true }))).toEqual({ [mark]: 'stopped' });
    expect(simulator.running).toEqual([]);
  });
});

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('A second session of the start of a dead owner', () => {
  test.each([
    ['running', 'if the first was stopped'],
    ['over', 'if the first was over'],
  ])('is also stopped if a list shows it only later (first session %s).', async (state) => {
    const { client, another, simulator, ledger, orphan } = world();
    const uuid = await orphan();
    const foreign = simulator.startForeign({ node_id: 2 }).uuid;
    if (state === 'over') await another().services.session(uuid).stop();
    await client.leases.reconcile({ ttlMs: 0 });
    const second = simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: mark } }).uuid;
    await simulator.advance(20_000);
    expect((await client.sessions.list()).map((session) => session.uuid)).toContain(second);
    await simulator.advance(20_000);
    expect(simulator.running).toEqual([foreign]);
    expect(await ledger.leases()).toEqual([]);
  });

  test('does not prevent the use of the lease id for a new rental.', async () => {
    const { client, simulator, orphan } = world();
    await orphan();
    await client.leases.reconcile({ ttlMs: 0 });
    const session = await client.services.mr.rent({ node_id: 2, ...image }, { id: mark });
    await simulator.advance(60_000);
    expect([session.leaseId, simulator.running]).toEqual([mark, [session.uuid]]);
  });

  test('is not searched for indefinitely.', async () => {
    const { client, simulator, orphan } = world();
    const { attempts } = contextOf(client);
    for (let round = 0; round < 3; round++) {
      await orphan({ leaseId: `lease-${round}` });
      await client.leases.reconcile({ ttlMs: 0 });
      await simulator.advance(16 * minuteMs);
    }
    expect([...attempts.keys()]).toEqual(['lease-2']);
  });

  test('is not touched if the first was kept.', async () => {
    const { client, simulator, orphan } = world();
    const uuid = await orphan({ kept: true });
    await client.leases.reconcile({ ttlMs: 0 });
    const second = simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: mark } }).uuid;
    await client.sessions.list();
    await simulator.advance(20_000);
    expect(new Set(simulator.running)).toEqual(new Set([uuid, second]));
  });
});

test('Sessions of the account without a lease are returned as unmarked, and not touched.', async () => {
  const { client, simulator, orphan } = world();
  const { uuid: own } = await client.services.mr.start({ node_id: 2, ...image });
  const theirs = [
    simulator.startForeign({ node_id: 3 }),
    simulator.startForeign({ node_id: 3, envs: { OCTA_LEASE_ID: 'theirs' } }),
  ];
  await orphan();
  const { unmarked, leases } = await client.leases.reconcile({ ttlMs: 0 });
  expect(unmarked.map(({ uuid }) => uuid)).toEqual(theirs.map(({ uuid }) => uuid));
  expect(leases.map(({ verdict }) => verdict).sort()).toEqual(['owned', 'stopped']);
  expect(simulator.running.toSorted()).toEqual([own, ...theirs.map(({ uuid }) => uuid)].toSorted());
});

test('If two clients reconcile at once, one stops the session, and neither throws.', async () => {
  const { client, simulator, another, orphan, ledger } = world();
  for (const leaseId of ['a', 'b', 'c']) await orphan({ leaseId });
  const results = await Promise.all([client, another()].map((each) => each.leases.reconcile({ ttlMs: 0 })));
  for (const leaseId of ['a', 'b', 'c']) {
    const both = results.map((result) => verdicts(result)[leaseId]).sort();
    expect([
      ['owned', 'stopped'],
      ['over', 'stopped'],
    ]).toContainEqual(both);
  }
  expect([simulator.running, await ledger.leases()]).toEqual([[], []]);
});

test('The failure of one lease is returned with it, and the others are settled.', async () => {
  const { client, simulator, ledger, orphan } = world();
  await orphan({ leaseId: 'a' });
  await orphan({ leaseId: 'b' });
  let isFirst = true;
  ledger.before = (write) => {
    if (write !== 'claim' || !isFirst) return undefined;
    isFirst = false;
    return Promise.reject(new Error('disk full'));
  };
  const { leases } = await client.leases.reconcile({ ttlMs: 0 });
  expect(leases.map(({ verdict, error }) => [verdict, error])).toEqual([
    ['unresolved', new Error('disk full')],
    ['stopped', undefined],
  ]);
  expect(simulator.running).toHaveLength(1);
});

test('Many leases are settled, and returned in order.', async () => {
  const { client, simulator, orphan } = world();
  const ids = Array.from({ length: 20 }, (_, at) => `lease-${at}`);
  for (const leaseId of ids) await orphan({ leaseId });
  const { leases } = await client.leases.reconcile({ ttlMs: 0 });
  expect(leases.map(({ leaseId, verdict }) => [leaseId, verdict])).toEqual(ids.map((id) => [id, 'stopped']));
  expect(simulator.running).toEqual([]);
});

test('reconcile throws if the API or the ledger cannot be read, or an option is wrong.', async () => {
  const { client, simulator, ledger, orphan } = world();
  await orphan();
  simulator.fail('listSessions', { status: 401 });
  await expect(client.leases.reconcile({ ttlMs: 0 })).rejects.toMatchObject({ status: 401 });
  await failure(client.leases.reconcile({ ttl: 0 } as never), OctaConfigurationError);
  expect([simulator.running.length, (await ledger.leases()).length]).toEqual([1, 1]);
});

describe('A program that resumes', () => {
  test('attaches to its session, with its guard.', async () => {
    const { client, simulator, ledger, orphan } = world();
    const uuid = await orphan({ limits: { maxDurationMs: 600_000 } });
    const session = await client.leases.attach(mark);
    expect([session.uuid, session.leaseId, session.guards.length]).toEqual([uuid, mark, 1]);
    expect((await client.leases.attach(mark)).uuid).toBe(uuid);
    expect((await ledger.leases())[0]?.owner).not.toBe('dead');
    await session.stop({ verify: true });
    await simulator.advance(1_000);
    expect([simulator.running, await ledger.leases()]).toEqual([[], []]);
  });

  test('attaches even if the response to its start never arrived.', async () => {
    const { client, simulator, ledger } = world();
    const { uuid } = simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: mark } });
    await ledger.put(recordOf(client));
    expect((await client.leases.attach(mark)).uuid).toBe(uuid);
    await simulator.advance(1_000);
    expect(await ledger.leases()).toMatchObject([{ uuid, state: 'running' }]);
  });

  test('gets an error if there is no such lease or session.', async () => {
    const { client, ledger } = world();
    await ledger.put(recordOf(client));
    const messageFor = async (id: string) => (await failure(client.leases.attach(id), OctaConfigurationError)).message;
    expect(await messageFor('another')).toBe('attach: lease "another" is not in the ledger');
    expect(await messageFor(mark)).toBe('attach: lease "lease-1" has no session in the active list');
  });

  test('gets an error if another client was faster.', async () => {
    const { client, ledger, orphan } = world();
    await orphan();
    ledger.before = (write) => (write === 'claim' ? ledger.put(recordOf(client, { owner: 'another' })) : undefined);
    const error = await failure(client.leases.attach(mark), OctaConfigurationError);
    expect(error.message).toBe('attach: lease "lease-1" was just claimed by another client');
  });

  test('lists all leases.', async () => {
    const { client, orphan } = world();
    const uuid = await orphan();
    expect(await client.leases.list()).toMatchObject([{ leaseId: mark, uuid, owner: 'dead' }]);
  });
});

test.each([-1, 1, 29_999, Number.POSITIVE_INFINITY])(
  'ttlMs may not be %d, because living owners would count as dead.',
  async (ttlMs) => {
    const { client, simulator, orphan } = world();
    const uuid = await orphan();
    const error = await failure(client.leases.reconcile({ ttlMs }), OctaConfigurationError);
    expect(error.message).toMatch(/^ttlMs is .*; allowed: .* 30000 or more.* every 15000 ms; or 0 if all other owners/);
    expect([simulator.running, countOf(simulator, 'listSessions')]).toEqual([[uuid], 0]);
  },
);
