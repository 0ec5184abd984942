/** Writes each start to the ledger before it is sent, adds its session once it is known, and deletes the record once it is over. */
import type { HeartbeatRecord, LeaseLedger, LeaseRecord } from '../core/lease-types.ts';
import { causeText, OctaConfigurationError, OctaError } from '../errors/errors.ts';
import { lateWithinMs } from './evidence.ts';
import type { Lease } from './lease.ts';
import type { LedgerEntry, LedgerTools } from './ledger-types.ts';
import { leasesIn, recordOf, type StartFacts, spentRecord } from './records.ts';

/** Heartbeat interval. Unit: ms. */
export const beatEveryMs = 15_000;
/** The gap after which a client reads the ledger before it writes. Unit: ms. */
const frozenAfterMs = 45_000;
/** A record older than this is written again before the request is sent. Unit: ms. */
const freshForMs = 20_000;
/** Time between two tries to write. Unit: ms. */
const retryEveryMs = 5_000;
/** Longest wait for pending writes. Unit: ms. */
const writtenWithinMs = 10_000;

/** Writes the leases of one client into its ledger. */
export class LedgerWriter {
  readonly store: LeaseLedger;
  readonly owner: string;
  readonly #tools: LedgerTools;
  readonly #entries = new Map<string, LedgerEntry>();
  #beat = 0;
  #beating: Promise<void> | undefined;

  constructor(tools: LedgerTools, store: LeaseLedger) {
    this.#tools = tools;
    this.store = store;
    this.owner = tools.owner;
  }

  /** Whether this client tracks a lease. */
  has(leaseId: string): boolean {
    return this.#entries.has(leaseId);
  }

  /**
   * Writes the record of a start before it is sent. Throws if that fails, or if another client has a lease with the same id; the start
   * must not be sent then.
   */
  async ready(facts: StartFacts): Promise<void> {
    const { id } = facts;
    const record = this.#recordOf(facts);
    const { sentAt } = record;
    const known = this.#entries.get(id);
    if (known?.putAt !== undefined && sentAt - known.putAt < freshForMs) return;
    const entry: LedgerEntry = known ?? { record, putAt: undefined, queue: Promise.resolve(), isOver: false };
    // Add the entry before the first heartbeat, because heartbeats stop if there are no entries.
    this.#entries.set(id, entry);
    try {
      const isFree = facts.hasGivenId && known === undefined ? this.#demandFree(entry) : Promise.resolve();
      const work = isFree.then(() => this.#startBeating()).then(() => this.store.put(record));
      // If the start is given up meanwhile, its record is removed only after it was written.
      entry.queue = Promise.allSettled([entry.queue, work]).then(() => undefined);
      await work;
      entry.putAt = sentAt;
    } catch (cause) {
      this.#entries.delete(id);
      if (cause instanceof OctaConfigurationError) throw cause;
      const message = `the start was not sent, because the ledger could not store it: ${causeText(cause)}`;
      throw new OctaError({ message, cause, outcome: 'not-sent' });
    }
  }

  /** Throws if another client has a lease with the same id. Two clients that check at the same moment may both pass. */
  async #demandFree(entry: LedgerEntry): Promise<void> {
    const { leaseId } = entry.record;
    // Until the list shows that it is free.
    entry.isTaken = true;
    const record = leasesIn(await this.store.list()).find((each) => each.leaseId === leaseId);
    entry.isTaken = record !== undefined && record.owner !== this.owner;
    if (!entry.isTaken) return;
    const message = `id ${JSON.stringify(leaseId)} is already used for a lease of another client in the ledger; give each rental a new id`;
    throw new OctaConfigurationError({ message });
  }

