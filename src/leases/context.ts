/** The state that all leases of one client share: its sessions, its starts and its background work. */
import type { Session } from '../../generated/models.ts';
import type { Caller } from '../core/call-types.ts';
import type { LeaseRecord, OpenLease } from '../core/lease-types.ts';
import type { RequestOptions } from '../core/option-types.ts';
import { LeaseApi } from './api.ts';
import type { Attempt, AttemptInit } from './attempt.ts';
import { Background } from './background.ts';
import { lateWithinMs } from './evidence.ts';
import { keyOf, markOf, newLeaseId } from './identity.ts';
import { Lease, type LeaseFacts, withHeaders } from './lease.ts';
import { LedgerWriter } from './ledger.ts';
import { type Listing, View } from './observer.ts';
import { TotalSpend } from './total-spend.ts';

/** The leases of one client. */
export class Context {
  readonly caller: Caller;
  readonly api: LeaseApi;
  readonly ledger: LedgerWriter | undefined;
  /** Present if the client has `maxTotalSpend`. */
  readonly totalSpend: TotalSpend | undefined;
  /** Sessions that this client has started or claimed, and that are not proven over. */
  readonly held = new Map<string, Lease>();
  readonly attempts = new Map<string, Attempt>();
  /** Active guards. Unit: count. */
  guarded = 0;
  /** Aborted when the client closes and stops all its sessions. */
  readonly closing = new AbortController();
  /** Called with each stray. */
  onStray: ((session: Session, attempt: Attempt) => void) | undefined;
  readonly background: Background;
  readonly #views = new Map<string, View>();

