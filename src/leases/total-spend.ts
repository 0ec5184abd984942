/** The limit for all sessions of a client: counts what they have cost, and reserves what they may still cost. */
import type { ResolvedLeaseOptions } from '../core/option-types.ts';
import type { Time } from '../core/time.ts';
import { causeText, OctaError } from '../errors/errors.ts';
import { OctaSessionError, type TotalSpending } from '../errors/session-error.ts';
import type { Attempt, Hold } from './attempt.ts';
import { costOf, isCharged, lateWithinMs } from './evidence.ts';
import { keyOf } from './identity.ts';
import { Lease } from './lease.ts';
import type { LedgerWriter } from './ledger.ts';
import { type LedgerRecord, leasesIn, outdatedIn, reservedIn, spentIn } from './records.ts';

/** What counts towards the limit now. */
interface Total {
  spent: bigint;
  reserved: bigint;
  /** Amounts that stop counting at a known time. Unit: Wei; ms from now. */
  readonly ends: { readonly wei: bigint; readonly inMs: number }[];
}

/** A session without `maxSpend` needs at least a hundredth of the limit. */
const leastShare = 100n;

/** A time in hours if it is more than two, else in minutes or seconds; rounded up. */
function spanText(ms: number): string {
  const [unit, size] = ms > 7_200_000 ? ['hours', 3_600_000] : ms > 120_000 ? ['minutes', 60_000] : ['seconds', 1_000];
  return `${Math.ceil(ms / Number(size))} ${unit}`;
}

/** The total of one client or, with a ledger, of all clients that share it. */
export class TotalSpend {
  /** Guards a session with its reserved amount, unless one of its guards is as strict. */
  guard: ((lease: Lease) => void) | undefined;
  /** Looks at a session in lists of the API that are not older than `at`. Unit: ms of the clock. */
  look: ((lease: Lease, at: number) => Promise<void>) | undefined;
  /** Sessions that count. */
  readonly leases = new Set<Lease>();
  readonly #holds = new Set<Hold>();
  readonly #time: Time;
  readonly #limit: NonNullable<ResolvedLeaseOptions['maxTotalSpend']>;
  readonly #ledger: LedgerWriter | undefined;

  constructor(time: Time, limit: NonNullable<ResolvedLeaseOptions['maxTotalSpend']>, ledger: LedgerWriter | undefined) {
    this.#time = time;
    this.#limit = limit;
    this.#ledger = ledger;
  }

  /** What is spent, reserved and left now. */
  async read(): Promise<TotalSpending> {
    return this.#figures(this.#total(await this.#settled()));
  }

  /**
   * Reserves `maxSpend` for each of `count` sessions or, without it, an equal share of all that is left. Throws OctaSessionError if less is
   * left, or without `maxSpend`, less than a hundredth of the limit for each.
   */
  async reserve(maxSpend: bigint | undefined, count = 1): Promise<Hold[]> {
    const total = this.#total(await this.#settled());
    // No `await` from here on, so that two starts cannot reserve the same amount.
    const sessions = BigInt(count);
    const share = this.#figures(total).left / sessions;
    // A guard needs time to stop a session, so one without `maxSpend` must not begin with next to nothing.
    const least = this.#limit.amount / leastShare || 1n;
    const wei = maxSpend ?? (share > least ? share : least);
    this.#demand(total, wei * sessions);
    const holds = Array.from({ length: count }, () => ({ wei }));
    for (const hold of holds) this.#holds.add(hold);
    return holds;
  }

  /** What a rental has reserved, for its next attempt. Reserves anew if the session of an unknown start may need that. */
  async renew(hold: Hold | undefined, maxSpend: bigint | undefined): Promise<Hold | undefined> {
    return hold !== undefined && hold.attempt?.state !== 'unknown' ? hold : (await this.reserve(maxSpend))[0];
  }

  /** Gives back what a rental has reserved, unless the session of an unknown start may need it. */
  free(hold: Hold | undefined): void {
    if (hold !== undefined && hold.attempt?.state !== 'unknown') this.#holds.delete(hold);
  }

  /** Reserves for attempts for which nothing is reserved yet: those of a plain start. */
  async cover(attempts: readonly Attempt[]): Promise<void> {
    if (attempts[0]?.hold !== undefined) return;
    const holds: Hold[] = await this.reserve(undefined, attempts.length);
    for (const [index, attempt] of attempts.entries()) Object.assign(holds[index] ?? {}, { attempt });
    for (const hold of holds) Object.assign(hold.attempt ?? {}, { hold });
  }

