/** What a client stores about its sessions, and when. */
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  OctaClient,
  type OctaClientOptions,
  OctaError,
  OctaNetworkError,
  OctaProvisionRejectedError,
  OctaSessionError,
} from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { freezable, type WatchedLedger, watchedLedger } from '../../support/leases.ts';
import { countOf, image, market } from '../../support/market.ts';

/** A market with a ledger, and a client whose log is kept. */
function world(options: Parameters<typeof market>[0] = {}, clientOptions: OctaClientOptions = {}) {
  const ledger = watchedLedger();
  const lines: string[] = [];
  const keep = (message: unknown) => void lines.push(String(message));
  const logger = { error: keep, warn: keep, info: keep, debug: keep };
  const made = market(options, { ledger, logger, logLevel: 'warn', retries: 0, ...clientOptions });
  return { ...made, ledger, lines };
}

async function onlyLease(ledger: WatchedLedger) {
  const [lease, ...more] = await ledger.leases();
  expect(more).toEqual([]);
  return lease;
}

const order = { node_id: 1, ...image };

describe('A start is stored', () => {
  test('before its request is sent.', async () => {
    const { client, ledger, simulator } = world();
    let release: () => void = () => undefined;
    ledger.before = (write) =>
      write === 'put starting'
        ? new Promise((resolve) => {
            release = resolve;
          })
        : undefined;
    const starting = client.services.mr.start(order).then((session) => session);
    await simulator.advance(2_000);
    expect(countOf(simulator, 'startMr')).toBe(0);
    ledger.before = () => undefined;
    release();
    await starting;
    expect(countOf(simulator, 'startMr')).toBe(1);
    expect(ledger.writes.slice(0, 2)).toEqual(['put beat', 'put starting']);
  });

  test('with everything that is needed to find its session, and without secrets.', async () => {
    const { client, ledger, simulator } = world();
    simulator.fail('startVpn', { lost: 'before' });
    await failure(client.services.vpn.start({ node_id: 21, subkind: 'ss' }), OctaNetworkError);
    const [{ owner } = { owner: '' }] = await ledger.beats();
    expect(await onlyLease(ledger)).toEqual({
      ...{ version: 1, leaseId: expect.any(String), state: 'starting', service: 'vpn', nodeId: 21, kind: 'ss' },
      ...{ sentAt: expect.any(Number), owner },
    });
    expect(JSON.stringify(await ledger.list())).not.toContain('a-key');
  });

  test('with its session, once that is known.', async () => {
    const { client, ledger } = world();
    const { uuid, leaseId } = await client.services.mr.start(order);
    await ledger.list();
    expect(await onlyLease(ledger)).toMatchObject({ leaseId, uuid, state: 'running', nodeId: 1 });
  });

  test('for each item of a batch.', async () => {
    const { client, ledger, simulator } = world();
    simulator.machine(2).refuse('busy');
    const results = await client.services.mr.startMany([order, { node_id: 2, ...image }, { node_id: 3, ...image }]);
    expect(results.map(({ status }) => status)).toEqual(['started', 'rejected', 'started']);
    expect((await ledger.leases()).map(({ nodeId, state }) => [nodeId, state])).toEqual([
      [1, 'running'],
      [3, 'running'],
    ]);
  });

  test('or is not sent.', async () => {
    const { client, ledger, simulator } = world();
    ledger.fail(Number.POSITIVE_INFINITY);
    for (const work of [
      () => client.services.mr.start(order),
      () => client.services.mr.rent({ ...image, node_id: 1 }),
    ]) {
      const error = await failure(Promise.resolve(work()), OctaError);
      expect(error.outcome).toBe('not-sent');
      expect(error.message).toMatch(
        /^the start was not sent, because the ledger could not store it: .*could not be written/,
      );
    }
    expect(countOf(simulator, 'startMr')).toBe(0);
    ledger.fail(1);
    await failure(client.services.mr.start(order), OctaError);
    await client.services.mr.start(order);
    expect(await onlyLease(ledger)).toMatchObject({ state: 'running' });
  });

  test('only if its request would be sent.', async () => {
    const { client, ledger } = world();
    await client.services.mr.start({ node_id: 1 } as never).catch(() => undefined);
    await client.services.mr.start(order, { signal: AbortSignal.abort() }).catch(() => undefined);
    expect(await ledger.leases()).toEqual([]);
  });
});

