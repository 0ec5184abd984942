/** The required behaviour of every ledger, whatever its storage. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { HeartbeatRecord, LeaseLedger, LeaseRecord, SpentRecord } from '../../src/index.ts';

/** A record of a lease with a new id. */
export function leaseRecord(changes: Partial<LeaseRecord> = {}): LeaseRecord {
  return {
    version: 1,
    leaseId: randomUUID(),
    state: 'starting',
    service: 'mr',
    nodeId: 9010,
    sentAt: 1_764_430_517_303,
    owner: 'one',
    ...changes,
  };
}

/** A running session with all fields of a record. */
function fullRecord(): LeaseRecord {
  return leaseRecord({
    state: 'running',
    service: 'vpn',
    kind: 'wg',
    uuid: randomUUID(),
    // More digits than a number can hold exactly.
    limits: { maxSpend: '31428028938060847852', maxDurationMs: 3_600_000 },
    kept: true,
    totalSpend: { reserved: '31428028938060847852', windowMs: 86_400_000 },
  });
}

/** A heartbeat of an owner. */
function heartbeat(owner: string, beat: number): HeartbeatRecord {
  return { version: 1, id: `owner-${owner}`, owner, beat };
}

/** What a session has cost. */
function spentRecord(): SpentRecord {
  const uuid = randomUUID();
  const spent = { charge: '31428028938060847852', endedAt: 1_764_430_517_303, windowMs: 86_400_000, isEstimate: true };
  return { version: 1, id: `spent-${uuid}`, owner: 'one', uuid, ...spent };
}

type AnyRecord = LeaseRecord | HeartbeatRecord | SpentRecord;

function byId(records: readonly AnyRecord[]): AnyRecord[] {
  const idOf = (record: AnyRecord) => ('leaseId' in record ? record.leaseId : record.id);
  return [...records].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

/** Returns an empty ledger. */
export type OpenLedger = () => Promise<LeaseLedger>;

function testRecords(opened: OpenLedger): void {
  test('An empty ledger lists nothing.', async () => {
    const ledger = await opened();
    expect(await ledger.list()).toEqual([]);
  });

  test('A record is listed unchanged, to the last digit.', async () => {
    const ledger = await opened();
    const records = [fullRecord(), leaseRecord(), heartbeat('one', 1), spentRecord()];
    for (const record of records) await ledger.put(record);
    expect(byId(await ledger.list())).toEqual(byId(records));
  });

  test('A record replaces the one with the same id.', async () => {
    const ledger = await opened();
    const record = fullRecord();
    const { limits: _, kept: __, ...smaller } = record;
    await ledger.put(record);
    await ledger.put(smaller);
    await ledger.put(heartbeat('one', 1));
    await ledger.put(heartbeat('one', 2));
    expect(byId(await ledger.list())).toEqual(byId([smaller, heartbeat('one', 2)]));
  });

  test('Changes of an object after put, or of a listed object, have no effect.', async () => {
    const ledger = await opened();
    const record = { ...leaseRecord() };
    await ledger.put(record);
    record.owner = 'another';
    for (const listed of await ledger.list()) Object.assign(listed, { owner: 'another' });
    expect(await ledger.list()).toEqual([{ ...record, owner: 'one' }]);
  });

  test('An id may be any visible text.', async () => {
    const ledger = await opened();
    const ids = ['../up', 'a/b', 'C:\\x', '*', '%00', "'; DROP TABLE octa_leases; --", 'A', 'a', '~'.repeat(200)];
    const records = ids.map((leaseId) => leaseRecord({ leaseId }));
    for (const record of records) await ledger.put(record);
    expect(byId(await ledger.list())).toEqual(byId(records));
    for (const leaseId of ids) expect(await ledger.claim(leaseId, 'one', 'two')).toBe(true);
    for (const leaseId of ids) await ledger.delete(leaseId);
    expect(await ledger.list()).toEqual([]);
  });
}

function testClaims(opened: OpenLedger): void {
  test('A claim changes only the owner.', async () => {
    const ledger = await opened();
    const record = fullRecord();
    await ledger.put(record);
    expect(await ledger.claim(record.leaseId, 'one', 'two')).toBe(true);
    expect(await ledger.list()).toEqual([{ ...record, owner: 'two' }]);
  });

  test('A claim fails if the owner is different, or the lease is gone.', async () => {
    const ledger = await opened();
    const record = leaseRecord();
    await ledger.put(record);
    expect(await ledger.claim(record.leaseId, 'three', 'two')).toBe(false);
    expect(await ledger.claim(randomUUID(), 'one', 'two')).toBe(false);
    expect(await ledger.list()).toEqual([record]);
    await ledger.delete(record.leaseId);
    expect(await ledger.claim(record.leaseId, 'one', 'two')).toBe(false);
    expect(await ledger.list()).toEqual([]);
  });

  test('A heartbeat cannot be claimed.', async () => {
    const ledger = await opened();
    const beat = heartbeat('one', 1);
    await ledger.put(beat);
    expect(await ledger.claim(beat.id, 'one', 'two')).toBe(false);
    expect(await ledger.list()).toEqual([beat]);
  });

  test('Of many concurrent claims of a lease, exactly one succeeds.', async () => {
    const ledger = await opened();
    const record = leaseRecord();
    await ledger.put(record);
    const owners = Array.from({ length: 20 }, (_, index) => `owner ${index}`);
    const claims = await Promise.all(owners.map((owner) => ledger.claim(record.leaseId, 'one', owner)));
    const winners = owners.filter((_, index) => claims[index]);
    expect(winners).toHaveLength(1);
    expect(await ledger.list()).toEqual([{ ...record, owner: winners[0] }]);
  });
}

function testDeletion(opened: OpenLedger): void {
  test('A deleted record is gone, and can be deleted again.', async () => {
    const ledger = await opened();
    const [record, other] = [leaseRecord(), leaseRecord()];
    for (const each of [record, other, heartbeat('one', 1)]) await ledger.put(each);
    await ledger.delete(record.leaseId);
    await ledger.delete(record.leaseId);
    await ledger.delete('owner-one');
    await ledger.delete(randomUUID());
    expect(await ledger.list()).toEqual([other]);
  });

  test('Many concurrent puts and deletes lose no record.', async () => {
    const ledger = await opened();
    const records = Array.from({ length: 200 }, () => leaseRecord());
    await Promise.all(records.map((record) => ledger.put(record)));
    const [gone, left] = [records.slice(0, 100), records.slice(100)];
    await Promise.all([
      ...gone.map(({ leaseId }) => ledger.delete(leaseId)),
      ...left.map((record) => ledger.put({ ...record, state: 'running' })),
    ]);
    expect(byId(await ledger.list())).toEqual(byId(left.map((record) => ({ ...record, state: 'running' as const }))));
  });
}

/** Declares the tests of one ledger. */
export function testLedger(open: OpenLedger): void {
  testRecords(open);
  testClaims(open);
  testDeletion(open);
}