  /** Compares once more when the ledger has the records of the starts: another process may have reserved at the same time. */
  async confirm(attempts: readonly Attempt[]): Promise<void> {
    if (this.#ledger === undefined) return;
    const total = this.#total(await this.#records());
    // All attempts of one call have reserved the same amount.
    const own = (attempts[0]?.hold?.wei ?? 0n) * BigInt(attempts.length);
    total.reserved -= own;
    this.#demand(total, own);
  }

  /** Moves the reservation of a start to its session. */
  began({ hold, byRent }: Attempt, lease: Lease): void {
    if (hold === undefined) return;
    const { left } = this.#figures(this.#total());
    // A refused start has given its reservation back, but its session may appear all the same.
    const isHeld = this.#holds.delete(hold) || hold.wei < left;
    lease.reserved = isHeld ? hold.wei : left || 1n;
    if (!byRent) this.guard?.(lease);
  }

  /** Reads the ledger after this client has written its own records. Deletes charges that no longer count. */
  async #records(): Promise<readonly LedgerRecord[]> {
    if (this.#ledger === undefined) return [];
    const { store } = this.#ledger;
    await this.#ledger.written();
    try {
      const all = await store.list();
      for (const id of outdatedIn(all, this.#time.wallNow())) store.delete(id).catch(() => undefined);
      return all;
    } catch (cause) {
      throw new OctaError({ message: `could not read the ledger: ${causeText(cause)}`, cause });
    }
  }

  /** The same, after looking up charges that were unknown when their sessions ended. If a lookup fails, the record stays unchanged. */
  async #settled(): Promise<LedgerRecord[]> {
    const at = this.#time.now();
    const own = [...this.leases].filter(({ isOver, evidence }) => isOver && !isCharged(evidence));
    const settle = async (record: LedgerRecord): Promise<LedgerRecord> => {
      if (!('charge' in record) || !record.isEstimate) return record;
      const lease = new Lease(record.uuid, {});
      await this.look?.(lease, at);
      if (!isCharged(lease.evidence)) return record;
      const settled = { ...record, charge: String(lease.evidence.charge), isEstimate: false };
      await this.#ledger?.store.put(settled);
      return settled;
    };
    await Promise.allSettled(own.map((lease) => this.look?.(lease, at)));
    return Promise.all((await this.#records()).map((record) => settle(record).catch(() => record)));
  }

  /** What counts now: sessions and starts of this client, and those of others in the ledger. */
  #total(records: readonly LedgerRecord[] = []): Total {
    const now = this.#time.now();
    const total: Total = { spent: 0n, reserved: 0n, ends: [] };
    /** Counts amounts; those with `endedAt`, only until one window after that time. Returns whether they still count. */
    const count = (spent: bigint, reserved: bigint, endedAt?: number): boolean => {
      const inMs = (endedAt ?? now) + this.#limit.windowMs - now;
      if (inMs <= 0) return false;
      total.spent += spent;
      total.reserved += reserved;
      if (endedAt !== undefined) total.ends.push({ wei: spent + reserved, inMs });
      return true;
    };
    const known = new Set<string | undefined>();
    for (const hold of this.#holds) {
      const { wei, attempt } = hold;
      const { state, byRent, madeAt = now } = attempt ?? {};
      // `rent` gives it back by itself.
      const isOpen = state !== 'refused' || byRent === true;
      if (!isOpen || !count(0n, wei, state === 'unknown' ? madeAt + lateWithinMs : undefined)) this.#holds.delete(hold);
      known.add(attempt?.id);
    }
    for (const lease of this.leases) {
      const { overAt, evidence, reserved, key, facts } = lease;
      const { charge = 0n } = evidence;
      const more = reserved > charge ? reserved - charge : 0n;
      if (overAt === undefined) count(charge, more);
      else if (!count(costOf(evidence, reserved), 0n, overAt)) this.leases.delete(lease);
      known.add(facts.leaseId).add(key);
    }
    this.#countOthers(records, known, count);
    return total;
  }

  /** Counts what a ledger has apart from leases and sessions that are known. */
  #countOthers(
    records: readonly LedgerRecord[],
    known: Set<string | undefined>,
    count: (spent: bigint, reserved: bigint, endedAt?: number) => void,
  ): void {
    // Records of other processes have the time of the wall clock.
    const aheadMs = this.#time.wallNow() - this.#time.now();
    for (const record of leasesIn(records)) {
      const { leaseId, uuid = leaseId, state, sentAt } = record;
      if (known.has(leaseId) || known.has(keyOf(uuid))) continue;
      known.add(keyOf(uuid));
      count(0n, reservedIn(record), state === 'starting' ? sentAt - aheadMs + lateWithinMs : undefined);
    }
    for (const { uuid, charge, endedAt } of spentIn(records)) {
      if (!known.has(keyOf(uuid))) count(BigInt(charge), 0n, endedAt - aheadMs);
    }
  }

  #figures({ spent, reserved }: Total): TotalSpending {
    const { amount: limit, windowMs } = this.#limit;
    const left = limit - spent - reserved;
    return { limit, windowMs, spent, reserved, left: left > 0n ? left : 0n };
  }

  /** Throws if less than `wanted` is left. */
  #demand(total: Total, wanted: bigint): void {
    const figures = this.#figures(total);
    const { limit, windowMs, spent, reserved, left } = figures;
    let missing = wanted + spent + reserved - limit;
    if (missing <= 0n) return;
    const ends = total.ends.sort((one, other) => one.inMs - other.inMs);
    const last = ends.find(({ wei }) => {
      missing -= wei;
      return missing <= 0n;
    });
    const freesInMs = last && Math.ceil(last.inMs);
    const [rest, all] = [left, limit].map((wei) => Number(wei) / 1e18);
    const when =
      freesInMs === undefined ? 'end a session, or set a lower maxSpend' : `enough is free in ${spanText(freesInMs)}`;
    throw new OctaSessionError({
      message: `not started, because its cost could exceed maxTotalSpend: ${rest} of ${all} OCTA in ${spanText(windowMs)} are left, and it needs ${Number(wanted) / 1e18}; ${when}`,
      reason: 'total-spend',
      session: '',
      outcome: 'not-sent',
      totalSpend: { ...figures, wanted, freesInMs },
    });
  }
}
