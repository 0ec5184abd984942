/** Compares the ledger with the API, and settles leases whose owner is dead. */
import type { Session } from '../../generated/models.ts';
import type { LeaseRecord } from '../core/lease-types.ts';
import { claimLease, guardAgain, inherit, ledgerOf } from './attach.ts';
import type { Context } from './context.ts';
import { stopForCertain } from './ending.ts';
import { lateWithinMs } from './evidence.ts';
import { keyOf, markOf } from './identity.ts';
import type { Lease } from './lease.ts';
import type { LedgerWriter } from './ledger.ts';
import { type Owned, watchOwners } from './owners.ts';
import { ageOf } from './spending.ts';

/** Options of `leases.reconcile`. */
export interface ReconcileOptions {
  /** True: stops and writes nothing; a session that it would stop is `unresolved`. Default false. */
  readonly dryRun?: boolean | undefined;
  /** True: takes over sessions of dead owners and guards them with their limits, instead of stopping them. Default false. */
  readonly adopt?: boolean | undefined;
  /** True: deletes the records of leases that are `lost`. Default false. */
  readonly forget?: boolean | undefined;
  /**
   * How long the heartbeat of an owner must stay unchanged for the owner to count as dead; 30 000 or more. If the ledger has leases of a
   * dead owner, the first call takes at least that long. 0 declares all other owners dead. Unit: ms. Default 60 000.
   */
  readonly ttlMs?: number | undefined;
}

/**
 * The state of a lease. `over`: its session has ended. `stopped`: its session was stopped, and is proven over. `adopted`: this client
 * owns it now. `owned`: its owner is alive, or it was kept. `lost`: no session was found for a start more than 15 minutes ago.
 * `unresolved`: not settled yet; reconcile again.
 */
export type LeaseVerdict = 'over' | 'stopped' | 'adopted' | 'owned' | 'lost' | 'unresolved';

/** One lease, reconciled. */
export interface Reconciled {
  readonly record: LeaseRecord;
  readonly verdict: LeaseVerdict;
  readonly lease?: Lease | undefined;
  /** Why this lease could not be settled, if something failed. */
  readonly error?: unknown;
}

/** Time between two looks at sessions that are missing everywhere. Unit: ms. */
const lookEveryMs = 5_000;
/** How long to look for a session that is missing everywhere, and for the session of a start. Unit: ms. */
const goneWithinMs = 90_000;
const appearsMs = 15_000;
/** Limits that were exceeded longer ago are enforced even if the owner is alive. Unit: ms. */
const overdueMs = 60_000;
/** How long to keep the record of a lost start. Unit: ms. */
const rememberedMs = 7 * 86_400_000;
const atOnce = 8;

/** One reconciliation. */
class Reconciling {
  readonly #context: Context;
  readonly #options: ReconcileOptions;
  readonly #writer: LedgerWriter;
  #owned: Owned | undefined;
  #serverNow: number | undefined;
  #active = new Map<string, Session>();
  #recent = new Map<string, Session>();
  #byMark = new Map<string, Session>();

  constructor(context: Context, options: ReconcileOptions) {
    this.#context = context;
    this.#options = options;
    this.#writer = ledgerOf(context);
  }

