/** A time limit that starts anew whenever something happens. */
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

  /** Something happened: the time starts anew. */
  touch(): void {
    if (this.#limitMs === 0) return;
    this.#awake = true;
    this.#suspects = false;
    // Moving a timer costs much less than making one. Sockets alone decide whether the process goes on.
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#expire(), this.#limitMs).unref();
    else this.#timer.refresh();
  }

  /** Nothing is expected to happen until the next touch. */
  rest(): void {
    this.#awake = false;
  }

  /** Stops for good. */
  end(): void {
    this.rest();
    clearTimeout(this.#timer);
  }

  #expire(): void {
    this.#suspects = true;
    // When the process was busy for long, what was waited for has come and is about to be read.
    setImmediate(() => {
      if (this.#awake && this.#suspects) this.#bark();
    });
  }
}
