/** What a client has started: so that one session is never taken for the session of two starts. */
export class Rentals {
  readonly #claimed = new Set<string>();
  readonly #queues = new Map<string, Promise<void>>();

  /** Notes whose session it is: that of the start which asks first. */
  claim(uuid: string): void {
    this.#claimed.add(uuid);
  }

  isClaimed(uuid: string): boolean {
    return this.#claimed.has(uuid);
  }

  /** Waits until nobody else starts on this node through the same client; gives what lets the next one go on. */
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
