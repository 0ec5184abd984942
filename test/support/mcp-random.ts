/** Random sequences of tool calls by clients that vanish, checked against the state of the market. */
import { formatOcta } from '../../src/index.ts';
import { OctaSimulator, type SimulatedSession } from '../../src/testing/index.ts';
import { Random } from '../../src/testing/random.ts';
import { type Answer, type McpUser, mcpSettings, octa, openMcp, type SimulatedMcp } from './mcp.ts';

/** The result of many sequences. */
export interface McpReport {
  readonly broken: string[];
  readonly figures: Record<string, number>;
}

/** A session is looked at every 10 s, and charges grow by the second. Unit: seconds. */
const onePoll = 11;
/** The same under bad conditions: lost responses, ignored stops, and second sessions. Unit: seconds. */
const badDay = 900;

/** The cost of a session for a number of seconds. */
function slackOf({ chargeWei, startedAt, finishedAt = startedAt }: SimulatedSession, seconds: number): bigint {
  return (chargeWei * BigInt(seconds * 1_000)) / BigInt(Math.max(1, finishedAt - startedAt));
}

interface Plan {
  readonly seed: string;
  readonly random: Random;
  readonly isHostile: boolean;
  readonly keep: boolean;
  readonly maxTotalSpend: bigint;
  readonly maxSpend: bigint;
}

function planOf(seed: string): Plan {
  const random = new Random(seed);
  const maxTotalSpend = (octa * BigInt(random.integer(5, 400))) / 100n;
  const maxSpend = maxTotalSpend / BigInt(random.integer(1, 4));
  return { seed, random, isHostile: random.chance(0.5), keep: random.chance(0.2), maxTotalSpend, maxSpend };
}

/**
 * Sessions that the server can recognize as its own. A second session of a relay has no mark, and under some conditions none has one. It
 * cannot recognize those of them that no response named.
 */
function ownSessions({ simulator, backend }: SimulatedMcp) {
  const isMarked = (leaseId = '') => leaseId.startsWith('mcp-') && !simulator.conditions.hideVariables;
  return simulator.sessions.filter(({ uuid, leaseId, foreign, shown }) => {
    const isNamed = backend.rentals.all.some(({ uuids }) => uuids.has(uuid));
    return !foreign && shown && (isNamed || isMarked(leaseId));
  });
}

class Sequence {
  readonly #plan: Plan;
  readonly #mcp: SimulatedMcp;
  readonly #count: (name: string) => void;
  readonly #pending = new Set<Promise<unknown>>();
  #users: McpUser[];

  constructor(plan: Plan, mcp: SimulatedMcp, count: (name: string) => void) {
    this.#plan = plan;
    this.#mcp = mcp;
    this.#count = count;
    this.#users = [mcp];
  }

  async run(): Promise<string[]> {
    const { random } = this.#plan;
    for (let step = random.integer(4, 14); step > 0; step--) await this.#step();
    await Promise.all(this.#users.map(({ client }) => client.close()));
    await this.#mcp.simulator.advance(60_000);
    await Promise.allSettled(this.#pending);
    return this.#problems();
  }

  #any<Item>(items: readonly Item[]): Item {
    // The request has a choice of nodes.
    return items[this.#plan.random.integer(0, items.length - 1)] as Item;
  }

  async #step(): Promise<void> {
    const { random } = this.#plan;
    const user = this.#any(this.#users);
    const drawn = random.integer(0, 99);
    if (drawn < 45) await this.#rent(user);
    else if (drawn < 60) await this.#mcp.simulator.advance(random.integer(1, 1_500) * 1_000);
    else if (drawn < 70) await this.#call(user, 'session_status');
    else if (drawn < 75) await this.#call(user, 'session_logs', { session: this.#session() });
    else if (drawn < 83) await this.#call(user, 'stop_session', { session: this.#session() });
    else if (drawn < 87) await this.#call(user, 'stop_all_sessions');
    else if (drawn < 93) await this.#vanish(user);
    else if (drawn < 96) this.#users.push(await this.#mcp.connect());
    else this.#die();
  }

  #session(): string {
    return this.#any([...this.#mcp.backend.rentals.all.map(({ init }) => init.id), 'mcp-unknown']);
  }

  async #vanish(user: McpUser): Promise<void> {
    this.#count('clients that vanished');
    await user.client.close();
    this.#users = this.#users.filter((each) => each !== user);
    if (this.#users.length === 0) this.#users.push(await this.#mcp.connect());
  }

