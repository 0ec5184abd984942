/** Random programs with `maxTotalSpend`, and the cost of their sessions in the most expensive window. */
import type { OctaClient, SessionResource } from '../../src/index.ts';
import { memoryLedger, OctaSimulator, type SimulatedSession } from '../../src/testing/index.ts';
import { Program } from './rental-programs.ts';

const weiPerHour = 7_200n * 10n ** 15n;
/** How long programs start sessions, and how long they are watched in total. Unit: ms. */
const busyMs = 90 * 60_000;
const watchedMs = 3 * 3_600_000;
const order = { disk_size: 20, image: 'ubuntu:24.04' };

/** The result of one run. Amounts are in seconds of one session, which cost the same everywhere. */
interface TotalSpendRun {
  readonly limitSeconds: number;
  /** The cost of the most expensive window. */
  readonly worstSeconds: number;
  /** Sessions in that window. Unit: count. */
  readonly sessions: number;
  readonly started: number;
  readonly refused: number;
  /** Starts that failed for other reasons. */
  readonly failed: number;
  /** Programs that died. Unit: count. */
  readonly deaths: number;
}

function weiOf(seconds: number): bigint {
  return (weiPerHour * BigInt(seconds)) / 3_600n;
}

/** Numbers from 0 to 1, without 1. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Run {
  readonly #random: () => number;
  readonly #limitSeconds: number;
  readonly #windowMs: number;
  readonly #simulator: OctaSimulator;
  readonly #counts = { started: 0, refused: 0, failed: 0, deaths: 0 };
  /** Sessions that a program received, in lower case. */
  readonly #given = new Set<string>();
  #rentals = 0;

  constructor(seed: number, isHostile: boolean) {
    this.#random = randomOf(seed);
    this.#limitSeconds = this.#between(600, 6_000);
    this.#windowMs = this.#between(15, 90) * 60_000;
    const nodes = (from: number) =>
      [0, 1, 2, 3].map((index) => ({ node_id: from + index, priceWeiPerHour: weiPerHour }));
    this.#simulator = new OctaSimulator({
      machines: nodes(1),
      renderMachines: nodes(11),
      relays: nodes(21),
      balanceWei: 10n ** 24n,
      seed,
      // No client can find the session of a lost start without its mark, or one that begins although the API refused it.
      ...(isHostile ? { hostile: seed, hideVariables: false, lies: { falseRefusals: 0 } } : {}),
    });
  }

  #between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least));
  }

  /** Half of the runs have a ledger. In half of those the program dies, and another one continues. */
  async run(): Promise<TotalSpendRun> {
    const simulator = this.#simulator;
    const maxTotalSpend = { amount: weiOf(this.#limitSeconds), windowMs: this.#windowMs };
    const ledger = this.#random() < 0.5 ? memoryLedger() : undefined;
    const open = () => new Program(simulator, ledger, { maxTotalSpend });
    const first = open();
    const programs = ledger !== undefined && this.#random() < 0.5 ? [first, open()] : [first];
    for (let left = this.#between(10, 25); left > 0; left--) {
      const program = programs[this.#between(0, programs.length)] ?? first;
      program.in(this.#between(0, busyMs), () => void this.#act(program));
    }
    if (ledger !== undefined && this.#random() < 0.5) {
      const diesAt = this.#between(0, busyMs);
      first.in(diesAt, () => this.#replace(first, open));
    }
    await simulator.advance(watchedMs);
    return { limitSeconds: this.#limitSeconds, ...this.#worst(), ...this.#counts };
  }

  #replace(dead: Program, open: () => Program): void {
    dead.die();
    this.#counts.deaths++;
    const next = open();
    for (let left = this.#between(3, 10); left > 0; left--) {
      next.in(this.#between(0, busyMs / 2), () => void this.#act(next));
    }
    for (const minutes of [1, 4, 10, 20]) {
      next.in(minutes * 60_000, () => void next.client.leases.reconcile({ adopt: true }).catch(() => undefined));
    }
  }

  /** Starts something, and may stop it later. */
  async #act(program: Program): Promise<void> {
    const maxSpend = this.#random() < 0.75 ? weiOf(this.#between(60, 2_400)) : undefined;
    const stopsAfterMs = this.#random() < 0.5 ? this.#between(0, 40 * 60_000) : undefined;
    try {
      for (const session of await this.#start(program.client, maxSpend)) {
        this.#counts.started++;
        this.#given.add(session.uuid.toLowerCase());
        if (this.#random() < 0.2) for (const guard of session.guards) guard.release();
        const stop = () => void session.stop({ verify: true }).catch(() => undefined);
        if (stopsAfterMs !== undefined) program.in(stopsAfterMs, stop);
      }
    } catch (error) {
      if (Reflect.get(Object(error), 'reason') === 'total-spend') this.#counts.refused++;
      else this.#counts.failed++;
    }
  }

  /** A lease id that distinguishes rentals from plain starts. */
  #id(): string {
    this.#rentals++;
    return `rental-${this.#rentals}`;
  }

  async #start({ services }: OctaClient, maxSpend: bigint | undefined): Promise<SessionResource[]> {
    const { mr, render, vpn } = services;
    const [node_id, other] = [this.#between(1, 5), this.#between(1, 5)];
    const shared = { maxSpend, maxDurationMs: this.#between(2, 120) * 60_000, readyTimeoutMs: 300_000 };
    const limits = { ...shared, id: this.#id() };
    switch (this.#between(0, 9)) {
      case 0:
        return await mr.rentMany(
          [node_id, other].map((node) => ({ node_id: node, ...order })),
          { ...shared, ids: [this.#id(), this.#id()] },
        );
      case 1:
        return [(await mr.run({ node_id, ...order, command: 'true' }, limits).result).session];
      case 2:
        return [await mr.start({ node_id, ...order })];
      case 3:
        return (await mr.startMany([node_id, other].map((node) => ({ node_id: node, ...order })))).flatMap((each) =>
          each.status === 'started' ? each.session : [],
        );
      case 4:
        return [await render.rent({ node_id: node_id + 10, disk_size: 20 }, limits)];
      case 5:
        return [await vpn.rent({ node_id: node_id + 20 }, limits)];
      default:
        return [await mr.rent({ candidates: [node_id, other], ...order }, limits)];
    }
  }

  /** The cost of the most expensive window: one of those that end when a session does. */
  #worst(): Pick<TotalSpendRun, 'worstSeconds' | 'sessions'> {
    // No client can count a session that no response showed. A second session of a plain start does not count either.
    const isOurs = ({ uuid, leaseId = '' }: SimulatedSession) => this.#given.has(uuid) || leaseId.startsWith('rental-');
    const sessions = this.#simulator.sessions.filter((each) => !each.foreign && each.shown && isOurs(each));
    const endOf = ({ finishedAt = this.#simulator.now }: SimulatedSession) => finishedAt;
    const windows = sessions.map((last) => {
      const [from, to] = [endOf(last) - this.#windowMs, endOf(last)];
      const costs = sessions.map((each) => Math.min(endOf(each), to) - Math.max(each.startedAt, from));
      const inside = costs.filter((ms) => ms > 0);
      return { worstSeconds: inside.reduce((sum, ms) => sum + ms / 1_000, 0), sessions: inside.length };
    });
    return windows.reduce((worst, each) => (each.worstSeconds > worst.worstSeconds ? each : worst), {
      worstSeconds: 0,
      sessions: 0,
    });
  }
}

/**
 * What a session may cost in addition to its reserved amount. Under good conditions, the cost between two looks of its guard. Under bad
 * conditions, lost responses, slow stops, and a second stop. If its program dies, a reconciler has to detect that first. Unit: seconds.
 */
const slackSeconds = { good: 10, bad: 150, dead: 300 };

/** Many runs with consecutive seeds. Returns those in which a window cost more than allowed, and figures of all. */
export async function runsUnderTotalSpend(seed: number, runs: number, isHostile: boolean) {
  const broken: object[] = [];
  let [started, refused] = [0, 0];
  for (let next = seed; next < seed + runs; next++) {
    const run = await new Run(next, isHostile).run();
    const slack = slackSeconds[run.deaths > 0 ? 'dead' : isHostile ? 'bad' : 'good'];
    if (run.worstSeconds > run.limitSeconds + slack * run.sessions) broken.push({ seed: next, ...run });
    started += run.started;
    refused += run.refused;
  }
  return { broken, started, refused };
}
