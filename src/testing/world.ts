/** The state of a simulator: its catalogue, its account and its sessions. */
import { type AccountRecord, accountFor } from './account.ts';
import { type AppRecord, appsFor } from './apps.ts';
import { machinesFor, type NodeRecord, relaysFor } from './catalogue.ts';
import { refuse } from './checks.ts';
import { NodeControls } from './controls.ts';
import { type ForeignStart, seededForeign } from './foreign.ts';
import { beginJob, type JobWorld } from './jobs.ts';
import { Ledger } from './ledger.ts';
import { Luck } from './luck.ts';
import { networkFigures } from './network.ts';
import { type NodeView, nodesFor, type OperatorNode } from './operator-nodes.ts';
import type { ResolvedOptions } from './options.ts';
import { Random } from './random.ts';
import { Rentals } from './rentals.ts';
import { odditiesFor, Session, type SessionInit, type SimulatedService, terminationReasons } from './session.ts';

/** The result of a start: a session, or the reason of the refusal. */
export type Started = Session | { readonly refused: string };

/** The state of a simulator. All times are whole Unix ms, and never go back. */
export class World {
  readonly options: ResolvedOptions;
  readonly random: Random;
  /** Unit: USD per OCTA. */
  readonly marketPrice: number;
  readonly catalogues: Readonly<Record<SimulatedService, readonly NodeRecord[]>>;
  readonly nodes: readonly OperatorNode[];
  readonly apps: readonly AppRecord[];
  readonly account: AccountRecord;
  readonly ledger: Ledger;
  readonly rentals: Rentals;
  /** Decides when a lie applies. */
  readonly luck: Luck;
  /** All rentable nodes by number. */
  readonly #records = new Map<number, NodeRecord>();
  readonly #controls = new Map<number, NodeControls>();
  /** Nodes that will die. */
  readonly #doomed = new Set<number>();
  readonly requestIds: Random;
  /** Decides which of several forms a response has. */
  readonly whims: Random;
  readonly #uuids: Random;
  readonly #jobs: JobWorld;
  /** Whether the balance ran out since the last deposit. */
  #exhausted = false;

