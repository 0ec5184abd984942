/** A time limit that restarts with every activity. */
export class Watchdog {
  readonly #limitMs: number;
  readonly #bark: () => void;
  #timer: NodeJS.Timeout | undefined;
  #awake = false;
  #suspects = false;

  /** `limitMs` 0 is no limit. */
  constructor(limitMs: number, bark: () => void) {
    this.#limitMs = limitMs;
    this.#bark = bark;
  }

  /** Reports activity, and restarts the time. */
  touch(): void {
    if (this.#limitMs === 0) return;
    this.#awake = true;
    this.#suspects = false;
    // Refreshing a timer is much cheaper than creating one. Unref: only sockets keep the process alive.
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#expire(), this.#limitMs).unref();
    else this.#timer.refresh();
  }

  /** Pauses until the next touch. */
  rest(): void {
    this.#awake = false;
  }

  /** Stops permanently. */
  end(): void {
    this.rest();
    clearTimeout(this.#timer);
  }

  #expire(): void {
    this.#suspects = true;
    // If the process was blocked, the awaited data may have arrived, and is read before setImmediate.
    setImmediate(() => {
      if (this.#awake && this.#suspects) this.#bark();
    });
  }
}
