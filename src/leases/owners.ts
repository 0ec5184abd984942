/** Finds the dead owners in a ledger: those whose heartbeat does not change. */
import type { Check } from '../core/checks.ts';
import type { HeartbeatRecord, LeaseLedger, LeaseRecord } from '../core/lease-types.ts';
import type { Context } from './context.ts';
import { beatEveryMs, type LedgerWriter } from './ledger.ts';
import { leasesIn, outdatedIn } from './records.ts';

/** The records of a ledger, and its dead owners. */
export interface Owned {
  readonly records: readonly LeaseRecord[];
  readonly dead: ReadonlySet<string>;
  /** Whether a dead owner is still dead: settling takes a while, and an owner that was only suspended may be back. */
  readonly isStillDead: (owner: string) => Promise<boolean>;
}

/** Time between two reads of the ledger. Unit: ms. */
const lookEveryMs = 5_000;
/** A living owner may write one heartbeat late. Unit: ms. */
const leastTtlMs = 2 * beatEveryMs;

/** A check for `ttlMs`. */
export const aTtl: Check = (value) =>
  value === 0 || (typeof value === 'number' && Number.isFinite(value) && value >= leastTtlMs)
    ? undefined
    : `a number of milliseconds, ${leastTtlMs} or more, because living owners write a heartbeat only every ${beatEveryMs} ms; or 0 if all other owners are dead`;

/** The last heartbeat of an owner, when it last changed, and whether it changed during this watch. Unit: ms of the clock. */
interface Heard {
  readonly beat: number | undefined;
  readonly since: number;
  isAlive: boolean;
}

const heardByContext = /* @__PURE__ */ new WeakMap<Context, Map<string, Heard>>();

type Records = Awaited<ReturnType<LeaseLedger['list']>>;

function isBeat(record: Records[number]): record is HeartbeatRecord {
  return 'beat' in record;
}

function beatsIn(all: Records): Map<string, number> {
  return new Map(all.filter(isBeat).map(({ owner, beat }) => [owner, beat]));
}

/** Records the current heartbeat of every owner. */
function hear(heard: Map<string, Heard>, all: Records, now: number): void {
  const beats = beatsIn(all);
  const owners = new Set(all.map(({ owner }) => owner));
  // Owners come and go. A process that watches for months must not remember them all.
  for (const owner of heard.keys()) if (!owners.has(owner)) heard.delete(owner);
  for (const owner of owners) {
    const [known, beat] = [heard.get(owner), beats.get(owner)];
    if (known === undefined || known.beat !== beat)
      heard.set(owner, { beat, since: now, isAlive: known !== undefined && beat !== undefined });
  }
}

/** Compares the heartbeats with those in `all`. Reads the ledger again if the last read is too old. */
function stillDead({ caller: { time } }: Context, store: LeaseLedger, all: Records): Owned['isStillDead'] {
  const before = beatsIn(all);
  let readAt = time.now();
  let latest = Promise.resolve(before);
  return async (owner) => {
    if (time.now() - readAt >= lookEveryMs) {
      readAt = time.now();
      latest = store.list().then(beatsIn);
    }
    const beat = (await latest).get(owner);
    return beat === undefined || beat === before.get(owner);
  };
}

/**
 * Reads the ledger until each owner is known to be alive or dead: its heartbeat changes, or does not change for `ttlMs` by the clock of
 * this process. Observations of earlier watches count.
 */
export async function watchOwners(
  context: Context,
  { store, owner: own }: LedgerWriter,
  { ttlMs = 60_000, dryRun = false }: { readonly ttlMs?: number | undefined; readonly dryRun?: boolean | undefined },
): Promise<Owned> {
  const { time } = context.caller;
  const heard = heardByContext.get(context) ?? new Map<string, Heard>();
  heardByContext.set(context, heard);
  for (const each of heard.values()) each.isAlive = false;
  const isAlive = (owner: string) => owner === own || heard.get(owner)?.isAlive === true;
  for (;;) {
    const all = await store.list().catch((error: unknown) => {
      // While the ledger cannot be read, heartbeats go unnoticed.
      heard.clear();
      throw error;
    });
    hear(heard, all, time.now());
    const silentMs = (owner: string) => time.now() - (heard.get(owner)?.since ?? 0);
    const records = leasesIn(all);
    const silent = new Set(records.map(({ owner }) => owner).filter((owner) => !isAlive(owner)));
    const waitMs = Math.max(0, ...[...silent].map((owner) => ttlMs - silentMs(owner)));
    if (waitMs > 0) {
      await time.sleep(Math.min(waitMs, lookEveryMs, Math.max(1, ttlMs / 4)));
      continue;
    }
    const idle = all.filter(isBeat).filter(({ owner }) => !isAlive(owner) && silentMs(owner) >= ttlMs);
    const unused = idle.filter(({ owner }) => !silent.has(owner)).map(({ id }) => id);
    const forgotten = dryRun ? [] : [...unused, ...outdatedIn(all, time.wallNow())];
    await Promise.allSettled(forgotten.map((id) => store.delete(id)));
    const isStillDead = ttlMs === 0 ? async () => true : stillDead(context, store, all);
    return { records, dead: silent, isStillDead };
  }
}