describe('The record of a start', () => {
  test('is deleted if it is refused.', async () => {
    const { client, ledger, simulator } = world();
    simulator.machine(1).refuse('busy');
    await failure(client.services.mr.start(order), OctaProvisionRejectedError);
    simulator.fail('startMr', { status: 409 });
    await client.services.mr.start(order).catch(() => undefined);
    expect(await ledger.leases()).toEqual([]);
  });

  test('stays while its outcome is unknown, and gets the session that appears.', async () => {
    const { client, ledger, simulator } = world();
    simulator.fail('startMr', { lost: 'after' });
    const { leaseId } = await failure(client.services.mr.start(order), OctaNetworkError);
    expect(await onlyLease(ledger)).toMatchObject({ leaseId, state: 'starting' });
    await simulator.advance(20_000);
    expect(await onlyLease(ledger)).toMatchObject({ leaseId, state: 'running', uuid: simulator.running[0] });
  });

  test('is deleted once its session is proven over, not before.', async () => {
    const { client, ledger, simulator } = world({ lag: { endsMs: 20_000 } });
    const session = await client.services.mr.start(order);
    await session.stop();
    expect(await onlyLease(ledger)).toMatchObject({ uuid: session.uuid });
    await simulator.advance(15_000);
    expect(await onlyLease(ledger)).toMatchObject({ uuid: session.uuid });
    await simulator.advance(60_000);
    expect(await ledger.leases()).toEqual([]);
  });

  test('is deleted when the session of a rental is stopped because it never became ready.', async () => {
    const { client, ledger, simulator } = world();
    simulator.machine(1).neverReady();
    await failure(client.services.mr.rent({ node_id: 1, ...image }, { readyTimeoutMs: 10_000 }), OctaSessionError);
    await simulator.advance(30_000);
    expect([await ledger.leases(), simulator.running]).toEqual([[], []]);
  });

  test('has the limits of its guard, and whether it is kept.', async () => {
    const { client, ledger, simulator } = world();
    const session = await client.services.mr.start(order);
    const guard = session.guard({ maxDurationMs: 3_600_000, maxSpend: 10n ** 30n });
    session.keep();
    await simulator.advance(1_000);
    expect(await onlyLease(ledger)).toMatchObject({
      limits: { maxDurationMs: 3_600_000, maxSpend: '1000000000000000000000000000000' },
      kept: true,
    });
    guard.release();
  });

  test('is written again every 5 s while that fails, which is logged once.', async () => {
    const { client, ledger, simulator, lines } = world();
    ledger.before = (write) => (write === 'put running' ? Promise.reject(new Error('disk full')) : undefined);
    const { uuid, leaseId } = await client.services.mr.start(order);
    await simulator.advance(12_000);
    expect(lines.filter((line) => line.includes('disk full'))).toEqual([
      expect.stringContaining(`could not write lease ${leaseId} (session ${uuid}) to the ledger: Error: disk full`),
    ]);
    ledger.before = () => undefined;
    await simulator.advance(5_000);
    expect(await onlyLease(ledger)).toMatchObject({ state: 'running', uuid });
  });

  test('is not retried for ever when the client is closed.', async () => {
    const { client, ledger, simulator } = world();
    let tries = 0;
    ledger.before = (write) => {
      if (write !== 'put running') return undefined;
      tries++;
      return Promise.reject(new Error('disk full'));
    };
    await client.services.mr.start(order);
    await client.close();
    await simulator.advance(10_000);
    const before = tries;
    await simulator.advance(60_000);
    expect(before).toBeGreaterThan(2);
    expect(tries).toBe(before);
    expect(await onlyLease(ledger)).toMatchObject({ state: 'starting' });
  });
});

