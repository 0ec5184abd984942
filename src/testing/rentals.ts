/** All sessions: those that have not begun yet, those that run, and those that have ended. */
import type { Ledger } from './ledger.ts';
import type { Session } from './session.ts';

/** How a session ends. */
export interface Ending {
  readonly at: number;
  readonly reason: number;
  readonly score?: number | undefined;
}

/** The sessions of one world, by UUID and by node. */
export class Rentals {
  /** Every session so far, by its UUID in lower case, in the order of their starts. */
  readonly all = new Map<string, Session>();
  readonly #ledger: Ledger;
  /** Sessions that have not ended. */
  readonly #byNode = new Map<number, Set<Session>>();
  readonly #coming = new Set<Session>();
  readonly #unshown = new Set<Session>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** How many nodes have a session. */
  get nodes(): number {
    return this.#byNode.size;
  }

  /** Adds a session. It costs money from its beginning, which may be in the future. */
  add(session: Session, now: number): void {
    const { nodeId } = session.node;
    this.all.set(session.uuid, session);
    this.#byNode.set(nodeId, new Set(this.#byNode.get(nodeId)).add(session));
    this.#unshown.add(session);
    if (session.startedAt > now) this.#coming.add(session);
    else this.#ledger.begin(session);
  }

  /** The next session that begins by this time. */
  nextToBegin(until: number): Session | undefined {
    let next: Session | undefined;
    for (const session of this.#coming) {
      if (session.startedAt <= until && session.startedAt < (next?.startedAt ?? Infinity)) next = session;
    }
    return next;
  }

  begin(session: Session): void {
    this.#coming.delete(session);
    this.#ledger.begin(session);
  }

  end(session: Session, { at, reason, score }: Ending): void {
    session.end(at, reason, score);
    this.#ledger.end(session);
    const { nodeId } = session.node;
    const left = this.#byNode.get(nodeId);
    left?.delete(session);
    if (left?.size === 0) this.#byNode.delete(nodeId);
  }

  /** Sessions that run on a node. */
  runningOn(nodeId: number): Session[] {
    return [...(this.#byNode.get(nodeId) ?? [])].filter((session) => !this.#coming.has(session));
  }

  /** The session that rents a node. Foreign sessions do not block their node. */
  tenantOf(nodeId: number): Session | undefined {
    for (const session of this.#byNode.get(nodeId) ?? []) if (!session.foreign) return session;
    return undefined;
  }

  /** Marks the sessions whose UUID is in the text of a response. */
  show(text: () => string): void {
    if (this.#unshown.size === 0) return;
    const shown = text().toLowerCase();
    for (const session of this.#unshown) {
      if (!shown.includes(session.uuid)) continue;
      session.shown = true;
      this.#unshown.delete(session);
    }
  }
}
