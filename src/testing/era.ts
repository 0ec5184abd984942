/** The time between two resets. */

/** One era. Work in progress ends with it. */
export class Era {
  readonly #ends = new Set<() => void>();

  /** Calls `act` when the era ends. Returns a function that removes it. */
  onEnd(act: () => void): () => void {
    // A new function each time, so that the same `act` can be added twice.
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
