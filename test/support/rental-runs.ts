/** Executes one plan on a hostile market. rental-checks.ts checks the result. */
import {
  type GuardLimits,
  isOctaError,
  type JobOptions,
  type ReconcileResult,
  type SessionGuard,
  type SessionResource,
} from '../../src/index.ts';
import {
  type MemoryLedger,
  memoryLedger,
  OctaSimulator,
  type ScriptedFault,
  type SimulatedCommand,
} from '../../src/testing/index.ts';
import {
  type Action,
  isAlone,
  type Limits,
  marketNodes,
  type ProgramPlan,
  type RunPlan,
  type Use,
} from './rental-plans.ts';
import { Program } from './rental-programs.ts';

export const weiPerHour = 7_919_000_000_000_000_003n;
/** Time between the end of a plan and its check. Unit: ms. */
const afterwardsMs = 20 * 60_000;
/** Longest duration of a plan. Unit: ms. */
const planMs = 10 * 60_000;
/** When another program reconciles the ledger of a dead one. Unit: ms. */
const successorMs = [3, 6, 9, 18].map((minutes) => minutes * 60_000);

export function weiFor(seconds: number): bigint {
  return (weiPerHour * BigInt(seconds)) / 3_600n + 1n;
}

/** One session under a guard. */
export interface Guarded {
  readonly uuid: string;
  readonly limits: Limits;
  /** Whether the guard was done. */
  isDone: boolean;
}

/** One order of a program, and its outcome. */
export interface Order {
  readonly program: Program;
  readonly action: Exclude<Action, { readonly kind: 'sweep' | 'reconcile' }>;
  /** The disk size of its items, which identifies the order. */
  readonly disks: ReadonlySet<number>;
  readonly relays: readonly number[];
  /** Sessions that the caller received, in lower case. */
  readonly given: Set<string>;
  /** Sessions that the caller keeps, or whose end was not guaranteed. */
  readonly kept: Set<string>;
  readonly guarded: Guarded[];
  isSettled: boolean;
}

/** A sweep, while it ran. Unit: Unix ms of the market. */
export interface Sweep {
  readonly program: Program;
  readonly service: 'mr' | 'render' | 'vpn' | undefined;
  readonly from: number;
  isSettled: boolean;
}

/** A session that the SDK declared to be over, and whether it was. */
export interface Claim {
  readonly uuid: string;
  readonly what: string;
  readonly holds: boolean;
}

/** A finished run, to be checked. */
export interface RunStory {
  readonly plan: RunPlan;
  readonly simulator: OctaSimulator;
  readonly programs: readonly Program[];
  readonly orders: readonly Order[];
  readonly sweeps: readonly Sweep[];
  readonly claims: readonly Claim[];
  /** Ledgers by program. */
  readonly ledgers: ReadonlyMap<Program, MemoryLedger>;
  /** Results of the reconciliations after a death, the last one of each ledger. */
  readonly successors: readonly { readonly program: Program; readonly result: ReconcileResult | undefined }[];
  /** Sessions that another program took over from a dead one. */
  readonly adopted: ReadonlySet<string>;
  readonly hanging: readonly string[];
  readonly odd: readonly unknown[];
  readonly faults: readonly ScriptedFault[];
  readonly balanceWei: bigint;
}

/** The upper bound of the lifecycle matrix: a session is visible everywhere within a minute of its start. */
const worse = {
  lag: { listsMs: 15_000, infoMs: 15_000 },
  lies: { lateBeginMs: 40_000, vanishing: 1, vanishForMs: 30_000 },
} as const;
const mine = new Error('of the caller');

/** Executes the plan of a job. */
const jobCommand: SimulatedCommand = async function* (command, { sleep }) {
  const { lines, code, everyMs } = JSON.parse(command);
  for (let line = 0; line < lines; line++) {
    await sleep(everyMs);
    yield `line ${line}`;
  }
  return code;
};

