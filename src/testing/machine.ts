/** A test's hand on one node. */
import { aText, check, someMs, times as timesRule } from './checks.ts';
import type { World } from './world.ts';

/** What a handle works with. */
export interface MachineContext {
  /** The present world. */
  world(): World;
  /** Unit: Unix ms, whole. */
  now(): number;
}

/** Orders about one node: a machine, a render machine, a relay, or a node of the account. */
export class SimulatedMachine {
  /** Number of the node. */
  readonly nodeId: number;
  readonly #context: MachineContext;

  /** @internal */
  constructor(nodeId: number, context: MachineContext) {
    this.nodeId = nodeId;
    this.#context = context;
  }

  /** How often the node was rebooted. Unit: count. */
  get reboots(): number {
    return this.#context.world().nodes.find(({ id }) => id === this.nodeId)?.reboots ?? 0;
  }

  /** The session that it is rented by; undefined: none. */
  get session(): string | undefined {
    return this.#settled().sessionOn(this.nodeId)?.uuid;
  }

  /** Refuses the next starts for that reason. Default: once, as a node that is not available. */
  refuse(reason = 'Node is unavailable', times = 1): void {
    check('reason', reason, aText);
    check('times', times, timesRule);
    this.#context.world().controls(this.nodeId).refuse(reason, times);
  }

  /** Dies now: its session ends with termination reason 2, and it leaves the catalogue. */
  die(): void {
    this.dieAfter(0);
  }

  /** Dies later, in that much virtual time. Unit: ms. */
  dieAfter(ms: number): void {
    check('ms', ms, someMs);
    const world = this.#settled();
    const now = this.#context.now();
    world.doom(this.nodeId, now + Math.ceil(ms));
    world.settle(now);
  }

  /** Lives again, and can be rented; also called off is a death that was to come. */
  revive(): void {
    this.#settled().doom(this.nodeId, undefined);
  }

  /** Its sessions never become ready: the one that is not yet, and all later ones. */
  neverReady(): void {
    this.#setReadyAfter(Number.POSITIVE_INFINITY);
  }

  /** Its sessions become ready that long after their start: the one that is not yet, and all later ones. Unit: ms. */
  readyAfter(ms: number): void {
    check('ms', ms, someMs);
    this.#setReadyAfter(ms);
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
