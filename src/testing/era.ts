/** The time between two resets. */

/** One such time; what is under way when it ends, ends with it. */
export class Era {
  readonly #ends = new Set<() => void>();

  /** Runs `act` when it ends; gives what takes that back. */
  onEnd(act: () => void): () => void {
    // Of its own each time, so that the same function can wait twice.
    const own = () => act();
    this.#ends.add(own);
    return () => this.#ends.delete(own);
  }

  end(): void {
    const ends = [...this.#ends];
    this.#ends.clear();
    for (const act of ends) act();
  }
}
