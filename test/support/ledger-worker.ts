/**
 * A process that uses a ledger together with others: puts its own records, and claims leases that all others claim, too. It prints what
 * the ledger has confirmed, one line of JSON each.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseRecord } from '../../src/index.ts';
import { type OpenedLedger, openRecipe, type RecipePlace, type Store } from './ledger-clients.ts';

/** The task of one process. */
export interface Work extends RecipePlace {
  readonly store: Store;
  /** Name of the process. */
  readonly owner: string;
  /** How many records it puts; it deletes every third one. Unit: count. */
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

/** Repeats a function until it succeeds. */
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
    // The outcome of a claim without a response is unknown, so do not retry it.
    const won = await ledger.claim(leaseId, 'dead', owner).catch(() => undefined);
    if (won !== undefined) tell({ claimed: leaseId, won });
  }
}

const work: Work = JSON.parse(process.argv[2] ?? '{}');
await using opened = await openRecipe(work.store, work);
// All processes begin at the same time.
await new Promise((resolve) => process.stdin.once('data', resolve));
await Promise.all([put(work, opened), claim(work, opened)]);
process.stdin.destroy();
