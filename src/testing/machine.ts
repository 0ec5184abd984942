/** A test's hand on one node. */
import { aText, check, someMs, times as timesRule } from './checks.ts';
import type { SimulatedCommand } from './jobs.ts';
import type { World } from './world.ts';

/** What a handle works with. */
export interface MachineContext {
  /** The present world. */
  world(): World;
  /** Unit: Unix ms, whole. */
  now(): number;
}

/** Orders about one node: a machine, a render machine, a relay, or a node of the account. */
export interface SimulatedMachine {
  /** Number of the node. */
  readonly nodeId: number;
  /** How often the node was rebooted. Unit: count. */
  readonly reboots: number;
  /** UUID of the session that it is rented by; undefined: none. */
  readonly session: string | undefined;
  /**
   * Refuses the next starts for that reason. Default: once, as `Node is unavailable`; `times` may be Infinity.
   *
   * @throws OctaConfigurationError for an empty reason, or a number below 1.
   */
  refuse(reason?: string, times?: number): void;
  /** Dies now: its session ends with termination reason 2, and it leaves the catalogue. */
  die(): void;
  /** Dies later, in that much virtual time. Unit: ms. Throws OctaConfigurationError when it is no number from 0 to a year. */
  dieAfter(ms: number): void;
  /** Lives again, and can be rented; also called off is a death that was to come. */
  revive(): void;
  /** Its sessions never become ready: the one that is not yet, and all later ones. */
  neverReady(): void;
  /**
   * Its sessions become ready that long after their start: the one that is not yet, and all later ones. Unit: ms.
   *
   * @throws OctaConfigurationError when it is no number from 0 to a year.
   */
  readyAfter(ms: number): void;
  /**
   * Runs the commands of jobs on this node: each line that it yields is printed, and what it returns is the exit code; without one, it is 0.
   * Without it, the command is printed and succeeds. Only `sleep` of the container waits in virtual time.
   *
   * @throws OctaConfigurationError if it is not a function.
   * @example
   * simulator.machine(1).job(async function* (command, { files, sleep }) {
   *   yield `running ${command}`;
   *   await sleep(60_000);
   *   files.set('out.json', new TextEncoder().encode('{}'));
   *   return 0;
   * });
   */
  job(command: SimulatedCommand): void;
}

/** A hand on one node of the present world. */
export class NodeHandle implements SimulatedMachine {
  readonly nodeId: number;
  readonly #context: MachineContext;

  constructor(nodeId: number, context: MachineContext) {
    this.nodeId = nodeId;
    this.#context = context;
  }

  get reboots(): number {
    return this.#context.world().nodes.find(({ id }) => id === this.nodeId)?.reboots ?? 0;
  }

  get session(): string | undefined {
    return this.#settled().sessionOn(this.nodeId)?.uuid;
  }

  refuse(reason = 'Node is unavailable', times = 1): void {
    check('reason', reason, aText);
    check('times', times, timesRule);
    this.#context.world().controls(this.nodeId).refuse(reason, times);
  }

  die(): void {
    this.dieAfter(0);
  }

  dieAfter(ms: number): void {
    check('ms', ms, someMs);
    const world = this.#settled();
    const now = this.#context.now();
    world.doom(this.nodeId, now + Math.ceil(ms));
    world.settle(now);
  }

  revive(): void {
    this.#settled().doom(this.nodeId, undefined);
  }

  neverReady(): void {
    this.#setReadyAfter(Number.POSITIVE_INFINITY);
  }

  readyAfter(ms: number): void {
    check('ms', ms, someMs);
    this.#setReadyAfter(ms);
  }

  job(command: SimulatedCommand): void {
    check('command', command, (value) => (typeof value === 'function' ? undefined : 'an async generator function'));
    this.#context.world().controls(this.nodeId).command = command;
  }

  #setReadyAfter(ms: number): void {
    const world = this.#settled();
    world.controls(this.nodeId).readyAfterMs = ms;
    world.sessionOn(this.nodeId)?.setReadyAfter(ms, this.#context.now());
  }

  #settled(): World {
    const world = this.#context.world();
    world.settle(this.#context.now());
    return world;
  }
}
