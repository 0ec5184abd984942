/**
 * A process that uses a ledger beside others: puts records of its own, and claims leases that all others claim, too. What the ledger
 * has confirmed is printed, a line of JSON each.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseRecord } from '../../src/index.ts';
import { type OpenedLedger, openRecipe, type RecipePlace, type Store } from './ledger-clients.ts';

/** What one process does. */
export interface Work extends RecipePlace {
  readonly store: Store;
  /** Who the process is. */
  readonly owner: string;
  /** How many records it puts; of each third one it deletes what it has put. Unit: count. */
  readonly puts: number;
  /** Leases that it claims from `dead`. */
  readonly claims: readonly string[];
}

/** What the ledger has confirmed. */
export type Confirmed =
  | { readonly put: LeaseRecord }
  | { readonly deleted: string }
  | { readonly claimed: string; readonly won: boolean };

const tell = (confirmed: Confirmed) => console.log(JSON.stringify(confirmed));

/** Does something until it succeeds. */
async function insist(act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await act();
    } catch {
      await sleep(50);
    }
  }
}

async function put(work: Work, { ledger }: OpenedLedger): Promise<void> {
  const { owner } = work;
  for (let nth = 0; nth < work.puts; nth++) {
    const leaseId = `${owner}/${nth}`;
    const starting = {
      version: 1,
      leaseId,
      state: 'starting',
      service: 'mr',
      nodeId: nth,
      sentAt: nth,
      owner,
    } as const;
    const running = { ...starting, state: 'running', uuid: `uuid of ${leaseId}` } as const;
    for (const record of [starting, running]) {
      await insist(() => ledger.put(record));
      tell({ put: record });
    }
    if (nth % 3 > 0) continue;
    await insist(() => ledger.delete(leaseId));
    tell({ deleted: leaseId });
  }
}

async function claim({ owner, claims }: Work, { ledger }: OpenedLedger): Promise<void> {
  for (const leaseId of claims) {
    // What gets no answer is not known, and is not tried again.
    const won = await ledger.claim(leaseId, 'dead', owner).catch(() => undefined);
    if (won !== undefined) tell({ claimed: leaseId, won });
  }
}

const work: Work = JSON.parse(process.argv[2] ?? '{}');
await using opened = await openRecipe(work.store, work);
// Everybody begins at once.
await new Promise((resolve) => process.stdin.once('data', resolve));
await Promise.all([put(work, opened), claim(work, opened)]);
process.stdin.destroy();
