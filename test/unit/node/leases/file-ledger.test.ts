import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type HeartbeatRecord, type LeaseRecord, OctaClient } from '../../../../src/index.ts';
import { fileLedger, type LedgerProblem } from '../../../../src/node/index.ts';
import { buildPrograms } from '../../../support/built.ts';

const lease: LeaseRecord = {
  version: 1,
  leaseId: 'lease-1',
  state: 'starting',
  service: 'mr',
  nodeId: 7,
  sentAt: 1000,
  owner: 'one',
};
const beat: HeartbeatRecord = { version: 1, id: 'owner-one', owner: 'one', beat: 1 };

let folder: string;
let problems: LedgerProblem[];
const onProblem = (problem: LedgerProblem) => void problems.push(problem);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'octaspace-ledger-'));
  problems = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('put, list and delete', () => {
  test('Records are stored and listed, and a record replaces one with the same id.', async () => {
    const ledger = fileLedger(folder);
    await ledger.put(lease);
    await ledger.put(beat);
    await ledger.put({ ...beat, beat: 2 });
    await fileLedger(folder).put({ ...lease, state: 'running', uuid: 'u-1' });
    const records = await ledger.list();
    expect(records).toHaveLength(2);
    expect(records).toEqual(
      expect.arrayContaining([
        { ...lease, state: 'running', uuid: 'u-1' },
        { ...beat, beat: 2 },
      ]),
    );
    await ledger.delete('lease-1');
    await ledger.delete('lease-1');
    await ledger.delete('owner-one');
    expect(await ledger.list()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(['../up', 'a/b\\c', 'CON', 'a', 'A', '.', '..', '~'.repeat(200), `${'~'.repeat(199)}!`, '%2e=_'])(
    'An id may be %j.',
    async (leaseId) => {
      const ledger = fileLedger(folder);
      await ledger.put({ ...lease, leaseId });
      await ledger.put({ ...lease, leaseId: `${leaseId.slice(0, 198)}-2` });
      expect((await ledger.list()).map((record) => ('leaseId' in record ? record.leaseId : ''))).toContain(leaseId);
      expect(await ledger.claim(leaseId, 'one', 'two')).toBe(true);
      await ledger.delete(leaseId);
      expect(await ledger.list()).toHaveLength(1);
    },
  );

  test('Ids that differ only in letter case have clearly different file names.', async () => {
    const ledger = fileLedger(folder);
    await ledger.put({ ...lease, leaseId: 'a' });
    await ledger.put({ ...lease, leaseId: 'A' });
    expect(new Set(readdirSync(folder).map((name) => name.toLowerCase())).size).toBe(2);
  });

  test('The folder is created on first use, and other users cannot read it or its files.', async () => {
    const below = join(folder, 'made', 'here');
    const ledger = fileLedger(below);
    expect(await ledger.list()).toEqual([]);
    await ledger.put(lease);
    expect(statSync(below).mode & 0o777).toBe(0o700);
    const [name = ''] = readdirSync(below);
    expect(statSync(join(below, name)).mode & 0o777).toBe(0o600);
  });

  test('Leftovers of dead processes are removed after a while: temporary files and heartbeats.', async () => {
    const ledger = fileLedger(folder, { onProblem });
    await ledger.put(beat);
    writeFileSync(join(folder, '.abandoned.tmp'), '{');
    writeFileSync(join(folder, '.new.tmp'), '{');
    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
    for (const name of readdirSync(folder)) {
      if (name !== '.new.tmp') utimesSync(join(folder, name), twoDaysAgo, twoDaysAgo);
    }
    expect(await ledger.list()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['.new.tmp']);
    expect(problems).toEqual([]);
  });
});

describe('claim', () => {
  test('A lease is claimed once, from its owner only.', async () => {
    const ledger = fileLedger(folder);
    await ledger.put(lease);
    await ledger.put(beat);
    expect(await ledger.claim('lease-1', 'another', 'two')).toBe(false);
    const claims = ['two', 'three', 'four'].map((owner) => fileLedger(folder).claim('lease-1', 'one', owner));
    const won = (await Promise.all(claims)).filter(Boolean);
    expect(won).toEqual([true]);
    expect(await ledger.claim('owner-one', 'one', 'two')).toBe(false);
    expect(await ledger.claim('unknown', 'one', 'two')).toBe(false);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('An owner that lost its lease does not get it back by a write in progress.', async () => {
    const ledger = fileLedger(folder);
    const another = fileLedger(folder);
    await ledger.put(lease);
    expect(await another.claim('lease-1', 'one', 'two')).toBe(true);
    await ledger.put({ ...lease, uuid: 'late' });
    expect(await ledger.list()).toEqual([{ ...lease, owner: 'two' }]);
    await ledger.delete('lease-1');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('A claimer that crashed halfway does not block others.', async () => {
    const ledger = fileLedger(folder);
    await ledger.put(lease);
    // Both generations are there when the process dies between the two steps.
    writeFileSync(join(folder, 'lease.lease-1.1.json'), JSON.stringify({ ...lease, owner: 'dead' }));
    expect(await ledger.claim('lease-1', 'one', 'two')).toBe(false);
    expect(await ledger.claim('lease-1', 'dead', 'two')).toBe(true);
    expect(await ledger.list()).toEqual([{ ...lease, owner: 'two' }]);
  });

  test('Of 16 processes that claim the same leases at once, one gets each.', async () => {
    await using built = await buildPrograms({ claimer: 'test/unit/node/leases/claimer.ts' });
    const ledger = fileLedger(folder);
    const ids = Array.from({ length: 20 }, (_, index) => `lease-${index}`);
    for (const leaseId of ids) await ledger.put({ ...lease, leaseId, owner: 'dead' });
    const startAt = String(Date.now() + 2_000);
    const owners = Array.from({ length: 16 }, (_, index) => `process-${index}`);
    const won = await Promise.all(
      owners.map(async (owner) => {
        const given = [built.path('claimer'), folder, owner, startAt, ...ids];
        const { stdout } = await promisify(execFile)(process.execPath, given);
        return JSON.parse(stdout) as string[];
      }),
    );
    expect(won.flat().sort()).toEqual([...ids].sort());
    const records = (await ledger.list()) as LeaseRecord[];
    for (const { leaseId, owner } of records) expect(won[owners.indexOf(owner)]).toContain(leaseId);
    expect(readdirSync(folder)).toHaveLength(ids.length);
  }, 30_000);
});

describe('row 37: files that cannot be used', () => {
  const cases: [title: string, name: string, text: string, reason: string][] = [
    ['torn', 'lease.torn.0.json', JSON.stringify(lease).slice(0, 30), 'damaged'],
    ['empty', 'lease.empty.0.json', '', 'damaged'],
    ['not an object', 'lease.number.0.json', '1', 'damaged'],
    ['without a field', 'lease.lease-1.0.json', JSON.stringify({ ...lease, owner: undefined }), 'damaged'],
    ['a heartbeat without a field', 'beat.owner-one.json', '{"version":1,"id":"owner-one"}', 'damaged'],
    ['of another version', 'lease.lease-1.0.json', JSON.stringify({ ...lease, version: 2 }), 'other-version'],
    ['under another name', 'lease.lease-2.0.json', JSON.stringify(lease), 'foreign'],
    ['of somebody else', 'notes.txt', 'hello', 'foreign'],
  ];
  test.each(cases)('A file that is %s is reported once, and not changed.', async (_, name, text, reason) => {
    const ledger = fileLedger(folder, { onProblem });
    await ledger.put({ ...lease, leaseId: 'good' });
    writeFileSync(join(folder, name), text);
    for (const _ of [1, 2]) expect(await ledger.list()).toEqual([{ ...lease, leaseId: 'good' }]);
    const file = join(folder, name);
    const mayBeLease = name.startsWith('lease.');
    expect(problems).toEqual([{ file, reason, mayBeLease, message: expect.stringContaining(file) }]);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test.each<[title: string, make: (path: string) => void]>([
    ['folder', (path) => mkdirSync(path)],
    ['link to itself', (path) => symlinkSync(path, path)],
  ])('A %s with the name of a record is reported, and the other records are used.', async (title, make) => {
    const ledger = fileLedger(folder, { onProblem });
    await ledger.put({ ...lease, leaseId: 'good' });
    for (const name of ['lease.dir.0.json', 'beat.dir.json']) make(join(folder, name));
    expect(await ledger.list()).toEqual([{ ...lease, leaseId: 'good' }]);
    expect(problems.map(({ file, reason, mayBeLease }) => [file, reason, mayBeLease]).sort()).toEqual([
      [join(folder, 'beat.dir.json'), 'unreadable', false],
      [join(folder, 'lease.dir.0.json'), 'unreadable', true],
    ]);
    expect(problems[0]?.message).toContain(`cannot be used: it is a ${title}`);
    expect(await ledger.claim('good', 'one', 'two')).toBe(true);
    await ledger.delete('good');
    expect(await ledger.list()).toEqual([]);
  });

  test('A file in the place of the folder is an error.', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    await expect(fileLedger(path).list()).rejects.toThrow('ENOTDIR');
  });

  test('By default they are reported on the console.', async () => {
    using warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    writeFileSync(join(folder, 'notes.txt'), '');
    await fileLedger(folder).list();
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^octaspace: .*notes\.txt in the lease ledger cannot/)]]);
  });

  test('A lease that is stored again replaces its damaged file.', async () => {
    const ledger = fileLedger(folder, { onProblem });
    writeFileSync(join(folder, 'lease.lease-1.3.json'), '{');
    await ledger.put(lease);
    expect(await ledger.list()).toEqual([lease]);
  });
});

test('row 37: rent fails before it sends the start when the folder cannot be written.', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  const sent: string[] = [];
  const fetch = async (url: string, init?: { readonly method?: string }) => {
    sent.push(`${init?.method} ${new URL(url).pathname}`);
    return new Response('[]');
  };
  const client = new OctaClient({ apiKey: 'key', fetch, ledger: fileLedger(join(path, 'leases')) });
  const renting = client.services.mr.rent({ node_id: 7, disk_size: 10, image: 'ubuntu:24.04' });
  await expect(renting).rejects.toMatchObject({
    outcome: 'not-sent',
    message: expect.stringMatching(/ledger.*\/file\/leases: ENOTDIR/),
  });
  expect(sent.filter((each) => each.startsWith('POST'))).toEqual([]);
});

test.each<[given: unknown, options: unknown, message: string]>([
  ['', {}, 'directory must be a non-empty string'],
  [undefined, {}, 'directory must be a non-empty string'],
  ['x', { onProblems: () => undefined }, 'unknown option "onProblems" for fileLedger'],
  ['x', { onProblem: 'log' }, 'onProblem of fileLedger must be a function'],
])('fileLedger(%j, %j) is refused.', (given, options, message) => {
  expect(() => fileLedger(given as string, options as object)).toThrow(message);
});