describe('A client writes a heartbeat', () => {
  test('every 15 s while it has sessions.', async () => {
    const { client, ledger, simulator } = world();
    const session = await client.services.mr.start(order);
    const beat = async () => (await ledger.beats()).map((each) => each.beat);
    expect(await beat()).toEqual([1]);
    await simulator.advance(61_000);
    expect(await beat()).toEqual([5]);
    await session.stop({ verify: true });
    await simulator.advance(20_000);
    expect(await ledger.list()).toEqual([]);
    await client.services.mr.start(order);
    expect(await ledger.beats()).toHaveLength(1);
  });

  test('neither without sessions, nor once it is closed.', async () => {
    const { client, ledger, simulator } = world();
    await client.sessions.list();
    expect(await ledger.list()).toEqual([]);
    await client.services.mr.start(order);
    await client.close();
    const [before] = await ledger.beats();
    await simulator.advance(60_000);
    expect(await ledger.beats()).toEqual([before]);
  });

  test('again after the ledger could not be written for a while.', async () => {
    const { client, ledger, simulator, lines } = world();
    await client.services.mr.start(order);
    ledger.fail(1);
    await simulator.advance(16_000);
    expect(lines).toEqual([expect.stringContaining('could not write the heartbeat to the ledger')]);
    await simulator.advance(15_000);
    expect((await ledger.beats())[0]?.beat).toBeGreaterThan(1);
  });
});

describe('A client that was suspended', () => {
  /** A client whose ledger does not respond for two minutes, something that happens meanwhile, and time to wake up. */
  async function woken(
    meanwhile: (given: ReturnType<typeof world> & { leaseId: string; uuid: string }) => Promise<void>,
  ) {
    const given = world();
    const { simulator, ledger } = given;
    const own = freezable(ledger);
    const client = new OctaClient({ apiKey: 'a-key', fetch: simulator.fetch, ledger: own, logLevel: 'silent' });
    onTestFinished(() => client.close());
    const { uuid, leaseId = '' } = await client.services.mr.start(order);
    await simulator.advance(1_000);
    own.isFrozen = true;
    await simulator.advance(120_000);
    await meanwhile({ ...given, leaseId, uuid });
    ledger.writes.length = 0;
    own.isFrozen = false;
    await simulator.advance(20_000);
    return { ...given, client, uuid, leaseId };
  }

  test('continues if nothing happened meanwhile.', async () => {
    const { ledger, uuid } = await woken(async () => undefined);
    expect(await onlyLease(ledger)).toMatchObject({ uuid });
    expect(ledger.writes.every((write) => write === 'put beat')).toBe(true);
  });

  test('writes a deleted record again if its session runs.', async () => {
    const { ledger, uuid, leaseId } = await woken(({ ledger: shared, leaseId: id }) => shared.delete(id));
    expect(await onlyLease(ledger)).toMatchObject({ uuid, leaseId, state: 'running' });
  });

  test('does not restore a record if its session is over.', async () => {
    const { ledger, client, uuid } = await woken(async ({ ledger: shared, leaseId, simulator }) => {
      const other = new OctaClient({ apiKey: 'a-key', fetch: simulator.fetch, logLevel: 'silent' });
      await other.sessions.stopAll();
      await shared.delete(leaseId);
    });
    expect(await ledger.leases()).toEqual([]);
    expect(ledger.writes).not.toContain('put running');
    expect(client.transportStats().leases?.held).toBe(0);
    expect(uuid).toEqual(expect.any(String));
  });

  test('gives up a lease that another client has claimed.', async () => {
    const { ledger, leaseId } = await woken(async ({ ledger: shared, leaseId: id }) => {
      const [record] = await shared.leases();
      expect(await shared.claim(id, record?.owner ?? '', 'another')).toBe(true);
    });
    expect(await onlyLease(ledger)).toMatchObject({ leaseId, owner: 'another' });
  });
});

test('Without a ledger nothing is written, and list and reconcile throw.', async () => {
  const { client } = market();
  await client.services.mr.start(order);
  await expect(client.leases.list()).rejects.toThrow('this method requires a client with the option `ledger`');
  await expect(client.leases.reconcile()).rejects.toThrow('this method requires a client with the option `ledger`');
});
