/** Carries out one planned rental on a simulated market, and says what is wrong with how it went. */
import { formatOcta, isOctaError, OctaClient, OctaSessionError, type SessionResource } from '../../src/index.ts';
import { OctaSimulator, type ScriptedFault } from '../../src/testing/index.ts';
import type { RentalPlan } from './rental-plans.ts';

const nodes = { mr: [1, 2, 3], render: [11, 12, 13], vpn: [21, 22, 23] } as const;
const starts = { mr: 'startMr', render: 'startRender', vpn: 'startVpn' } as const;
const perHour = 7_919_000_000_000_000_003n;
const mine = new Error('of the caller');

/** What a run did, for the figures at the end. */
export interface RunReport {
  /** What must not be; empty when all is well. */
  readonly problems: readonly string[];
  /** How it ended: `done`, or the name of what was thrown. */
  readonly ended: string;
  readonly requests: number;
  readonly sessions: number;
  readonly faultsMet: number;
}

function balanceFor(seconds: number): bigint {
  return (perHour * BigInt(seconds)) / 3_600n;
}

function rentable(list: readonly number[]): { readonly node_id: number; readonly priceWeiPerHour: bigint }[] {
  return list.map((node_id) => ({ node_id, priceWeiPerHour: perHour - BigInt(node_id) }));
}

/** One run: a market of its own, and a caller. */
class Run {
  readonly #plan: RentalPlan;
  readonly #simulator: OctaSimulator;
  readonly #client: OctaClient;
  readonly #controller = new AbortController();
  readonly #candidates: readonly number[];
  readonly #faults: readonly ScriptedFault[];