  constructor(caller: Caller) {
    this.caller = caller;
    this.api = new LeaseApi(caller);
    this.background = new Background(caller);
    const { ledger, maxTotalSpend } = caller.leases;
    // The id is not from the seeded generator, because two simulators with one seed would get the same owner. Without a ledger there is
    // no id, because Workers do not allow random values while a module loads.
    const owner = ledger === undefined ? '' : newLeaseId(undefined);
    const { background } = this;
    const look = (id: string) => this.#look(id);
    const tools = { caller, background, owner, look, lose: (id: string) => this.#lose(id) };
    this.ledger = ledger === undefined ? undefined : new LedgerWriter(tools, ledger);
    this.totalSpend = maxTotalSpend && new TotalSpend(caller.time, maxTotalSpend, this.ledger);
    caller.window.list = () => this.#open();
    caller.addStats(() => ({ leases: { held: this.held.size, guarded: this.guarded, starting: this.#starting() } }));
  }

  get variable(): string | false {
    return this.caller.leases.leaseVariable ?? false;
  }

  #starting(): number {
    return [...this.attempts.values()].filter(({ state }) => state === 'sent').length;
  }

  /** The leases to stop, or to look for, when the process ends. */
  #open(): OpenLease[] {
    const now = this.caller.time.now();
    const starts = [...this.attempts.values()].filter(
      ({ state, madeAt }) => state === 'sent' || (state === 'unknown' && now - madeAt < lateWithinMs),
    );
    return [
      ...this.unkept().map(({ uuid, stopAccepted, facts: { startedAt = now, leaseId, service, nodeId, headers } }) => {
        return { leaseId, uuid, service, nodeId, headers, ageMs: now - startedAt, isStopped: stopAccepted };
      }),
      ...starts.map(({ id: leaseId, service, nodeId, headers, madeAt }) => {
        return { leaseId, service, nodeId, headers, ageMs: now - madeAt, isStopped: false };
      }),
    ];
  }

  /** Notifies listeners that the set of open leases has changed. */
  changed(): void {
    for (const act of this.caller.window.listeners) act();
  }

  newId(): string {
    return newLeaseId(this.caller.time.random);
  }

  attempt(init: AttemptInit): Attempt {
    const id = init.id ?? this.newId();
    const attempt = this.track({ ...init, id, hasGivenId: init.id !== undefined, state: 'sent', keys: new Set() });
    if (attempt.hold !== undefined) attempt.hold.attempt = attempt;
    this.changed();
    return attempt;
  }

  /** Adds an attempt, so that its mark is looked for in every list. Deletes attempts whose sessions can no longer appear. */
  track(given: Omit<Attempt, 'madeAt' | 'extras'>): Attempt {
    const madeAt = this.caller.time.now();
    for (const { id, madeAt: before, state } of this.attempts.values()) {
      if (state !== 'sent' && madeAt - before > lateWithinMs) this.attempts.delete(id);
    }
    const attempt: Attempt = { ...given, madeAt, extras: new Set() };
    this.attempts.set(attempt.id, attempt);
    return attempt;
  }

  /** Makes this client hold the session of an attempt. */
  begin(attempt: Attempt, uuid: string): Lease {
    const { id: leaseId, keys, service, nodeId, kind, headers, ports, httpPorts } = attempt;
    attempt.state = 'started';
    keys.add(keyOf(uuid));
    const startedAt = this.caller.time.now();
    const facts = { leaseId, service, nodeId, kind, headers, ports, httpPorts, startedAt };
    attempt.lease = this.held.get(keyOf(uuid)) ?? this.hold(uuid, facts);
    this.ledger?.change(leaseId, { state: 'running', uuid });
    this.totalSpend?.began(attempt, attempt.lease);
    return attempt.lease;
  }

  hold(uuid: string, facts: LeaseFacts): Lease {
    return this.take(new Lease(uuid, facts));
  }

  /** Adds a session to the held ones, and removes it when it is over. */
  take(lease: Lease): Lease {
    const { facts } = lease;
    this.held.set(lease.key, lease);
    this.totalSpend?.leases.add(lease);
    this.changed();
    let isLost = false;
    let record: LeaseRecord | undefined;
    lease.onNudge(() => {
      if (lease.isOver === isLost) return;
      isLost = lease.isOver;
      lease.overAt = isLost ? this.caller.time.now() : undefined;
      if (isLost) {
        this.held.delete(lease.key);
        record = facts.leaseId === undefined ? undefined : this.ledger?.remove(facts.leaseId, lease);
      } else {
        // The session was gone for a while, and has appeared again.
        this.held.set(lease.key, lease);
        if (record !== undefined) this.ledger?.restore(record);
      }
      this.changed();
    });
    return lease;
  }

  /** Stops holding a session: its caller has stopped it, and nothing shows that it still runs. */
  release({ key }: Lease): void {
    this.held.delete(key);
    this.changed();
  }

  /** Whether a start of this client has this id. */
  isUsed(leaseId: string): boolean {
    const attempt = this.attempts.get(leaseId);
    return (attempt !== undefined && attempt.isInherited !== true) || this.heldAs(leaseId) !== undefined;
  }

  /** The held session of a lease. */
  heldAs(leaseId: string): Lease | undefined {
    return [...this.held.values()].find(({ facts }) => facts.leaseId === leaseId);
  }

  /** Sessions that this client started or claimed, and did not keep. */
  unkept(): Lease[] {
    return [...this.held.values()].filter(({ kept, isOver }) => !kept && !isOver);
  }

  /** The lease of a session: the held one if there is one, else a new one. */
  leaseOf(uuid: string, facts: LeaseFacts = {}): Lease {
    return this.held.get(keyOf(uuid)) ?? new Lease(uuid, facts);
  }

  /** The view that all sessions share whose requests have the same headers and query as those of this one. */
  viewOf({ facts }: { readonly facts: LeaseFacts }, request: RequestOptions = {}): View {
    const { headers = {}, query = {} } = withHeaders(request, facts);
    const key = JSON.stringify([Object.entries(headers).sort(), query], (_, value) => String(value) && value);
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    // Headers may differ for each call, as tracing headers do, so delete the views that nothing watches.
    for (const [other, { isWatched }] of this.#views) if (!isWatched) this.#views.delete(other);
    const { caller, api } = this;
    const view = new View({ caller, api, saw: ({ value }: Listing) => this.saw(value) }, { headers, query });
    this.#views.set(key, view);
    return view;
  }

  /** Another client has claimed the lease, so this one neither holds its session nor stops it at the end of a scope. */
  #lose(leaseId: string): void {
    const lease = this.heldAs(leaseId);
    if (lease === undefined) return;
    lease.kept = true;
    this.totalSpend?.leases.delete(lease);
    this.release(lease);
    const what = `session ${lease.uuid} (lease ${leaseId}) was taken over by another client while this one was suspended`;
    this.caller.log('warn', what, { session: lease.uuid, leaseId });
  }

  /** Looks at the session of a lease. Returns whether it is over; undefined if this client does not hold the lease. */
  async #look(leaseId: string): Promise<boolean | undefined> {
    const lease = this.heldAs(leaseId);
    if (lease === undefined) return undefined;
    await this.lookAt(lease);
    lease.nudge();
    return lease.isOver;
  }

  /** Looks at a session in lists of the API that are not older than `at`. Unit: ms of the clock. */
  async lookAt(lease: Lease, at = this.caller.time.now()): Promise<void> {
    lease.see({ at, ...(await this.viewOf(lease).lists(lease, at)) });
  }

  /** The attempt of this client whose mark a session carries. */
  attemptOf(session: Pick<Session, 'user_envs'>): Attempt | undefined {
    const mark = markOf(session, this.variable);
    return mark === undefined ? undefined : this.attempts.get(mark);
  }

  /** Looks for strays in a list. */
  saw(sessions: readonly Session[]): void {
    for (const session of sessions) {
      const attempt = session.uuid ? this.attemptOf(session) : undefined;
      if (attempt === undefined || attempt.state === 'sent' || attempt.keys.has(keyOf(session.uuid))) continue;
      attempt.keys.add(keyOf(session.uuid));
      this.onStray?.(session, attempt);
    }
  }
}
