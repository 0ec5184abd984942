import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Budget, LimitError } from '../../../../src/cli/mcp/limits.ts';
import { fileSpendStore, memorySpendStore, type SpendStore } from '../../../../src/cli/mcp/spend-store.ts';

const limits = { maxSpend: 60n, maxTotalSpend: 100n, maxMinutes: 60, maxSessions: 100 };
const hourMs = 3_600_000;
const wanted = (id: string, maxSpend: bigint) => ({ id, maxSpend, maxMinutes: 60 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'octaspace-mcp-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each<[string, (name: string) => SpendStore]>([
  ['a folder', (name) => fileSpendStore(join(folder, name))],
  ['memory', () => memorySpendStore()],
])('A budget in %s', (_, open) => {
  test('counts a reservation in full until its charge is known, and then the charge.', async () => {
    const budget = new Budget(limits, open('settle'), () => 0);
    await budget.reserve(wanted('a', 60n));
    await expect(budget.reserve(wanted('b', 41n))).rejects.toBeInstanceOf(LimitError);
    expect(await budget.state()).toEqual({ spent: 0n, reserved: 60n, left: 40n, sessions: 1 });
    budget.close('a');
    expect(await budget.state()).toMatchObject({ reserved: 60n, sessions: 0 });
    await budget.settle('a', 25n);
    expect(await budget.state()).toEqual({ spent: 25n, reserved: 0n, left: 75n, sessions: 0 });
    await budget.reserve(wanted('b', 60n));
    await expect(budget.reserve(wanted('c', 16n))).rejects.toThrow(
      'max_spend_octa is 0.000000000000000016, but 0.000000000000000015 OCTA are left',
    );
    await budget.reserve(wanted('d', 15n));
    expect(await budget.state()).toEqual({ spent: 25n, reserved: 75n, left: 0n, sessions: 2 });
  });

  test('remembers across a restart, for 24 hours.', async () => {
    const store = open('restart');
    let now = 0;
    const first = new Budget(limits, store, () => now);
    await first.reserve(wanted('settled', 40n));
    await first.settle('settled', 30n);
    await first.reserve(wanted('open', 50n));
    const second = new Budget(limits, store, () => now);
    expect(await second.state()).toEqual({ spent: 30n, reserved: 50n, left: 20n, sessions: 0 });
    now = 24 * hourMs;
    expect(await second.state()).toMatchObject({ spent: 0n, reserved: 50n });
    // It may have cost something until its limit of time.
    now = 25 * hourMs - 1;
    expect(await second.state()).toMatchObject({ reserved: 50n });
    now = 25 * hourMs;
    expect(await second.state()).toEqual({ spent: 0n, reserved: 0n, left: 100n, sessions: 0 });
    expect(await store.list()).toMatchObject([]);
  });

  test('is not passed by several servers that reserve at the same time.', async () => {
    const store = open('servers');
    const servers = Array.from({ length: 8 }, () => new Budget(limits, store, () => 0));
    const ids = servers.flatMap((server, at) => [0, 1, 2].map((each) => [server, `${at}-${each}`] as const));
    const results = await Promise.allSettled(ids.map(([server, id]) => server.reserve(wanted(id, 30n))));
    const reserved = results.filter(({ status }) => status === 'fulfilled').length;
    expect(reserved).toBeLessThanOrEqual(3);
    const [server] = servers;
    expect((await server?.state())?.reserved).toBe(BigInt(reserved) * 30n);
  });

  test('counts a session in full again when its start has begun a second one.', async () => {
    const budget = new Budget(limits, open('second'), () => 0);
    await budget.reserve(wanted('a', 60n));
    await budget.noteSession('a', 'UUID-1');
    await budget.settle('a', 5n);
    await budget.noteSession('a', 'uuid-1');
    expect(await budget.state()).toMatchObject({ spent: 5n, reserved: 0n });
    await budget.noteSession('a', 'uuid-2');
    expect(await budget.state()).toMatchObject({ spent: 0n, reserved: 60n });
    budget.close('a');
    expect(await budget.unsettled()).toMatchObject([{ id: 'a', uuids: ['uuid-1', 'uuid-2'] }]);
  });
});

test('A file that does not hold what was spent stops further sessions, and is named.', async () => {
  const place = join(folder, 'damaged');
  const budget = new Budget(limits, fileSpendStore(place), () => 0);
  await budget.reserve(wanted('a', 1n));
  await writeFile(join(place, 'spend.b.json'), '{"version":1,');
  await expect(budget.reserve(wanted('c', 1n))).rejects.toThrow(/spend\.b\.json does not contain a record of spending/);
  await expect(budget.state()).rejects.toThrow();
  expect((await readdir(place)).sort()).toEqual(['spend.a.json', 'spend.b.json']);
});

test('A folder has one file for each session, and no drafts.', async () => {
  const place = join(folder, 'files');
  const budget = new Budget(limits, fileSpendStore(place), () => 0);
  await budget.reserve(wanted('a', 1n));
  await budget.settle('a', 1n);
  expect(await readdir(place)).toEqual(['spend.a.json']);
});