  constructor(plan: RentalPlan) {
    this.#plan = plan;
    const { seed, service, candidates, affordableSeconds } = plan;
    this.#candidates = nodes[service].slice(0, candidates);
    this.#simulator = new OctaSimulator({
      seed,
      machines: rentable(nodes.mr),
      renderMachines: rentable(nodes.render),
      relays: rentable(nodes.vpn),
      nodes: [],
      apps: [],
      balanceWei: balanceFor(affordableSeconds),
    });
    this.#client = new OctaClient({ apiKey: 'a-key', fetch: this.#simulator.fetch, logLevel: 'silent' });
    this.#faults = this.#prepare();
  }

  #prepare(): ScriptedFault[] {
    const { faults, refusing, diesAfterMs, neverReady, abortAfterMs, service } = this.#plan;
    const simulator = this.#simulator;
    for (const position of refusing) simulator.machine(nodes[service][position] ?? 1).refuse('Node is asleep', 2);
    if (diesAfterMs !== undefined) simulator.machine(nodes[service][0]).dieAfter(diesAfterMs);
    if (neverReady) for (const node of nodes[service]) simulator.machine(node).neverReady();
    if (abortAfterMs !== undefined) this.#in(abortAfterMs, () => this.#controller.abort(mine));
    const name = (operation: string) => (operation === 'start' ? starts[service] : operation);
    return faults.map(({ operation, nth, fault }) =>
      simulator.fail(({ operation: asked, nth: count }) => asked === name(operation) && count === nth, fault),
    );
  }

  #in(ms: number, act: () => void): void {
    this.#simulator.clock.setTimer(act, ms, 'limit');
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#simulator.clock.setTimer(resolve, ms, 'wait'));
  }

  async #rent(): Promise<SessionResource> {
    const { service, lease } = this.#plan;
    const { signal } = this.#controller;
    const { services } = this.#client;
    const candidates = this.#candidates;
    const options = { ...lease, signal };
    if (service === 'mr') return services.mr.rent({ candidates, disk_size: 20, image: 'ubuntu' }, options);
    if (service === 'render') return services.render.rent({ candidates, disk_size: 20 }, options);
    return services.vpn.rent({ candidates }, options);
  }

  async #start(): Promise<SessionResource> {
    const [node_id = 1] = this.#candidates;
    const { services } = this.#client;
    if (this.#plan.service === 'mr') return services.mr.start({ node_id, disk_size: 20, image: 'ubuntu' });
    if (this.#plan.service === 'render') return services.render.start({ node_id, disk_size: 20 });
    return services.vpn.start({ node_id });
  }

  async #use(session: SessionResource): Promise<void> {
    const { useMs, exit, stopsFail } = this.#plan;
    await this.#sleep(useMs);
    if (stopsFail) this.#simulator.fail('stopSession', { status: 503 }, Number.POSITIVE_INFINITY);
    if (exit === 'throw') throw mine;
    if (exit === 'abort-inside') this.#controller.abort(mine);
    if (exit === 'stop') await session.stop({ score: 4 });
  }

  async #guard(): Promise<void> {
    const session = await this.#start();
    const { useMs, stopsFail } = this.#plan;
    if (stopsFail) this.#simulator.fail('stopSession', { status: 503 }, 30);
    const guard = session.guard({ maxDurationMs: useMs, maxSpend: balanceFor(60) });
    let done = false;
    guard.done.then(() => {
      done = true;
    });
    for (let passed = 0; !done && passed < 3_600_000; passed += 20_000) await this.#simulator.advance(20_000);
    if (!done) throw new Error('the guard is not done after an hour');
  }

  async #act(): Promise<void> {
    if (this.#plan.kind === 'guard') return this.#guard();
    await using session = this.#plan.kind === 'rent' ? await this.#rent() : await this.#start();
    await this.#use(session);
  }

  async report(): Promise<RunReport> {
    const thrown: unknown = await this.#act().then(
      () => undefined,
      (error: unknown) => error,
    );
    // What the API still had to do, such as a start that was given up, happens now.
    await this.#simulator.advance(600_000);
    for (const fault of this.#faults) fault.remove();
    const problems = [...this.#leftRunning(thrown), ...this.#startedTwice(), ...this.#oddErrors(thrown)];
    problems.push(...(await this.#wrongCharges()));
    const { requests, sessions } = this.#simulator;
    const faultsMet = this.#faults.reduce((sum, { hits }) => sum + hits, 0);
    const ended = thrown === undefined ? 'done' : thrown instanceof Error ? thrown.name : typeof thrown;
    return { problems, ended, requests: requests.length, sessions: sessions.length, faultsMet };
  }

  /** The error over the session, also when another one took it along at the end of a scope. */
  #sessionErrors(thrown: unknown): OctaSessionError[] {
    if (thrown instanceof OctaSessionError) return [thrown];
    if (typeof thrown !== 'object' || thrown === null) return [];
    const { error, suppressed } = thrown as { readonly error?: unknown; readonly suppressed?: unknown };
    return [...this.#sessionErrors(error), ...this.#sessionErrors(suppressed)];
  }

  /** Sessions that run although nobody was told. */
  #leftRunning(thrown: unknown): string[] {
    const { running } = this.#simulator;
    const named = this.#sessionErrors(thrown).flatMap((error) => error.running);
    const silent = running.filter((uuid) => !named.includes(uuid));
    // Without rent, a start whose answer was lost is the caller's to look for, and its error says so.
    const isCallers = this.#plan.kind !== 'rent' && isOctaError(thrown) && thrown.outcome === 'unknown';
    const problems = isCallers ? [] : silent.map((uuid) => `session ${uuid} was left running`);
    if (running.length > 0 && !this.#plan.stopsFail && !isCallers)
      problems.push('something runs although stops get through');
    return problems;
  }

  #startedTwice(): string[] {
    const { requests, sessions } = this.#simulator;
    const sent = requests.filter(({ operation }) => operation === starts[this.#plan.service]);
    const perNode = new Map<string, number>();
    for (const { body } of sent) {
      const node = /"node_id":(\d+)/.exec(JSON.stringify(body))?.[1] ?? 'none';
      perNode.set(node, (perNode.get(node) ?? 0) + 1);
    }
    const problems = [...perNode].filter(([, count]) => count > 1).map(([node]) => `node ${node} was asked twice`);
    if (sessions.length > 1) problems.push(`${sessions.length} sessions were started for one call`);
    return problems;
  }

  #oddErrors(thrown: unknown): string[] {
    if (thrown === undefined || thrown === mine || isOctaError(thrown)) return [];
    if (thrown instanceof Error && thrown.name === 'SuppressedError') return [];
    return [`${String(thrown)} is none of ours`];
  }

  /** Charges add up, in the market and in what the client reads. */
  async #wrongCharges(): Promise<string[]> {
    const simulator = this.#simulator;
    const before = balanceFor(this.#plan.affordableSeconds);
    const sum = simulator.sessions.reduce((total, { chargeWei }) => total + chargeWei, 0n);
    const recent = await this.#client.sessions.list({ recent: true });
    const active = await this.#client.sessions.list();
    const { balance } = await this.#client.accounts.balance();
    const read = [...recent, ...active].reduce((total, { charge_amount = 0n }) => total + charge_amount, 0n);
    // Reading takes time, in which what still runs costs on.
    const now = simulator.spent;
    const wrong =
      before - simulator.balance !== now || (active.length === 0 && (read !== sum || before - balance !== sum));
    return wrong
      ? [
          `charges do not add up: ${formatOcta(before)} - ${formatOcta(balance)}, ${formatOcta(read)}, ${formatOcta(sum)}`,
        ]
      : [];
  }
}

/** Carries out one plan. */
function runRental(plan: RentalPlan): Promise<RunReport> {
  return new Run(plan).report();
}

/** Carries out plans, some at a time, and gives what is wrong with each, and figures about all. */
export async function runRentals(
  plans: readonly RentalPlan[],
  atOnce: number,
): Promise<{
  readonly wrong: readonly (readonly [RentalPlan, readonly string[]])[];
  readonly figures: Record<string, number>;
}> {
  const wrong: [RentalPlan, readonly string[]][] = [];
  const figures: Record<string, number> = { requests: 0, sessions: 0, faultsMet: 0 };
  const queue = plans.values();
  const work = async (): Promise<void> => {
    for (const plan of queue) {
      const { problems, ended, requests, sessions, faultsMet } = await runRental(plan);
      if (problems.length > 0) wrong.push([plan, problems]);
      for (const [name, count] of Object.entries({ requests, sessions, faultsMet, [`ended: ${ended}`]: 1 })) {
        figures[name] = (figures[name] ?? 0) + count;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { wrong, figures };
}