/** One run. */
class Run {
  readonly #plan: RunPlan;
  readonly #simulator: OctaSimulator;
  readonly #programs: Program[] = [];
  readonly #orders: Order[] = [];
  readonly #sweeps: Sweep[] = [];
  readonly #claims: Claim[] = [];
  readonly #ledgers = new Map<Program, MemoryLedger>();
  readonly #successors: { program: Program; result: ReconcileResult | undefined }[] = [];
  readonly #adopted = new Set<string>();
  readonly #working = new Map<symbol, { readonly program: Program; readonly what: string }>();
  readonly #odd: unknown[] = [];
  readonly #faults: ScriptedFault[];
  readonly #balanceWei: bigint;
  readonly #alone: boolean;
  #disks = 20;
  #relays = 100;

  constructor(plan: RunPlan) {
    this.#plan = plan;
    this.#alone = isAlone(plan);
    const { seed, hostile, affordableSeconds } = plan;
    const price = (node_id: number) => ({ node_id, priceWeiPerHour: weiPerHour - BigInt(node_id) });
    const relays = plan.programs.flatMap(({ actions }) => actions.flatMap(relaysOf)).length;
    this.#balanceWei = weiFor(affordableSeconds);
    this.#simulator = new OctaSimulator({
      seed,
      hostile,
      ...(plan.worse ? worse : {}),
      machines: marketNodes.mr.map(price),
      renderMachines: marketNodes.render.map(price),
      relays: Array.from({ length: relays }, (_, index) => price(100 + index)),
      nodes: 0,
      apps: 0,
      balanceWei: this.#balanceWei,
      keepRequests: 0,
      ...(this.#alone ? { foreign: 0 } : {}),
    });
    this.#faults = this.#prepare();
  }

  #prepare(): ScriptedFault[] {
    const { faults, refusing, diesAfterMs, neverReady, foreign } = this.#plan;
    const simulator = this.#simulator;
    for (const node of marketNodes.mr) simulator.machine(node).job(jobCommand);
    for (const node of refusing) simulator.machine(node).refuse('Node is asleep');
    if (diesAfterMs !== undefined) simulator.machine(1).dieAfter(diesAfterMs);
    if (neverReady) for (const node of [...marketNodes.mr, ...marketNodes.render]) simulator.machine(node).neverReady();
    for (const { atMs, node, envs } of foreign) {
      const variables = { none: {}, mark: { OCTA_LEASE_ID: `theirs-${node}` }, other: { JOB: 'nightly' } }[envs];
      const begin = () => {
        try {
          simulator.startForeign({ node_id: marketNodes.mr[node] ?? 1, envs: variables });
        } catch {
          // The node is dead.
        }
      };
      simulator.clock.setTimer(begin, atMs, 'limit');
    }
    return faults.map(({ operation, nth, fault }) =>
      simulator.fail((request) => request.operation === operation && request.nth === nth, fault),
    );
  }

  async story(): Promise<RunStory> {
    const shared = this.#plan.ledgers === 'shared' ? memoryLedger() : undefined;
    for (const plan of this.#plan.programs) this.#begin(plan, shared);
    await this.#simulator.advance(planMs + afterwardsMs);
    const story: RunStory = {
      plan: this.#plan,
      simulator: this.#simulator,
      programs: this.#programs,
      orders: this.#orders,
      sweeps: this.#sweeps,
      claims: this.#claims,
      ledgers: this.#ledgers,
      successors: this.#successors,
      adopted: this.#adopted,
      hanging: [...this.#working.values()].flatMap(({ program, what }) => (program.isDead ? [] : [what])),
      odd: this.#odd,
      faults: this.#faults,
      balanceWei: this.#balanceWei,
    };
    return story;
  }

  #begin({ actions, end }: ProgramPlan, shared: MemoryLedger | undefined): void {
    const { ledgers, ledgerFailsAtMs } = this.#plan;
    const ledger = ledgers === 'own' ? memoryLedger() : shared;
    const program = new Program(this.#simulator, ledger);
    this.#programs.push(program);
    if (ledger !== undefined) this.#ledgers.set(program, ledger);
    if (ledger !== undefined && ledgerFailsAtMs !== undefined) program.in(ledgerFailsAtMs, () => ledger.fail());
    if (end !== undefined) this.#plannedEnd(program, end);
    for (const action of actions) {
      const act = this.#actionOf(program, action);
      const begin = () => {
        if (!program.isDead && !program.client.closed) this.#work(program, action.kind, act);
      };
      if (action.atMs === 0) begin();
      else program.in(action.atMs, begin);
    }
  }

  #plannedEnd(program: Program, end: NonNullable<ProgramPlan['end']>): void {
    if ('atStart' in end) program.diesAtStart = end.atStart;
    else if (end.how === 'dies') program.in(end.afterMs, () => program.die());
    else {
      program.in(end.afterMs, () => {
        program.closedAt = this.#simulator.now;
        this.#work(program, 'close', () => program.client.close({ stopSessions: true }));
      });
    }
    if (end.how === 'closes' || program.ledger === undefined) return;
    for (const ms of successorMs) this.#simulator.clock.setTimer(() => this.#succeed(program), ms, 'limit');
  }

  /** The next start of a program that has died reconciles its ledger. */
  #succeed(dead: Program): void {
    if (!dead.isDead || dead.ledger === undefined) return;
    const known = this.#successors.find(({ program }) => program.ledger === dead.ledger);
    const entry = known ?? { program: new Program(this.#simulator, dead.ledger), result: undefined };
    if (known === undefined) this.#successors.push(entry);
    this.#work(entry.program, 'successor', async () => {
      entry.result = await entry.program.client.leases.reconcile();
      this.#hearReconciled(entry.program, entry.result);
    });
  }

  /** Executes the actions of a program, and records if they never end. */
  #work(program: Program, what: string, act: () => Promise<unknown>): void {
    const mark = Symbol(what);
    this.#working.set(mark, { program, what });
    const done = () => this.#working.delete(mark);
    act()
      .catch((error: unknown) => {
        program.hear(error);
        const isKnown =
          error === mine || isOctaError(error) || (error instanceof Error && error.name === 'SuppressedError');
        if (!isKnown) this.#odd.push(error);
      })
      .then(done);
  }

  #isOver(uuid: string): boolean {
    return !this.#simulator.running.includes(uuid.toLowerCase());
  }

  #claim(uuid: string, what: string): void {
    this.#claims.push({ uuid: uuid.toLowerCase(), what, holds: this.#isOver(uuid) });
  }

  #hearReconciled(program: Program, { leases }: ReconcileResult): void {
    for (const { uuid, verdict, leaseId, session } of leases) {
      if (uuid !== undefined && (verdict === 'over' || verdict === 'stopped'))
        this.#claim(uuid, `reconcile: ${verdict}`);
      if (verdict === 'lost' || verdict === 'unresolved' || verdict === 'owned')
        program.told.push(leaseId.toLowerCase());
      if (session !== undefined) this.#adopted.add(session.uuid.toLowerCase());
    }
  }

  #order(program: Program, action: Order['action'], items: number): Order {
    const disks = new Set(Array.from({ length: items }, () => this.#disks++));
    const relays = relaysOf(action).map(() => this.#relays++);
    const rest = { given: new Set<string>(), kept: new Set<string>(), guarded: [], isSettled: false };
    const order: Order = { program, action, disks, relays, ...rest };
    this.#orders.push(order);
    return order;
  }

  #actionOf(program: Program, action: Action): () => Promise<unknown> {
    const { kind } = action;
    if (kind === 'sweep') return () => this.#sweep(program, action);
    if (kind === 'reconcile') return () => this.#reconcile(program, action);
    const order = this.#order(program, action, 'nodes' in action ? action.nodes.length : 1);
    const settle = async (): Promise<void> => {
      try {
        if (kind === 'rent') await this.#rent(order, action);
        else if (kind === 'run') await this.#runJob(order, action);
        else if (kind === 'rentMany') await this.#rentMany(order, action);
        else if (kind === 'start') await this.#start(order, action);
        else await this.#startMany(order, action);
      } finally {
        order.isSettled = true;
      }
    };
    return settle;
  }

  async #sweep(program: Program, { service }: Action & { readonly kind: 'sweep' }): Promise<void> {
    const sweep: Sweep = { program, service, from: this.#simulator.now, isSettled: false };
    this.#sweeps.push(sweep);
    try {
      await program.client.sessions.stopAll(service === undefined ? {} : { service });
    } finally {
      sweep.isSettled = true;
    }
  }

  async #reconcile(program: Program, { adopt }: Action & { readonly kind: 'reconcile' }): Promise<void> {
    if (program.ledger === undefined) return;
    this.#hearReconciled(program, await program.client.leases.reconcile({ adopt }));
  }

  #leaseOf(order: Order, action: Action & { readonly kind: 'rent' | 'rentMany' | 'run' }) {
    const { limits, readyTimeoutMs, pollIntervalMs, abortAfterMs } = action;
    const { maxDurationMs, maxSpendSeconds, unknownCharge } = limits;
    const controller = new AbortController();
    if (abortAfterMs !== undefined) order.program.in(abortAfterMs, () => controller.abort(mine));
    const maxSpend = maxSpendSeconds === undefined ? undefined : weiFor(maxSpendSeconds);
    const onError = (error: unknown) => order.program.hear(error);
    return {
      readyTimeoutMs,
      pollIntervalMs,
      maxDurationMs,
      maxSpend,
      unknownCharge,
      onError,
      signal: controller.signal,
    };
  }

  async #rent(order: Order, action: Action & { readonly kind: 'rent' }): Promise<void> {
    const { services } = order.program.client;
    const { service, use } = action;
    const [disk_size = 20] = order.disks;
    const lease = { ...this.#leaseOf(order, action), adoptUnmarked: action.adoptUnmarked && this.#alone };
    const candidates = service === 'vpn' ? order.relays : nodesOf(service, action.nodes);
    const session =
      service === 'mr'
        ? await services.mr.rent({ candidates, disk_size, image: 'ubuntu' }, lease)
        : service === 'render'
          ? await services.render.rent({ candidates, disk_size }, lease)
          : await services.vpn.rent({ candidates }, lease);
    this.#watchGuards(order, session, action.limits);
    await this.#use(order, session, use);
  }

  async #runJob(order: Order, action: Action & { readonly kind: 'run' }): Promise<void> {
    const [disk_size = 20] = order.disks;
    const { lines, code, everyMs, idleTimeoutMs } = action.job;
    const command = JSON.stringify({ lines, code, everyMs });
    const what = { candidates: nodesOf('mr', action.nodes), disk_size, image: 'ubuntu', command };
    // Each plan has at least one limit.
    const options = { ...this.#leaseOf(order, action), idleTimeoutMs } as JobOptions;
    const job = order.program.client.services.mr.run(what, options);
    const printed: string[] = [];
    const all = Array.from({ length: lines }, (_, index) => `line ${index}`);
    const read = (async () => {
      for await (const { source, text } of job) if (source === 'container') printed.push(text);
    })();
    try {
      const { exitCode, session, output } = await job.result;
      await read;
      this.#claim(session.uuid, 'job: done');
      const isRight =
        exitCode === code && output === all.map((line) => `${line}\n`).join('') && `${printed}` === `${all}`;
      if (!isRight) this.#odd.push(new Error(`job ${command} gave ${exitCode} and ${JSON.stringify(printed)}`));
    } catch (error) {
      await read.catch(() => undefined);
      if (`${printed}` !== `${all.slice(0, printed.length)}`)
        this.#odd.push(new Error(`job ${command} gave ${JSON.stringify(printed)}`));
      throw error;
    }
  }

  async #rentMany(order: Order, action: Action & { readonly kind: 'rentMany' }): Promise<void> {
    const { services } = order.program.client;
    const { service, use, nodes } = action;
    const disks = [...order.disks];
    const lease = { ...this.#leaseOf(order, action), ...(action.atLeast ? { atLeast: 1 } : {}) };
    const places = service === 'vpn' ? order.relays : nodesOf(service, nodes);
    const sessions =
      service === 'mr'
        ? await services.mr.rentMany(
            places.map((node_id, index) => ({ node_id, disk_size: disks[index] ?? 20, image: 'ubuntu' })),
            lease,
          )
        : service === 'render'
          ? await services.render.rentMany(
              places.map((node_id, index) => ({ node_id, disk_size: disks[index] ?? 20 })),
              lease,
            )
          : await services.vpn.rentMany(
              places.map((node_id) => ({ node_id })),
              lease,
            );
    for (const session of sessions) this.#watchGuards(order, session, action.limits);
    await this.#useAll(order, sessions, use);
  }

  async #start(order: Order, { service, node, guard, use }: Action & { readonly kind: 'start' }): Promise<void> {
    const { services } = order.program.client;
    const [disk_size = 20] = order.disks;
    const [relay = 0] = order.relays;
    const session =
      service === 'mr'
        ? await services.mr.start({ node_id: nodesOf('mr', [node])[0] ?? 1, disk_size, image: 'ubuntu' })
        : service === 'render'
          ? await services.render.start({ node_id: nodesOf('render', [node])[0] ?? 11, disk_size })
          : await services.vpn.start({ node_id: relay });
    if (guard !== undefined) {
      const { maxSpendSeconds, ...limits } = guard;
      const maxSpend = maxSpendSeconds === undefined ? undefined : weiFor(maxSpendSeconds);
      // Each plan has at least one limit.
      session.guard({ ...limits, maxSpend, onError: (error) => order.program.hear(error) } as GuardLimits);
      this.#watchGuards(order, session, guard);
    }
    await this.#use(order, session, use);
  }

  async #startMany(order: Order, { nodes, use }: Action & { readonly kind: 'startMany' }): Promise<void> {
    const disks = [...order.disks];
    const items = nodesOf('mr', nodes).map((node_id, index) => {
      return { node_id, disk_size: disks[index] ?? 20, image: 'ubuntu' };
    });
    const results = await order.program.client.services.mr.startMany(items);
    const sessions: SessionResource[] = [];
    for (const result of results) {
      if (result.status === 'started') sessions.push(result.session);
      if (result.status === 'unknown') order.program.told.push(result.leaseId.toLowerCase());
    }
    await this.#useAll(order, sessions, use);
  }

  async #useAll(order: Order, sessions: readonly SessionResource[], use: Use): Promise<void> {
    const uses = await Promise.allSettled(sessions.map((session) => this.#use(order, session, use)));
    for (const each of uses) if (each.status === 'rejected') throw each.reason;
  }

  #watchGuards(order: Order, session: SessionResource, limits: Limits): void {
    const uuid = session.uuid.toLowerCase();
    const watch = (guard: SessionGuard) => {
      const guarded: Guarded = { uuid, limits, isDone: false };
      order.guarded.push(guarded);
      guard.done.then(({ reason }) => {
        guarded.isDone = true;
        if (reason === 'ended' || reason === 'duration' || reason === 'spend') this.#claim(uuid, `guard: ${reason}`);
      });
    };
    for (const guard of session.guards) watch(guard);
  }

  async #use(order: Order, session: SessionResource, { forMs, exit }: Use): Promise<void> {
    const { program } = order;
    const uuid = session.uuid.toLowerCase();
    order.given.add(uuid);
    if (exit === 'keep') {
      order.kept.add(uuid);
      session.keep();
      return program.sleep(forMs);
    }
    try {
      await using _scope = session;
      await program.sleep(forMs);
      if (exit === 'throw') throw mine;
      if (exit === 'stop') await session.stop({ score: 4 }).catch((error: unknown) => program.hear(error));
      if (exit === 'verify') {
        const { confirmed } = await session.stop({ verify: true });
        if (confirmed) this.#claim(uuid, 'stop: confirmed');
      }
    } catch (error) {
      program.hear(error);
      if (error !== mine) throw error;
    }
    return undefined;
  }
}

function nodesOf(service: 'mr' | 'render', places: readonly number[]): number[] {
  const nodes: readonly number[] = marketNodes[service];
  return [...new Set(places.map((place) => nodes[place % nodes.length] ?? nodes[0] ?? 1))];
}

/** The relays for an action: one for each of its nodes. */
function relaysOf(action: Action): readonly number[] {
  if (!('service' in action) || action.kind === 'sweep' || action.service !== 'vpn') return [];
  return 'nodes' in action ? action.nodes : [action.node];
}

/** Executes one plan. */
export function runPlan(plan: RunPlan): Promise<RunStory> {
  return new Run(plan).story();
}
