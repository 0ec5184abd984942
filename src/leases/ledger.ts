/** What is written down, and when: each start before it leaves, its session once it is known, and nothing of what is over. */

import type { Caller } from '../core/call-types.ts';
import type { HeartbeatRecord, LeaseLedger, LeaseRecord } from '../core/lease-types.ts';
import { causeText, OctaError } from '../errors/errors.ts';
import type { Background } from './background.ts';

/** How often a client shows that it lives, and after which silence it looks before it goes on. Unit: ms. */
const beatEveryMs = 15_000;
const frozenAfterMs = 45_000;
/** A record that is older is written again before the request leaves. Unit: ms. */
const freshForMs = 20_000;
/** Time between two tries to write. Unit: ms. */
const retryEveryMs = 5_000;

interface Entry {
  record: LeaseRecord;
  /** When it was last written; undefined: not yet. Unit: ms of the wall clock. */
  putAt: number | undefined;
  /** All writing about one lease, one after the other. */
  queue: Promise<void>;
  isOver: boolean;
}

/** What a start is written down with. */
export type StartFacts = Pick<LeaseRecord, 'service' | 'nodeId'> & {
  readonly id: string;
  readonly kind: string | undefined;
};

/** What writing works with. */
export interface LedgerTools {
  readonly caller: Caller;
  readonly background: Background;
  /** Who this client is, to others that use the ledger. */
  readonly owner: string;
  /** Looks at the session of a lease: whether it is over; undefined when it is not held any more. */
  readonly look: (leaseId: string) => Promise<boolean | undefined>;
  /** Lets go of the session of a lease that somebody else has taken over. */
  readonly lose: (leaseId: string) => void;
}

/** Writes the leases of one client into its ledger. */
export class LedgerWriter {
  readonly store: LeaseLedger;
  readonly owner: string;
  readonly #tools: LedgerTools;
  readonly #entries = new Map<string, Entry>();
  #beat = 0;
  #beating: Promise<void> | undefined;

  constructor(tools: LedgerTools, store: LeaseLedger) {
    this.#tools = tools;
    this.store = store;
    this.owner = tools.owner;
  }

  /** Whether this client has a lease in its books. */
  has(leaseId: string): boolean {
    return this.#entries.has(leaseId);
  }

  /** Writes a start down before it leaves. Throws when that cannot be done; nothing must be sent then. */
  async ready({ id, service, nodeId, kind }: StartFacts): Promise<void> {
    const sentAt = this.#tools.caller.time.wallNow();
    const known = this.#entries.get(id);
    if (known?.putAt !== undefined && sentAt - known.putAt < freshForMs) return;
    const record: LeaseRecord = {
      version: 1,
      leaseId: id,
      state: 'starting',
      service,
      nodeId,
      ...(kind === undefined ? {} : { kind }),
      sentAt,
      owner: this.owner,
    };
    const entry = known ?? { record, putAt: undefined, queue: Promise.resolve(), isOver: false };
    // Before the first beat: without entries nobody goes on beating.
    this.#entries.set(id, entry);
    try {
      await this.#startBeating();
      await this.store.put(record);
      entry.putAt = sentAt;
    } catch (cause) {
      this.#entries.delete(id);
      const message = `the start was not sent, because the ledger could not write it down: ${causeText(cause)}`;
      throw new OctaError({ message, cause, outcome: 'not-sent' });
    }
  }

  /** Takes over a record of another client that was claimed. */
  take(record: LeaseRecord, queue: Promise<void> = Promise.resolve()): void {
    this.#entries.set(record.leaseId, { record, putAt: undefined, queue, isOver: false });
    this.#startBeating().catch(() => undefined);
  }

  /** Writes down a session that turned up, although its start was forgotten, or belongs to another session. */
  note(facts: StartFacts & { readonly uuid: string }): void {
    const { id: leaseId, service, nodeId, uuid } = facts;
    const known = this.#entries.get(leaseId);
    if (known === undefined || known.isOver) {
      const sentAt = this.#tools.caller.time.wallNow();
      this.take(
        { version: 1, leaseId, state: 'running', service, nodeId, uuid, sentAt, owner: this.owner },
        known?.queue,
      );
    }
    this.change(leaseId, { state: 'running', uuid });
  }

  /** Writes what has changed about a lease. */
  change(leaseId: string, changes: Partial<LeaseRecord>): void {
    const entry = this.#entries.get(leaseId);
    if (entry === undefined || entry.isOver) return;
    entry.record = { ...entry.record, ...changes, owner: this.owner };
    this.#enqueue(entry, () => this.#put(entry));
  }

  /** Removes what is over. */
  remove(leaseId: string): void {
    const entry = this.#entries.get(leaseId);
    if (entry === undefined || entry.isOver) return;
    entry.isOver = true;
    this.#enqueue(entry, async () => {
      await this.store.delete(leaseId);
      if (this.#entries.get(leaseId) === entry) this.#entries.delete(leaseId);
    });
  }

  /** Resolves when all that was to be written is. */
  async written(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ queue }) => queue));
  }

  async #put(entry: Entry): Promise<void> {
    if (entry.isOver) return;
    const { time } = this.#tools.caller;
    // A process that was frozen with this to be written may have lost the lease meanwhile.
    const isOld = entry.putAt !== undefined && time.wallNow() - entry.putAt > frozenAfterMs;
    if (isOld && !(await this.#isOurs(entry))) return;
    await this.store.put(entry.record);
    entry.putAt = time.wallNow();
  }

  async #isOurs({ record: { leaseId } }: Entry): Promise<boolean> {
    const record = (await this.store.list()).find((each) => 'leaseId' in each && each.leaseId === leaseId);
    if (record?.owner === this.owner) return true;
    if (record === undefined) return (await this.#tools.look(leaseId)) === false;
    this.#entries.delete(leaseId);
    return false;
  }

  #enqueue(entry: Entry, write: () => Promise<void>): void {
    const { caller, background } = this.#tools;
    const work = async (): Promise<void> => {
      for (let tries = 0; ; tries++) {
        try {
          return await write();
        } catch (error) {
          const { leaseId, uuid = 'not known yet' } = entry.record;
          const what = `the ledger could not be written for lease ${leaseId} (session ${uuid}): ${causeText(error)}`;
          if (tries === 0) caller.log('error', what);
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
      try {
        if (caller.time.wallNow() - beatAt > frozenAfterMs) await this.#wakeUp();
        await this.#putBeat();
        beatAt = caller.time.wallNow();
      } catch (error) {
        caller.log('warn', `the ledger could not be written just now: ${causeText(error)}`);
      }
    }
    this.#beating = undefined;
    if (this.#entries.size === 0) await this.store.delete(`owner-${this.owner}`).catch(() => undefined);
  }

  /** After a long silence others may have taken this client for dead, so it looks before it writes. */
  async #wakeUp(): Promise<void> {
    const records = new Map(
      (await this.store.list()).map((each) => ['leaseId' in each ? each.leaseId : each.id, each]),
    );
    for (const [leaseId, entry] of this.#entries) {
      if (records.get(leaseId)?.owner === this.owner || entry.isOver || entry.record.state === 'starting') continue;
      const isOver = await this.#tools.look(leaseId);
      if (records.has(leaseId)) {
        this.#entries.delete(leaseId);
        this.#tools.lose(leaseId);
      } else if (isOver === false) this.#enqueue(entry, () => this.#put(entry));
    }
  }
}
