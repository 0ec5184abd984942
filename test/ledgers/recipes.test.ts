/** The recipes of docs/leases.md, on real servers, with many processes at once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import type { LeaseRecord } from '../../src/index.ts';
import { openRecipe, type Store } from '../support/ledger-clients.ts';
import { leaseRecord } from '../support/ledger-conformance.ts';
import { type ServedRecipe, serveRecipe } from '../support/ledger-recipes.ts';
import type { Confirmed, Work } from '../support/ledger-worker.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const processes = 16;

/** One of many processes, with what the ledger has confirmed to it. */
interface Worker {
  readonly owner: string;
  readonly confirmed: readonly Confirmed[];
  begin(): void;
  readonly done: Promise<number>;
}

function startWorker(work: Work): Worker {
  const given = ['--import', 'tsx', 'test/support/ledger-worker.ts', JSON.stringify(work)];
  const child = spawn(process.execPath, given, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const confirmed: Confirmed[] = [];
  createInterface(child.stdout).on('line', (line) => confirmed.push(JSON.parse(line)));
  const done = once(child, 'close').then(([code]) => Number(code ?? -1));
  return { owner: work.owner, confirmed, done, begin: () => void child.stdin.write('begin\n') };
}

/** How much there is to do. */
interface Plan {
  /** Records that each process puts. Unit: count. */
  readonly puts: number;
  /** Leases of a dead owner that all claim. Unit: count. */
  readonly shared: number;
}

/** Has many processes work on one ledger at once; `meanwhile` runs beside them. Gives what is in it then. */
async function workTogether(
  store: Store,
  { puts, shared }: Plan,
  meanwhile: (served: ServedRecipe, workers: readonly Worker[]) => Promise<void>,
): Promise<{ readonly records: readonly LeaseRecord[]; readonly workers: readonly Worker[] }> {
  await using served = await serveRecipe(store);
  await using opened = await openRecipe(store, served);
  const { file, url } = served;
  const claims = Array.from({ length: shared }, (_, nth) => `shared/${nth}`);
  for (const leaseId of claims) await opened.ledger.put(leaseRecord({ leaseId, owner: 'dead' }));
  const workers = Array.from({ length: processes }, (_, nth) =>
    startWorker({ store, file, url, owner: `process ${nth}`, puts, claims }),
  );
  for (const worker of workers) worker.begin();
  await meanwhile(served, workers);
  expect(await Promise.all(workers.map(({ done }) => done))).toEqual(workers.map(() => 0));
  const records = (await opened.ledger.list()).filter((record) => 'leaseId' in record);
  return { records, workers };
}

/** What a process has put last, and not deleted. */
function left({ confirmed }: Worker): LeaseRecord[] {
  const records = new Map<string, LeaseRecord>();
  for (const each of confirmed) {
    if ('put' in each) records.set(each.put.leaseId, each.put);
    else if ('deleted' in each) records.delete(each.deleted);
  }
  return [...records.values()];
}

/** The owners of the shared leases, as the ledger has them. */
function ownersOf(records: readonly LeaseRecord[]): Map<string, string> {
  const shared = records.filter(({ leaseId }) => leaseId.startsWith('shared/'));
  return new Map(shared.map(({ leaseId, owner }) => [leaseId, owner]));
}

/** Who was told to have won which lease. */
function winsOf(workers: readonly Worker[]): [leaseId: string, owner: string][] {
  return workers.flatMap(({ owner, confirmed }) =>
    confirmed.flatMap((each): [string, string][] => ('won' in each && each.won ? [[each.claimed, owner]] : [])),
  );
}

function byId(records: readonly LeaseRecord[]): Map<string, LeaseRecord> {
  return new Map(records.map((each) => [each.leaseId, each]));
}

for (const store of ['redis', 'postgres'] satisfies Store[]) {
  describe.skipIf(inject('skippedServers').includes(store))(`16 processes with the recipe for ${store}`, () => {
    test('lose no record, and each lease that all of them claim has one winner.', { timeout: 120_000 }, async () => {
      const plan = { puts: 30, shared: 60 };
      const { records, workers } = await workTogether(store, plan, async () => undefined);
      const mine = workers.flatMap(left);
      expect(mine).toHaveLength(processes * 20);
      const listed = byId(records);
      for (const record of mine) expect(listed.get(record.leaseId)).toEqual(record);
      expect(records).toHaveLength(mine.length + plan.shared);
      const wins = winsOf(workers);
      expect(wins).toHaveLength(plan.shared);
      expect(new Map(wins)).toEqual(ownersOf(records));
    });

    test('lose nothing that was confirmed when the server crashes.', { timeout: 120_000 }, async () => {
      const plan = { puts: 60, shared: 150 };
      let before = 0;
      const confirmations = (workers: readonly Worker[]) =>
        workers.reduce((sum, { confirmed }) => sum + confirmed.length, 0);
      const { records, workers } = await workTogether(store, plan, async (served, all) => {
        while (confirmations(all) < 1_000) await sleep(5);
        before = confirmations(all);
        await served.crash();
      });
      // The crash was in the middle.
      expect(confirmations(workers)).toBeGreaterThan(before + 1_000);
      const listed = byId(records);
      const mine = workers.flatMap(left);
      expect(mine).toHaveLength(processes * 40);
      for (const record of mine) expect(listed.get(record.leaseId)).toEqual(record);
      expect(records).toHaveLength(mine.length + plan.shared);
      const wins = winsOf(workers);
      const owners = ownersOf(records);
      expect(new Set(wins.map(([leaseId]) => leaseId)).size).toBe(wins.length);
      for (const [leaseId, owner] of wins) expect(owners.get(leaseId)).toBe(owner);
    });
  });
}