  async run(): Promise<{ readonly leases: readonly Reconciled[]; readonly unmarked: readonly Session[] }> {
    const owned = await watchOwners(this.#context, this.#writer, this.#options);
    this.#owned = owned;
    const { records, dead } = owned;
    await this.#readLists();
    const leases: Reconciled[] = [];
    const queue = records.entries();
    const work = async (): Promise<void> => {
      for (const [index, record] of queue) {
        leases[index] = await this.#settle(record, dead.has(record.owner)).catch((error: unknown) => {
          return { record, verdict: 'unresolved' as const, error };
        });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    if (!this.#options.dryRun) await this.#forget(dead, leases);
    return { leases, unmarked: this.#unmarked(records) };
  }

  /** Deletes the heartbeats of dead owners that have no leases left. */
  async #forget(dead: ReadonlySet<string>, leases: readonly Reconciled[]): Promise<void> {
    const isSettled = ({ verdict }: Reconciled) => /^(over|stopped|adopted)$/.test(verdict);
    const left = new Set(leases.filter((each) => !isSettled(each)).map(({ record }) => record.owner));
    const gone = [...dead].filter((owner) => !left.has(owner));
    await Promise.all(gone.map((owner) => this.#writer.store.delete(`owner-${owner}`).catch(() => undefined)));
  }

  async #readLists(): Promise<void> {
    const { api, variable } = this.#context;
    const byKey = (sessions: readonly Session[]) => new Map(sessions.map((each) => [keyOf(each.uuid), each]));
    const recent = await api.list(true, {});
    const active = await api.list(false, {});
    this.#context.saw(active.value);
    this.#serverNow = active.serverNow;
    this.#active = byKey(active.value);
    this.#recent = byKey(recent.value);
    for (const session of [...recent.value, ...active.value]) {
      const mark = markOf(session, variable);
      if (mark !== undefined && session.uuid) this.#byMark.set(mark, session);
    }
  }

  /** Active sessions that are neither ours by mark nor in the ledger. */
  #unmarked(records: readonly LeaseRecord[]): Session[] {
    const { attempts, held, variable } = this.#context;
    const keys = new Set(records.map(({ uuid }) => keyOf(uuid)));
    const ids = new Set(records.map(({ leaseId }) => leaseId));
    return [...this.#active].flatMap(([key, session]) => {
      const mark = markOf(session, variable) ?? '';
      return keys.has(key) || held.has(key) || ids.has(mark) || attempts.has(mark) ? [] : [session];
    });
  }

  async #settle(record: LeaseRecord, isOwnerDead: boolean): Promise<Reconciled> {
    const { leaseId, owner } = record;
    const isOurs = owner === this.#writer.owner;
    const isHeld = isOurs && this.#writer.has(leaseId);
    // A claim whose response was lost made this client the owner without its knowledge.
    const isDead = (isOwnerDead && (await this.#owned?.isStillDead(owner))) || (isOurs && !isHeld);
    const uuid = record.uuid ?? this.#byMark.get(leaseId)?.uuid;
    // Even a live owner no longer looks for the session of such an old start.
    if (uuid === undefined && (isDead || this.#isLate(record))) return this.#settleStart(record);
    if (uuid === undefined || isHeld) return { record, verdict: 'owned' };
    const lease = this.#leaseOf(record, uuid);
    this.#see(lease);
    if (!isDead && (lease.isOver || !this.#isOverdue(record, lease))) return { record, lease, verdict: 'owned' };
    if (isDead) await this.#stopOthers(leaseId, lease);
    if (lease.evidence.verdict === 'unknown') await this.#lookOn(lease);
    if (lease.isOver) {
      this.#inherit(record, lease);
      return this.#delete(record, { record, lease, verdict: 'over' });
    }
    if (record.kept === true && !this.#isOverdue(record, lease)) return { record, lease, verdict: 'owned' };
    if (this.#options.dryRun || lease.evidence.verdict === 'unknown') return { record, lease, verdict: 'unresolved' };
    if (isOwnerDead && !this.#isOverdue(record, lease) && !(await this.#owned?.isStillDead(owner)))
      return { record, lease, verdict: 'owned' };
    return this.#takeOver({ ...record, uuid, state: 'running' }, lease);
  }

  /** Further sessions of one start, which carry the same mark as the session of the lease. */
  #othersOf(leaseId: string, { key: own }: Lease): Session[] {
    const { variable } = this.#context;
    return [...this.#active].flatMap(([key, session]) =>
      key !== own && markOf(session, variable) === leaseId ? [session] : [],
    );
  }

  async #stopOthers(leaseId: string, lease: Lease): Promise<void> {
    if (this.#options.dryRun) return;
    const others = this.#othersOf(leaseId, lease);
    await Promise.all(others.map(({ uuid }) => stopForCertain(this.#context, this.#context.leaseOf(uuid), {})));
  }

  /** Makes this client stop further sessions of the start, which later lists may show. */
  #inherit(record: LeaseRecord, lease: Lease): void {
    if (this.#options.dryRun || record.kept === true) return;
    const others = this.#othersOf(record.leaseId, lease).map(({ uuid }) => keyOf(uuid));
    inherit(this.#context, record, [lease.key, ...others]);
  }

  #leaseOf({ leaseId, service, nodeId, kind }: LeaseRecord, uuid: string): Lease {
    return this.#context.leaseOf(uuid, { leaseId, service, nodeId, kind });
  }

  #see(lease: Lease): void {
    const active = this.#active.get(lease.key) ?? 'absent';
    const recent = this.#recent.get(lease.key) ?? 'absent';
    lease.see({ at: this.#context.caller.time.now(), active, recent });
  }

  /** Looks at a session that is missing from the lists until the verdict is known, for 90 s at most. */
  async #lookOn(lease: Lease): Promise<void> {
    const { time } = this.#context.caller;
    const endsAt = time.now() + goneWithinMs;
    while (lease.evidence.verdict === 'unknown' && time.now() < endsAt) {
      const options = { maxAgeMs: 0, withinMs: lookEveryMs };
      await this.#context
        .viewOf(lease)
        .look(lease, options)
        .catch(() => undefined);
      if (lease.evidence.verdict === 'unknown') await time.sleep(lookEveryMs);
    }
  }

  #isLate({ sentAt }: LeaseRecord, thanMs = lateWithinMs): boolean {
    return this.#context.caller.time.wallNow() - sentAt > thanMs;
  }

  /** Settles a start without a known session. Its record stays for 7 days or until `forget`, even if no session is found. */
  async #settleStart(record: LeaseRecord): Promise<Reconciled> {
    const { time } = this.#context.caller;
    if (this.#isLate(record)) {
      const isForgotten = this.#options.forget === true || this.#isLate(record, rememberedMs);
      const lost = { record, verdict: 'lost' } as const;
      return isForgotten ? this.#delete(record, lost) : lost;
    }
    for (const endsAt = time.now() + appearsMs; time.now() < endsAt && !this.#byMark.has(record.leaseId); ) {
      await time.sleep(lookEveryMs / 2);
      await this.#readLists();
    }
    return this.#byMark.has(record.leaseId) ? this.#settle(record, true) : { record, verdict: 'unresolved' };
  }

  async #delete(record: LeaseRecord, result: Reconciled): Promise<Reconciled> {
    if (!this.#options.dryRun) await this.#writer.settle(record, result.lease);
    return result;
  }

  /** Whether a limit was exceeded more than a minute ago, according to the API alone. */
  #isOverdue({ limits = {} }: LeaseRecord, { evidence }: Lease): boolean {
    const { duration, charge = 0n, record } = evidence;
    const ageMs = ageOf({ ...record, ...(duration === undefined ? {} : { duration }) }, this.#serverNow) ?? 0;
    const { maxDurationMs = Number.POSITIVE_INFINITY, maxSpend } = limits;
    if (ageMs > maxDurationMs + overdueMs) return true;
    if (maxSpend === undefined || ageMs <= 0) return false;
    const perMinute = (charge * BigInt(overdueMs)) / BigInt(Math.ceil(ageMs));
    return charge - perMinute > BigInt(maxSpend);
  }

  async #takeOver(record: LeaseRecord, known: Lease): Promise<Reconciled> {
    const { adopt } = this.#options;
    const lease = await claimLease(this.#context, record, known);
    if (lease === undefined) return { record, verdict: 'owned' };
    this.#inherit(record, lease);
    if (adopt && !this.#isOverdue(record, lease)) {
      guardAgain(this.#context, record, lease);
      return { record, lease, verdict: 'adopted' };
    }
    await stopForCertain(this.#context, lease, {});
    await this.#writer.written();
    return { record, lease, verdict: 'stopped' };
  }
}

/** `leases.reconcile`. */
export function reconcile(context: Context, options: ReconcileOptions) {
  return new Reconciling(context, options).run();
}
