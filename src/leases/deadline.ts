/** How long is left of what is made of several calls. */
import type { Caller } from '../core/call-types.ts';
import type { RequestOptions } from '../core/option-types.ts';

/** A point in time by which something has to be over. */
export class Deadline {
  readonly #time: Caller['time'];
  readonly #endsAt: number;

  /** Unit: ms from now; infinite for no deadline. */
  constructor(time: Caller['time'], withinMs: number) {
    this.#time = time;
    this.#endsAt = time.now() + withinMs;
  }

  /** What is left; 0 or less when it has passed. Unit: ms. */
  get leftMs(): number {
    return this.#endsAt - this.#time.now();
  }

  /** Options of a request that has to be over in time, and for which each attempt may take `oneMs` at most. */
  bound(options: RequestOptions, oneMs = Number.POSITIVE_INFINITY): RequestOptions {
    const left = Math.max(1, Math.ceil(this.leftMs));
    const { timeoutMs, totalTimeoutMs, ...rest } = options;
    const total = shorter(totalTimeoutMs, left);
    const one = shorter(timeoutMs, Math.min(oneMs, left));
    return {
      ...rest,
      ...(one === undefined ? {} : { timeoutMs: one }),
      ...(total === undefined ? {} : { totalTimeoutMs: total }),
    };
  }
}

/** The shorter of a caller's limit, where 0 is none, and one of ours; undefined leaves it to the client. */
function shorter(given: number | undefined, ours: number): number | undefined {
  if (ours === Number.POSITIVE_INFINITY) return given;
  return given === undefined || given === 0 ? ours : Math.min(given, ours);
}
