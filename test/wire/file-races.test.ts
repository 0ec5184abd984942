import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { link, open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LeaseRecord } from '../../src/index.ts';
import { fileLedger } from '../../src/node/index.ts';

vi.mock('node:fs/promises', { spy: true });

const lease: LeaseRecord = {
  ...{ version: 1, leaseId: 'lease-1', state: 'starting', service: 'mr', nodeId: 7, sentAt: 1000, owner: 'one' },
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'octaspace-races-'));
});
afterEach(() => {
  vi.resetAllMocks();
  rmSync(folder, { recursive: true });
});

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: from the test`), { code });
}

test('A lease that is claimed while the folder is read is listed with its new owner.', async () => {
  const ledger = fileLedger(folder);
  await ledger.put(lease);
  vi.mocked(readFile).mockImplementationOnce(async () => {
    await fileLedger(folder).claim('lease-1', 'one', 'two');
    throw failure('ENOENT');
  });
  expect(await ledger.list()).toEqual([{ ...lease, owner: 'two' }]);
});

test('A lease that is removed while the folder is read is not listed.', async () => {
  const ledger = fileLedger(folder);
  await ledger.put(lease);
  vi.mocked(readFile).mockImplementationOnce(async () => {
    await fileLedger(folder).delete('lease-1');
    throw failure('ENOENT');
  });
  expect(await ledger.list()).toEqual([]);
});

test('A claim of a lease that is removed meanwhile fails, and does not bring it back.', async () => {
  const ledger = fileLedger(folder);
  await ledger.put(lease);
  const { link: real } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
  vi.mocked(link).mockImplementationOnce(async (...given) => {
    await fileLedger(folder).delete('lease-1');
    await real(...given);
  });
  expect(await ledger.claim('lease-1', 'one', 'two')).toBe(false);
  expect(await ledger.list()).toEqual([]);
});

test('If two processes store a new lease at the same time, the second one replaces it.', async () => {
  vi.mocked(link).mockRejectedValueOnce(failure('EEXIST'));
  const ledger = fileLedger(folder);
  await ledger.put(lease);
  expect(await ledger.list()).toEqual([lease]);
});

test('A file system without hard links is reported by put and by claim.', async () => {
  const ledger = fileLedger(folder);
  await ledger.put(lease);
  vi.mocked(link).mockRejectedValue(failure('ENOTSUP'));
  await expect(ledger.claim('lease-1', 'one', 'two')).rejects.toThrow(
    `cannot claim lease-1 in the lease ledger ${folder}`,
  );
  await expect(ledger.put({ ...lease, leaseId: 'lease-2' })).rejects.toThrow('ENOTSUP');
  expect(await ledger.list()).toEqual([lease]);
});

test('row 37: a full disk is named, and leaves no temporary file behind.', async () => {
  const { open: real } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
  vi.mocked(open).mockImplementationOnce(async (...given) => {
    const file = await real(...given);
    vi.spyOn(file, 'writeFile').mockRejectedValue(failure('ENOSPC'));
    return file;
  });
  await expect(fileLedger(folder).put(lease)).rejects.toThrow(`the lease ledger ${folder}: ENOSPC`);
  expect(readdirSync(folder)).toEqual([]);
});

test('A folder that cannot be read is named.', async () => {
  const ledger = fileLedger(folder);
  await ledger.put(lease);
  vi.mocked(readFile).mockRejectedValue(failure('EIO'));
  await expect(ledger.list()).rejects.toThrow(`cannot read the lease ledger ${folder}: EIO`);
});