  #recordOf(facts: StartFacts): LeaseRecord {
    const { time, leases } = this.#tools.caller;
    return recordOf(facts, { owner: this.owner, sentAt: time.wallNow(), windowMs: leases.maxTotalSpend?.windowMs });
  }

  /** Adds a record that was claimed from another client. */
  take(record: LeaseRecord, queue: Promise<void> = Promise.resolve()): void {
    this.#entries.set(record.leaseId, { record, putAt: undefined, queue, isOver: false });
    this.#startBeating().catch(() => {
      // Keep trying: without a heartbeat, other clients would consider this owner dead.
      this.#beating ??= Promise.resolve(void this.#keepBeating());
    });
  }

  /** Stores a stray whose start has no record any more, or whose record belongs to another session. */
  note(facts: StartFacts & { readonly uuid: string }): void {
    const { id: leaseId, uuid } = facts;
    this.restore(this.#recordOf(facts));
    this.change(leaseId, { state: 'running', uuid });
  }

  /** Stores a deleted record again. */
  restore(record: LeaseRecord): void {
    const known = this.#entries.get(record.leaseId);
    if (known !== undefined && !known.isOver) return;
    this.take(record, known?.queue);
    this.change(record.leaseId, {});
  }

  /** Writes changes of a lease. */
  change(leaseId: string, changes: Partial<LeaseRecord>): void {
    const entry = this.#entries.get(leaseId);
    if (entry === undefined || entry.isOver) return;
    entry.record = { ...entry.record, ...changes, owner: this.owner };
    this.#enqueue(entry, () => this.#put(entry));
  }

  /** Deletes a record from the store. First stores the cost of its session if that counts towards `maxTotalSpend`. */
  async settle(
    record: LeaseRecord,
    lease: Lease | undefined,
    endedAt = this.#tools.caller.time.wallNow(),
  ): Promise<void> {
    const spent = lease && spentRecord(record, lease, endedAt);
    if (spent !== undefined) await this.store.put(spent);
    await this.store.delete(record.leaseId);
  }

  /** Deletes the record of a lease that is over, or that has no session. Returns the record. */
  remove(leaseId: string, lease?: Lease): LeaseRecord | undefined {
    const entry = this.#entries.get(leaseId);
    if (entry === undefined || entry.isOver) return undefined;
    entry.isOver = true;
    const endedAt = this.#tools.caller.time.wallNow();
    this.#enqueue(entry, async () => {
      if (!entry.isTaken) await this.settle(entry.record, lease, endedAt);
      if (this.#entries.get(leaseId) === entry) this.#entries.delete(leaseId);
    });
    return entry.record;
  }

  /** Resolves when all pending writes are done, or after 10 s; the writes then continue in the background. */
  async written(): Promise<void> {
    const all = Promise.all([...this.#entries.values()].map(({ queue }) => queue));
    await this.#tools.caller.time.orLate(all, writtenWithinMs, () => undefined);
  }

  async #put(entry: LedgerEntry): Promise<void> {
    if (entry.isOver) return;
    const { time } = this.#tools.caller;
    // If the process was suspended with this write pending, another client may have claimed the lease meanwhile.
    const isOld = entry.putAt !== undefined && time.wallNow() - entry.putAt > frozenAfterMs;
    if (isOld && !(await this.#isOurs(entry))) return;
    await this.store.put(entry.record);
    entry.putAt = time.wallNow();
  }

  async #isOurs({ record: { leaseId } }: LedgerEntry): Promise<boolean> {
    const record = leasesIn(await this.store.list()).find((each) => each.leaseId === leaseId);
    if (record?.owner === this.owner) return true;
    if (record === undefined) return (await this.#tools.look(leaseId)) === false;
    this.#giveUp(leaseId);
    return false;
  }

  /** Another client has claimed the lease. */
  #giveUp(leaseId: string): void {
    this.#entries.delete(leaseId);
    this.#tools.lose(leaseId);
  }

  #enqueue(entry: LedgerEntry, write: () => Promise<void>): void {
    const { caller, background } = this.#tools;
    const work = async (): Promise<void> => {
      for (let tries = 0; ; tries++) {
        try {
          return await write();
        } catch (error) {
          const { leaseId, uuid = 'unknown' } = entry.record;
          const what = `could not write lease ${leaseId} (session ${uuid}) to the ledger: ${causeText(error)}`;
          if (tries === 0) caller.log('error', what, { session: entry.record.uuid, leaseId, error });
          if (caller.ended()) return;
          await background.rest(retryEveryMs);
        }
      }
    };
    entry.queue = entry.queue.then(work);
    background.run(entry.queue);
  }

  #startBeating(): Promise<void> {
    this.#beating ??= this.#putBeat().then(
      () => void this.#keepBeating(),
      (error: unknown) => {
        this.#beating = undefined;
        throw error;
      },
    );
    return this.#beating;
  }

  async #putBeat(): Promise<void> {
    this.#beat++;
    const record: HeartbeatRecord = { version: 1, id: `owner-${this.owner}`, owner: this.owner, beat: this.#beat };
    await this.store.put(record);
  }

  async #keepBeating(): Promise<void> {
    const { caller, background } = this.#tools;
    let beatAt = caller.time.wallNow();
    while (this.#entries.size > 0 && !caller.ended()) {
      await background.rest(beatEveryMs);
      if (caller.ended()) break;
      this.#giveUpStarts();
      try {
        if (caller.time.wallNow() - beatAt > frozenAfterMs) await this.#wakeUp();
        await this.#putBeat();
        beatAt = caller.time.wallNow();
      } catch (error) {
        caller.log('warn', `could not write the heartbeat to the ledger: ${causeText(error)}`, { error });
      }
    }
    this.#beating = undefined;
    if (this.#entries.size === 0) await this.store.delete(`owner-${this.owner}`).catch(() => undefined);
  }

  /** Leaves old starts without a session to `reconcile`: the record stays, but this client no longer looks for the session. */
  #giveUpStarts(): void {
    const since = this.#tools.caller.time.wallNow() - lateWithinMs;
    for (const [leaseId, { record, isOver }] of this.#entries) {
      if (record.state === 'starting' && record.sentAt < since && !isOver) this.#entries.delete(leaseId);
    }
  }

  /** After a long gap other clients may have considered this one dead, so it reads the ledger before it writes. */
  async #wakeUp(): Promise<void> {
    const records = new Map(leasesIn(await this.store.list()).map((each) => [each.leaseId, each]));
    for (const [leaseId, entry] of this.#entries) {
      if (records.get(leaseId)?.owner === this.owner || entry.isOver || entry.record.state === 'starting') continue;
      const isOver = await this.#tools.look(leaseId);
      if (records.has(leaseId)) this.#giveUp(leaseId);
      else if (isOver === false) this.#enqueue(entry, () => this.#put(entry));
    }
  }
}
