/** The simulator as its users see it. */
import type { Clock } from '../clock.ts';
import { asyncDispose } from '../disposal.ts';
import { requireGlobals } from '../errors/runtime.ts';
import { anAmount, anId, check, refuse, someMs } from './checks.ts';
import type { SimulatorConditions } from './conditions.ts';
import { Era } from './era.ts';
import { Exchanges } from './exchange.ts';
import { type Fault, type FaultMatch, FaultScript, type ScriptedFault } from './faults.ts';
import { fetchOf, type SimulatorFetch } from './fetch.ts';
import { checkForeign, type ForeignStart } from './foreign.ts';
import { NodeHandle, type SimulatedMachine } from './machine.ts';
import { type OctaSimulatorOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import type { RecordedRequest } from './records.ts';
import { type ListenOptions, type SimulatorServer, serve } from './server.ts';
import { type SimulatedSession, snapshot } from './simulated-session.ts';
import { VirtualClock } from './virtual-clock.ts';
import { World } from './world.ts';

const neededGlobals = ['Headers', 'ReadableStream', 'Request', 'Response', 'TextDecoder', 'TextEncoder', 'URL', 'btoa'];

/**
 * A stand-in for the API that lives: machines are rented, become ready, cost by the second, log, and are stopped; all in
 * virtual time, all decided by a seed, and with faults where a test orders them.
 *
 * @example
 * const simulator = new OctaSimulator();
 * const client = new OctaClient({ apiKey: 'any', fetch: simulator.fetch });
 * const [machine] = await client.services.mr.available();
 */
export class OctaSimulator {
  /** For a client's option `fetch`. The client then runs by the simulator's clock, without real waiting. */
  readonly fetch: SimulatorFetch;
  readonly #options: ResolvedOptions;
  readonly #clock: VirtualClock;
  readonly #script = new FaultScript();
  readonly #exchanges: Exchanges;
  readonly #jobs = new Era();
  #world: World;
  /** What the clock showed when the world began. Unit: ms. */
  #begun = 0;
  #servers = 0;

  /** Throws OctaConfigurationError for a wrong or unknown option. */
  constructor(options: OctaSimulatorOptions = {}) {
    requireGlobals('the simulator', neededGlobals);
    const resolved = resolveOptions(options);
    this.#options = resolved;
    this.#clock = new VirtualClock(resolved.speed ?? 0, `${resolved.seed}/clock`);
    this.#begun = this.#clock.now();
    this.#world = this.#newWorld();
    this.#exchanges = new Exchanges({
      clock: this.#clock,
      script: this.#script,
      options: resolved,
      world: () => this.#world,
      now: () => this.now,
    });
    this.fetch = fetchOf(this.#exchanges, this.#clock);
  }

  /** Virtual time, for whatever else shall run by it. */
  get clock(): Clock {
    return this.#clock;
  }

  /** What the virtual wall clock shows. Unit: Unix ms, whole. */
  get now(): number {
    return Math.floor(this.#options.startedAt + this.#clock.now() - this.#begun);
  }

  /** How badly the API behaves: the options about that with their defaults, and what `hostile` has drawn. */
  get conditions(): SimulatorConditions {
    return this.#options.conditions;
  }

  /** The requests that came, in their order, up to the last `keepRequests`; the API key is in none of them. */
  get requests(): readonly RecordedRequest[] {
    return this.#exchanges.recorded;
  }

  /** Every session so far, in the order of their starts, as it is now. */
  get sessions(): readonly SimulatedSession[] {
    const { now } = this;
    return [...this.#settled().sessions.values()].map((session) => snapshot(session, now));
  }

  /** UUIDs of the sessions that still cost. */
  get running(): readonly string[] {
    return [...this.#settled().ledger.running].map(({ uuid }) => uuid);
  }

  /** What the account holds now. Unit: Wei. */
  get balance(): bigint {
    return this.#settled().ledger.balanceAt(this.now);
  }

  /** What all sessions have cost so far. Unit: Wei. */
  get spent(): bigint {
    return this.#settled().ledger.spentAt(this.now);
  }

  /**
   * Moves time on; what is due on the way happens in its order and at its time. Unit: ms. Each timer on the way takes two turns of
   * the event loop, and each request some more: a session that is polled every 2 s asks 43 200 times a day, which takes seconds.
   *
   * @throws OctaConfigurationError when `ms` is no number from 0 to a year.
   */
  async advance(ms: number): Promise<void> {
    check('ms', ms, someMs);
    await this.#clock.advance(ms);
  }

  /**
   * Orders a fault for the next requests that match; the first fault that matches wins. `times` may be Infinity; default 1.
   *
   * @throws OctaConfigurationError for an operation or a fault that does not exist.
   * @example
   * simulator.fail('getSessionInfo', { status: 503, headers: { 'retry-after': '5' } }, 2);
   */
  fail(match: FaultMatch, fault: Fault, times = 1): ScriptedFault {
    return this.#script.add(match, fault, times);
  }

  /**
   * A hand on one node, of whatever kind.
   *
   * @throws OctaConfigurationError when there is none of that number.
   */
  machine(nodeId: number): SimulatedMachine {
    const known = anId(nodeId) === undefined && this.#world.knows(nodeId);
    if (!known) refuse('nodeId', nodeId, 'the number of a node of this simulator');
    return new NodeHandle(nodeId, { world: () => this.#world, now: () => this.now });
  }

  /**
   * Begins a session that no client of this simulator has started, as another program with the same account would. It costs like any
   * other, and what it has cost before is paid for. Its node can be rented all the same, and may be already.
   *
   * @throws OctaConfigurationError for a node that does not exist, or is dead.
   * @example
   * simulator.startForeign({ node_id: 1, envs: { OCTA_LEASE_ID: 'theirs' }, agoMs: 60_000 });
   */
  startForeign(start: ForeignStart): SimulatedSession {
    checkForeign(start);
    const { now } = this;
    return snapshot(this.#settled().startForeign(start, now), now);
  }

  /** Adds to the balance, so that starts are possible again. Unit: Wei. Throws OctaConfigurationError. */
  deposit(wei: bigint): void {
    check('wei', wei, anAmount);
    this.#settled().deposit(wei);
  }

  /**
   * Goes back to the seeded beginning: no sessions, no requests, no faults, no orders. What is under way ends as a lost connection,
   * and takes no effect. `clock` goes on, with the timers that clients have set; stop what waits on it first.
   */
  reset(): void {
    this.#script.clear();
    this.#exchanges.reset();
    this.#clock.reseed();
    this.#begun = this.#clock.now();
    this.#world = this.#newWorld();
  }

  /**
   * Serves HTTP, for programs that are to be tested as they are. Time then flows as fast as real time, unless `speed` says
   * otherwise.
   *
   * @throws OctaConfigurationError for wrong options, a port that is taken, or a runtime without `node:http`.
   */
  async listen(options: ListenOptions = {}): Promise<SimulatorServer> {
    const { close, url, port } = await serve(this.#exchanges, this.#clock, options);
    this.#servers++;
    this.#clock.setSpeed(this.#options.speed ?? 1);
    let closing: Promise<void> | undefined;
    const closeOnce = () => {
      closing ??= close().then(() => {
        this.#servers--;
        if (this.#servers === 0) this.#clock.setSpeed(this.#options.speed ?? 0);
      });
      return closing;
    };
    return { port, url: url + this.#options.basePath, close: closeOnce, [asyncDispose]: closeOnce };
  }

  #newWorld(): World {
    this.#jobs.end();
    return new World(this.#options, { clock: this.#clock, now: () => this.now, era: this.#jobs });
  }

  /** The world, with all that was to happen by now. */
  #settled(): World {
    this.#world.settle(this.now);
    return this.#world;
  }
}
