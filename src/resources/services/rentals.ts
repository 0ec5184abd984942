import type { OctaCore } from '../../core/octa-core.ts';

/** What a node is known by among rentals: the same number may be one of several catalogues. */
export function placeOf(service: string, node: unknown): string {
  return `${service} ${node}`;
}

/** What a client has started: so that one session is never taken for the session of two starts. */
export class Rentals {
  readonly #claimed = new Set<string>();
  readonly #queues = new Map<string, Promise<void>>();
  /** Plain starts that have no answer yet, by node. */
  readonly #underWay = new Map<string, number>();

  /** Notes whose session it is: that of the start which asks first. */
  claim(uuid: string): void {
    this.#claimed.add(uuid);
  }

  isClaimed(uuid: string): boolean {
    return this.#claimed.has(uuid);
  }

  /** Counts a start that takes no turn, until its answer is there. */
  begin(node: string): () => void {
    this.#count(node, 1);
    return () => this.#count(node, -1);
  }

  /** Whether such a start on this node has no answer yet. */
  underWay(node: string): boolean {
    return this.#underWay.has(node);
  }

  #count(node: string, change: number): void {
    const count = (this.#underWay.get(node) ?? 0) + change;
    if (count === 0) this.#underWay.delete(node);
    else this.#underWay.set(node, count);
  }

  /** Whether somebody rents on this node just now. */
  isBusy(node: string): boolean {
    return this.#queues.has(node);
  }

  /** Takes a turn on a node: waits until nobody else rents there through the same client; gives what lets the next one go on. */
  async enter(node: string): Promise<() => void> {
    const before = this.#queues.get(node);
    let leave: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const queue = (before ?? Promise.resolve()).then(() => mine);
    this.#queues.set(node, queue);
    await before;
    return () => {
      if (this.#queues.get(node) === queue) this.#queues.delete(node);
      leave();
    };
  }
}

const rentalsByCore = /* @__PURE__ */ new WeakMap<OctaCore, Rentals>();

/** What a client has started; all services of it share one. */
export function rentalsOf(core: OctaCore): Rentals {
  const known = rentalsByCore.get(core);
  if (known !== undefined) return known;
  const rentals = new Rentals();
  rentalsByCore.set(core, rentals);
  return rentals;
}
