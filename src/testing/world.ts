/** The world of a simulator: what there is, and what has happened in it so far. */
import { type AppRecord, appsFor } from './apps.ts';
import { machinesFor, type NodeRecord, relaysFor } from './catalogue.ts';
import { refuse } from './checks.ts';
import { NodeControls } from './controls.ts';
import { Ledger } from './ledger.ts';
import { networkFigures } from './network.ts';
import { type NodeView, nodesFor, type OperatorNode } from './operator-nodes.ts';
import type { ResolvedOptions } from './options.ts';
import { Random } from './random.ts';
import { odditiesFor, Session, type SimulatedService, terminationReasons } from './session.ts';

/** The account. */
export interface AccountRecord {
  readonly account_uuid: string;
  readonly uid: number;
  readonly email: string;
  readonly avatar: string;
  readonly ref_code: string;
  /** Last generated deposit address; empty: none. */
  wallet: string;
}

/** How a session ends. */
interface Ending {
  readonly at: number;
  readonly reason: number;
  readonly score?: number | undefined;
}

/** What a start gives: a session, or why there is none. */
export type Started = Session | { readonly refused: string };

/** Everything there is. All times are Unix ms, whole, and never go back. */
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
  /** Every session so far, in the order of their starts. */
  readonly sessions = new Map<string, Session>();
  /** All that can be rented, by number. */
  readonly #records = new Map<number, NodeRecord>();
  readonly #byNode = new Map<number, Session>();
  readonly #controls = new Map<number, NodeControls>();
  /** Nodes that are to die. */
  readonly #doomed = new Set<number>();
  readonly requestIds: Random;
  /** Decides which of several forms an answer has. */
  readonly whims: Random;
  readonly #uuids: Random;
  /** Whether the balance ran out since the last deposit. */
  #exhausted = false;

  constructor(options: ResolvedOptions) {
    this.options = options;
    const random = new Random(options.seed);
    this.random = random;
    this.requestIds = random.fork('requests');
    this.whims = random.fork('whims');
    this.#uuids = random.fork('sessions');
    const { quirks } = options;
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
        refuse('node_id', nodeId, 'one that no other machine, render machine or relay has');
      this.#records.set(nodeId, record);
    }
    this.nodes = nodesFor(options.nodes, this.catalogues.mr, context('nodes'));
    this.apps = appsFor(options.apps, random.fork('apps'), quirks);
    this.account = accountFor(random.fork('account'));
    // 40-odd OCTA: with all digits beyond 2^64, as real balances are.
    const balance = options.balanceWei ?? 40n * 10n ** 18n + random.fork('balance').digits(18);
    this.ledger = new Ledger(balance, options.startedAt);
  }

  /** Lets happen what was to happen by now, in its order: nodes die, and the balance runs out. */
  settle(now: number): void {
    for (;;) {
      const death = this.#nextDeath(now);
      const lastPaid = this.ledger.lastPaidBefore(death?.at ?? now);
      if (lastPaid !== undefined) {
        this.#exhausted = true;
        for (const session of [...this.ledger.running]) {
          this.#end(session, { at: lastPaid, reason: terminationReasons.exhausted });
        }
      }
      if (death === undefined) return;
      this.#doomed.delete(death.nodeId);
      const session = this.#byNode.get(death.nodeId);
      if (session !== undefined) this.#end(session, { at: death.at, reason: terminationReasons.died });
    }
  }

  /** Nodes of a kind that can be rented now. */
  available(service: SimulatedService, now: number): NodeRecord[] {
    return this.catalogues[service].filter(({ nodeId }) => !this.isRented(nodeId) && !this.isDead(nodeId, now));
  }

  isRented(nodeId: number): boolean {
    return this.#byNode.has(nodeId);
  }

  isDead(nodeId: number, now: number): boolean {
    const diesAt = this.#controls.get(nodeId)?.diesAt;
    return diesAt !== undefined && diesAt <= now;
  }

  /** Whether there is a node of that number, of whatever kind. */
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

  /** Has a node die at that time; undefined: not any more. */
  doom(nodeId: number, at: number | undefined): void {
    this.controls(nodeId).diesAt = at;
    if (at === undefined) this.#doomed.delete(nodeId);
    else this.#doomed.add(nodeId);
  }

  /** The session that a node is rented by. */
  sessionOn(nodeId: number): Session | undefined {
    return this.#byNode.get(nodeId);
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
    const uuid = this.#uuids.uuid();
    const session = new Session({
      uuid,
      service,
      node,
      startedAt: now,
      readyAfterMs: controls?.readyAfterMs ?? node.readyAfterMs ?? this.options.readyAfterMs,
      request,
      oddities: odditiesFor(service, this.random.fork(`oddities/${uuid}`), this.options.quirks),
    });
    this.sessions.set(session.uuid, session);
    this.#byNode.set(nodeId, session);
    this.ledger.begin(session);
    return session;
  }

  /** Ends a session that runs; false when there is none such. */
  stop(uuid: string, now: number, score?: number): boolean {
    const session = this.sessions.get(uuid);
    if (session === undefined || session.finishedAt !== undefined) return false;
    this.#end(session, { at: now, reason: terminationReasons.stopped, score });
    return true;
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
      rented: this.#byNode.size,
      rentable: this.#records.size,
      sessions: this.sessions.size,
    });
  }

  /** Whether the account has what the first second costs; after it ran out, whether there was a deposit. */
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

  #end(session: Session, { at, reason, score }: Ending): void {
    session.end(at, reason, score);
    this.ledger.end(session);
    this.#byNode.delete(session.node.nodeId);
  }
}

function accountFor(random: Random): AccountRecord {
  return {
    account_uuid: random.uuid(),
    uid: random.integer(1000, 99_999),
    email: 'user@example.com',
    avatar: 'https://example.com/avatar.png',
    ref_code: random.hex(8).toUpperCase(),
    wallet: '',
  };
}