  constructor(options: ResolvedOptions, jobs: JobWorld) {
    this.options = options;
    this.#jobs = jobs;
    const random = new Random(options.seed);
    this.random = random;
    this.requestIds = random.fork('requests');
    this.whims = random.fork('whims');
    this.#uuids = random.fork('sessions');
    const { quirks, conditions } = options;
    this.luck = new Luck(conditions.lies, random.fork('lies'));
    this.marketPrice = random.fork('market').decimal(0.08, 0.14, 4);
    const context = (purpose: string) => ({ random: random.fork(purpose), quirks, marketPrice: this.marketPrice });
    this.catalogues = {
      mr: machinesFor(options.machines, { ...context('machines'), service: 'mr' }),
      render: machinesFor(options.renderMachines, { ...context('render'), service: 'render' }),
      vpn: relaysFor(options.relays, context('relays')),
    };
    for (const record of Object.values(this.catalogues).flat()) {
      const { nodeId } = record;
      if (this.#records.has(nodeId))
        refuse('node_id', nodeId, 'a number that no other machine, render machine or relay has');
      this.#records.set(nodeId, record);
    }
    this.nodes = nodesFor(options.nodes, this.catalogues.mr, context('nodes'));
    this.apps = appsFor(options.apps, random.fork('apps'), quirks);
    this.account = accountFor(random.fork('account'));
    // About 40 OCTA with all digits, which is more than 2^64, as real balances are.
    const balance = options.balanceWei ?? 40n * 10n ** 18n + random.fork('balance').digits(18);
    this.ledger = new Ledger(balance, options.startedAt);
    this.rentals = new Rentals(this.ledger);
    const [first, ...others] = this.#records.keys();
    for (let count = 0; first !== undefined && count < conditions.foreign; count++) {
      this.startForeign(seededForeign([first, ...others], random.fork(`foreign/${count}`)), options.startedAt);
    }
  }

  /** Every session so far, by its UUID in lower case, in the order of their starts. */
  get sessions(): ReadonlyMap<string, Session> {
    return this.rentals.all;
  }

  /** Executes everything that is due by now, in order: sessions begin, nodes die, and the balance runs out. */
  settle(now: number): void {
    for (;;) {
      const death = this.#nextDeath(now);
      const coming = this.rentals.nextToBegin(death?.at ?? now);
      this.#endUnpaid(coming?.startedAt ?? death?.at ?? now);
      if (coming !== undefined) this.#begin(coming);
      else if (death !== undefined) this.#die(death.nodeId, death.at);
      else return;
    }
  }

  /** Nodes of a kind that can be rented now. */
  available(service: SimulatedService, now: number): NodeRecord[] {
    return this.catalogues[service].filter(({ nodeId }) => !this.isRented(nodeId) && !this.isDead(nodeId, now));
  }

  isRented(nodeId: number): boolean {
    return this.rentals.tenantOf(nodeId) !== undefined;
  }

  isDead(nodeId: number, now: number): boolean {
    const diesAt = this.#controls.get(nodeId)?.diesAt;
    return diesAt !== undefined && diesAt <= now;
  }

  /** Whether there is a node of any kind with this number. */
  knows(nodeId: number): boolean {
    return this.#records.has(nodeId) || this.nodes.some(({ id }) => id === nodeId);
  }

  controls(nodeId: number): NodeControls {
    const known = this.#controls.get(nodeId);
    if (known !== undefined) return known;
    const controls = new NodeControls();
    this.#controls.set(nodeId, controls);
    return controls;
  }

  /** Sets when a node dies; undefined: never. */
  doom(nodeId: number, at: number | undefined): void {
    this.controls(nodeId).diesAt = at;
    if (at === undefined) this.#doomed.delete(nodeId);
    else this.#doomed.add(nodeId);
  }

  /** The session that rents a node. */
  sessionOn(nodeId: number): Session | undefined {
    return this.rentals.tenantOf(nodeId);
  }

  deposit(wei: bigint): void {
    this.ledger.deposit(wei);
    if (wei > 0n) this.#exhausted = false;
  }

  start(service: SimulatedService, request: Readonly<Record<string, unknown>>, now: number): Started {
    const nodeId = Number(request.node_id);
    const node = this.#records.get(nodeId);
    if (node?.service !== service || this.isDead(nodeId, now)) return { refused: 'Node not found' };
    const controls = this.#controls.get(nodeId);
    const refused = controls?.takeRefusal();
    if (refused !== undefined) return { refused };
    if (this.isRented(nodeId)) return { refused: 'Node is busy' };
    if (!this.#canPay(node.priceWeiPerHour, now)) return { refused: 'Insufficient balance' };
    return this.#add({ node, request, foreign: false, startedAt: now + this.luck.beginDelay() }, now);
  }

  /** Begins a copy of a started session. */
  startAgain({ node, request }: Session, now: number): Session {
    return this.#add({ node, request, foreign: false, startedAt: now + this.luck.beginDelay() }, now);
  }

  /** Begins a session of another program. Throws OctaConfigurationError if the node cannot be rented. */
  startForeign({ node_id, envs = {}, agoMs = 0 }: ForeignStart, now: number): Session {
    const node = this.#records.get(node_id);
    if (node === undefined || this.isDead(node_id, now)) {
      refuse('startForeign().node_id', node_id, 'the number of a machine, render machine or relay that is alive');
    }
    const request = { node_id, ...(node.service === 'vpn' ? {} : { disk_size: 10, envs }) };
    const session = this.#add({ node, request, foreign: true, startedAt: Math.floor(now - agoMs) }, now);
    // What it has cost until now is already paid.
    this.ledger.deposit(session.chargeAt(now));
    return session;
  }

  /** Ends a running session on request. */
  stop(session: Session, now: number, score: number | undefined): void {
    this.rentals.end(session, { at: now, reason: terminationReasons.stopped, score });
  }

  nodeView(nodeId: number, now: number): NodeView {
    const { startedAt, quirks } = this.options;
    return { now, startedAt, quirks, rented: this.isRented(nodeId) };
  }

  networkFigures(now: number): Record<string, unknown> {
    const { startedAt, quirks } = this.options;
    const { marketPrice, catalogues } = this;
    return networkFigures({
      random: this.random.fork('network'),
      now,
      startedAt,
      marketPrice,
      quirks,
      machines: catalogues.mr,
      rented: this.rentals.nodes,
      rentable: this.#records.size,
      sessions: this.sessions.size,
    });
  }

  /** Whether the balance pays for the first second. If it ran out before, a deposit is required, too. */
  #canPay(priceWeiPerHour: bigint, now: number): boolean {
    if (this.#exhausted && priceWeiPerHour > 0n) return false;
    return this.ledger.balanceAt(now) >= priceWeiPerHour / 3600n;
  }

  #nextDeath(now: number): { readonly nodeId: number; readonly at: number } | undefined {
    let next: { nodeId: number; at: number } | undefined;
    for (const nodeId of this.#doomed) {
      const at = this.#controls.get(nodeId)?.diesAt;
      if (at !== undefined && at <= now && (next === undefined || at < next.at)) next = { nodeId, at };
    }
    return next;
  }

  #add(init: Pick<SessionInit, 'node' | 'request' | 'foreign' | 'startedAt'>, now: number): Session {
    const { node } = init;
    const { service, nodeId, readyAfterMs = this.options.readyAfterMs } = node;
    const uuid = this.#uuids.uuid();
    const session = new Session({
      ...init,
      uuid,
      service,
      readyAfterMs: this.#controls.get(nodeId)?.readyAfterMs ?? readyAfterMs,
      oddities: odditiesFor(service, this.random.fork(`oddities/${uuid}`), this.options.quirks),
    });
    this.rentals.add(session, now);
    beginJob(session, this.#controls.get(nodeId)?.command, this.#jobs);
    return session;
  }

  /** Ends all sessions if the balance runs out before this time. */
  #endUnpaid(until: number): void {
    const lastPaid = this.ledger.lastPaidBefore(until);
    if (lastPaid === undefined) return;
    this.#exhausted = true;
    for (const session of [...this.ledger.running]) {
      this.rentals.end(session, { at: lastPaid, reason: terminationReasons.exhausted });
    }
  }

  #begin(session: Session): void {
    const { startedAt: at, node } = session;
    this.rentals.begin(session);
    if (this.isDead(node.nodeId, at)) this.rentals.end(session, { at, reason: terminationReasons.died });
  }

  #die(nodeId: number, at: number): void {
    this.#doomed.delete(nodeId);
    for (const session of this.rentals.runningOn(nodeId)) {
      this.rentals.end(session, { at, reason: terminationReasons.died });
    }
  }
}