  #die(): void {
    const [rental] = this.#mcp.backend.rentals.open;
    if (rental !== undefined) this.#mcp.simulator.machine(rental.init.quote.nodeId).die();
  }

  async #call(
    user: McpUser,
    name: string,
    args: Record<string, unknown> = {},
    signal?: AbortSignal,
  ): Promise<Answer['data'] | undefined> {
    this.#count(name);
    const options = { timeout: 3_600_000, ...(signal === undefined ? {} : { signal }) };
    const answer = await user.call(name, args, options).catch(() => undefined);
    if (answer === undefined) return void this.#count('calls without an answer');
    if (answer.data.error?.name === 'LimitError') this.#count('refused by a limit');
    else if (answer.isError) this.#count('errors');
    for (const notice of answer.data.notices ?? []) this.#count(`notice:${notice.slice(notice.indexOf(':') + 1)}`);
    return answer.isError ? undefined : answer.data;
  }

  async #rent(user: McpUser): Promise<void> {
    const { random, maxSpend } = this.#plan;
    const kind = this.#any(['machine', 'machine', 'machine', 'relay', 'render_node'] as const);
    const found = await this.#call(
      user,
      { machine: 'find_machines', relay: 'find_relays', render_node: 'find_render_nodes' }[kind],
    );
    const nodes = found === undefined ? [] : (Object.values(found).find(Array.isArray) as { node_id: number }[]);
    if (nodes.length === 0) return;
    const { node_id } = this.#any(nodes);
    const quote = await this.#call(user, 'quote', {
      kind,
      node_id,
      ...(kind === 'machine' ? { image: 'ubuntu:24.04' } : {}),
    });
    if (quote?.quote_id === undefined) return;
    const asked = (maxSpend * BigInt(random.integer(20, 115))) / 100n;
    const limits = { max_spend_octa: formatOcta(asked), max_minutes: random.integer(1, 65) };
    const given = { quote_id: quote.quote_id, ...limits, wait_seconds: random.integer(0, 60) };
    const isRun = kind === 'machine' && random.chance(0.4);
    const args = isRun ? { ...given, command: 'echo hi' } : given;
    const name = isRun ? 'run' : 'rent';
    if (!random.chance(0.3)) return void (await this.#call(user, name, args));
    // The client cancels the call, or continues without its response.
    const controller = new AbortController();
    const calling = this.#call(user, name, args, controller.signal);
    this.#pending.add(calling);
    await this.#mcp.simulator.advance(random.integer(0, 12_000));
    if (!random.chance(0.6)) return;
    this.#count('cancelled');
    controller.abort();
  }

  #problems(): string[] {
    const { backend } = this.#mcp;
    const { maxTotalSpend, isHostile, keep } = this.#plan;
    const own = ownSessions(this.#mcp);
    const kept = new Set(backend.rentals.open.filter(({ isKept }) => isKept).map(({ uuid }) => uuid));
    const problems: string[] = [];
    for (const { uuid, state } of own) {
      this.#count('sessions');
      if (state !== 'ended' && !kept.has(uuid) && !isHostile) problems.push(`session ${uuid} runs on`);
      if (state !== 'ended' && kept.has(uuid) && !keep) problems.push(`session ${uuid} was kept`);
    }
    let allowance = 0n;
    for (const rental of backend.rentals.all) {
      const ofRental = own.filter(({ uuid }) => rental.uuids.has(uuid.toLowerCase()));
      const slack = ofRental.reduce((sum, session) => sum + slackOf(session, isHostile ? badDay : onePoll), 0n);
      const cost = ofRental.reduce((sum, { chargeWei }) => sum + chargeWei, 0n);
      allowance += slack;
      if (cost > rental.init.maxSpend + slack) {
        problems.push(`rental ${rental.init.id} cost ${cost} of ${rental.init.maxSpend}`);
      }
    }
    const total = own.reduce((sum, { chargeWei }) => sum + chargeWei, 0n);
    if (total > maxTotalSpend + allowance) problems.push(`all cost ${total} of ${maxTotalSpend}`);
    return problems;
  }
}

async function runOne(seed: string, count: (name: string) => void): Promise<string[]> {
  const plan = planOf(seed);
  const { isHostile, keep, maxSpend, maxTotalSpend } = plan;
  const simulator = new OctaSimulator({ seed, ...(isHostile ? { hostile: seed } : {}) });
  const limits = { maxSpend, maxTotalSpend, maxMinutes: 60, maxSessions: 3 };
  const mcp = await openMcp(mcpSettings({ limits, keep }), simulator, { validates: false });
  count(isHostile ? 'bad days' : 'good days');
  const problems = await new Sequence(plan, mcp, count).run();
  // Kept sessions, and sessions that are still being stopped under bad conditions.
  await mcp.backend.rentals.stop(mcp.backend.rentals.open);
  const runs = () => ownSessions(mcp).filter(({ state }) => state !== 'ended');
  for (let minutes = 0; minutes < 60 && runs().length > 0; minutes += 5) await simulator.advance(300_000);
  const running = runs();
  if (running.length > 0) problems.push(`${running.length} sessions run on in the end`);
  await mcp[Symbol.asyncDispose]();
  return problems.map((problem) => `${seed}: ${problem}`);
}

/** Runs a number of sequences. */
export async function runMcpSequences(from: number, runs: number): Promise<McpReport> {
  const broken: string[] = [];
  const figures: Record<string, number> = {};
  const count = (name: string) => {
    figures[name] = (figures[name] ?? 0) + 1;
  };
  for (let run = 0; run < runs; run++) broken.push(...(await runOne(`mcp/${from + run}`, count)));
  return { broken, figures };
}
