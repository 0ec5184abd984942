/** Lets a test control one node. */
import { aText, check, someMs, times as timesRule } from './checks.ts';
import type { SimulatedCommand } from './jobs.ts';
import type { World } from './world.ts';

/** What a handle depends on. */
export interface MachineContext {
  /** The current world. */
  world(): World;
  /** Unit: Unix ms, whole. */
  now(): number;
}

/** Controls one node: a machine, a render machine, a relay, or a node of the account. */
export interface SimulatedMachine {
  /** Number of the node. */
  readonly nodeId: number;
  /** How often the node was rebooted. Unit: count. */
  readonly reboots: number;
  /** UUID of the session that rents the node; undefined if it is not rented. */
  readonly session: string | undefined;
  /**
   * Refuses the next `times` starts with a reason. `times` may be Infinity. Default: once, with `Node is unavailable`.
   *
   * @throws OctaConfigurationError if the reason is empty, or `times` is less than 1.
   */
  refuse(reason?: string, times?: number): void;
  /** Makes the node die now: its session ends with termination reason 2, and it leaves the catalogue. */
  die(): void;
  /** Makes the node die after `ms` of virtual time. Throws OctaConfigurationError if `ms` is not a number from 0 to a year. */
  dieAfter(ms: number): void;
  /** Makes the node live again, so that it can be rented. Also cancels `dieAfter`. */
  revive(): void;
  /** Its sessions never become ready: the current one, if it is not ready yet, and all later ones. */
  neverReady(): void;
  /**
   * Sets how long after their start its sessions become ready: the current one, if it is not ready yet, and all later ones. Unit: ms.
   *
   * @throws OctaConfigurationError if `ms` is not a number from 0 to a year.
   */
  readyAfter(ms: number): void;
  /**
   * Runs a function instead of the commands of jobs on this node. Each line that it yields is printed, and its return value is the exit
   * code; without one, it is 0. Without the function, the command is printed and succeeds. Only `sleep` of the container waits in
   * virtual time.
   *
   * @throws OctaConfigurationError if `command` is not a function.
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

/** Controls one node of the current world. */
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
