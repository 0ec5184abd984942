/** The public class of the simulator. */
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
 * A stateful stand-in for the API, for tests. Machines are rented, become ready, cost money by the second, log, and are stopped,
 * in virtual time. A seed determines everything, and a test can inject faults.
 *
 * @example
 * const simulator = new OctaSimulator();
 * const client = new OctaClient({ apiKey: 'any', fetch: simulator.fetch });
 * const [machine] = await client.services.mr.available();
 */
export class OctaSimulator {
  /** For the option `fetch` of a client. The client then uses the simulator's clock, and does not wait in real time. */
  readonly fetch: SimulatorFetch;
  readonly #options: ResolvedOptions;
  readonly #clock: VirtualClock;
  readonly #script = new FaultScript();
  readonly #exchanges: Exchanges;
  readonly #jobs = new Era();
  #world: World;
  /** The time of the clock when the world began. Unit: ms. */
  #begun = 0;
  #servers = 0;

  /** Throws OctaConfigurationError if an option is wrong or unknown. */
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

  /** The virtual clock, for other code that should use it. */
  get clock(): Clock {
    return this.#clock;
  }

  /** The time of the virtual wall clock. Unit: Unix ms, whole. */
  get now(): number {
    return Math.floor(this.#options.startedAt + this.#clock.now() - this.#begun);
  }

  /** The conditions of the API: the options with their defaults, and the values that `hostile` chose. */
  get conditions(): SimulatorConditions {
    return this.#options.conditions;
  }

  /** The latest `keepRequests` requests, in the order of their arrival. None of them contains the API key. */
  get requests(): readonly RecordedRequest[] {
    return this.#exchanges.recorded;
  }

  /** The current state of every session so far, in the order of their starts. */
  get sessions(): readonly SimulatedSession[] {
    const { now } = this;
    return [...this.#settled().sessions.values()].map((session) => snapshot(session, now));
  }

  /** UUIDs of the sessions that still cost money. */
  get running(): readonly string[] {
    return [...this.#settled().ledger.running].map(({ uuid }) => uuid);
  }

  /** The current balance of the account. Unit: Wei. */
  get balance(): bigint {
    return this.#settled().ledger.balanceAt(this.now);
  }

  /** What all sessions have cost so far. Unit: Wei. */
  get spent(): bigint {
    return this.#settled().ledger.spentAt(this.now);
  }

  /**
   * Moves time forward. Everything that is due meanwhile happens in order, at its time. Unit: ms. Each timer takes two turns of the
   * event loop, and each request some more: polling a session every 2 s means 43 200 requests a day, which takes seconds of real time.
   *
   * @throws OctaConfigurationError if `ms` is not a number from 0 to a year.
   */
  async advance(ms: number): Promise<void> {
    check('ms', ms, someMs);
    await this.#clock.advance(ms);
  }

  /**
   * Injects a fault into the next `times` requests that match. If several faults match a request, the first one applies. `times` may be
   * Infinity; default 1.
   *
   * @throws OctaConfigurationError if an operation or a fault is unknown or wrong.
   * @example
   * simulator.fail('getSessionInfo', { status: 503, headers: { 'retry-after': '5' } }, 2);
   */
  fail(match: FaultMatch, fault: Fault, times = 1): ScriptedFault {
    return this.#script.add(match, fault, times);
  }

  /**
   * Controls one node of any kind.
   *
   * @throws OctaConfigurationError if there is no node with this number.
   */
  machine(nodeId: number): SimulatedMachine {
    const known = anId(nodeId) === undefined && this.#world.knows(nodeId);
    if (!known) refuse('nodeId', nodeId, 'the number of a node of this simulator');
    return new NodeHandle(nodeId, { world: () => this.#world, now: () => this.now });
  }

  /**
   * Begins a session as if another program with the same account had started it. It costs money like any other session, but what it has
   * cost until now is already paid. Its node can still be rented, and may already be rented.
   *
   * @throws OctaConfigurationError if the node does not exist, or is dead.
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
   * Returns to the initial state of the seed, without sessions, requests, faults and settings of nodes. Requests in progress fail with a
   * lost connection, and have no effect. `clock` and the timers of clients continue, so end what waits on it first.
   */
  reset(): void {
    this.#script.clear();
    this.#exchanges.reset();
    this.#clock.reseed();
    this.#begun = this.#clock.now();
    this.#world = this.#newWorld();
  }

  /**
   * Serves the simulator over HTTP, to test unchanged programs. Virtual time then passes as fast as real time, unless `speed` is set.
   *
   * @throws OctaConfigurationError if an option is wrong, the port is in use, or the runtime has no `node:http`.
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

  /** The world, after everything that was due by now. */
  #settled(): World {
    this.#world.settle(this.now);
    return this.#world;
  }
}
