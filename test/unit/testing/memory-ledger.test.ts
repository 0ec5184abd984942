import { expect, test } from 'vitest';
import { type HeartbeatRecord, type LeaseRecord, OctaConfigurationError } from '../../../src/index.ts';
import { memoryLedger } from '../../../src/testing/index.ts';

const lease: LeaseRecord = {
  version: 1,
  leaseId: 'lease-1',
  state: 'starting',
  service: 'mr',
  nodeId: 7,
  sentAt: 1000,
  limits: { maxSpend: '31428028938060847852' },
  owner: 'one',
};
const beat: HeartbeatRecord = { version: 1, id: 'beat-1', owner: 'one', beat: 1 };

test('Stored records are returned, and a record replaces the one with the same id.', async () => {
  const ledger = memoryLedger();
  await ledger.put(lease);
  await ledger.put(beat);
  await ledger.put({ ...lease, state: 'running', uuid: 'a' });
  expect(await ledger.list()).toEqual([{ ...lease, state: 'running', uuid: 'a' }, beat]);
  await ledger.delete('lease-1');
  await ledger.delete('lease-1');
  expect(await ledger.list()).toEqual([beat]);
});

test('Records share no objects with the callers of put and list.', async () => {
  const ledger = memoryLedger();
  const limits = { maxSpend: '1' };
  const putting = ledger.put({ ...lease, limits });
  limits.maxSpend = '2';
  await putting;
  const [first] = await ledger.list();
  Object.assign(Object(first), { owner: 'thief' });
  expect(await ledger.list()).toEqual([{ ...lease, limits: { maxSpend: '1' } }]);
});

test('A lease is claimed once, from its owner only.', async () => {
  const ledger = memoryLedger();
  await ledger.put(lease);
  await ledger.put(beat);
  expect(await ledger.claim('lease-1', 'another', 'two')).toBe(false);
  const claims = [ledger.claim('lease-1', 'one', 'two'), ledger.claim('lease-1', 'one', 'three')];
  expect(await Promise.all(claims)).toEqual([true, false]);
  expect(await ledger.list()).toEqual([{ ...lease, owner: 'two' }, beat]);
  expect(await ledger.claim('beat-1', 'one', 'two')).toBe(false);
  expect(await ledger.claim('unknown', 'one', 'two')).toBe(false);
});

test('Writes can be made to fail; they change nothing, and reads still succeed.', async () => {
  const ledger = memoryLedger();
  await ledger.put(lease);
  ledger.fail(3);
  await expect(ledger.put({ ...lease, owner: 'two' })).rejects.toThrow('could not be written');
  await expect(ledger.claim('lease-1', 'one', 'two')).rejects.toThrow('could not be written');
  await expect(ledger.delete('lease-1')).rejects.toThrow('could not be written');
  expect(await ledger.list()).toEqual([lease]);
  await ledger.delete('lease-1');
  expect(await ledger.list()).toEqual([]);
  ledger.fail();
  await expect(ledger.put(lease)).rejects.toThrow('could not be written');
  await ledger.put(lease);
  expect(() => ledger.fail(0)).toThrow(OctaConfigurationError);
});
