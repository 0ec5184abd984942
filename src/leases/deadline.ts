/** A time limit over several calls. */
import type { Caller } from '../core/call-types.ts';
import type { RequestOptions } from '../core/option-types.ts';

/** A point in time by which an operation has to finish. */
export class Deadline {
  readonly #time: Caller['time'];
  readonly #endsAt: number;

  /** `withinMs` counts from now; infinity sets no deadline. Unit: ms. */
  constructor(time: Caller['time'], withinMs: number) {
    this.#time = time;
    this.#endsAt = time.now() + withinMs;
  }

  /** Remaining time; 0 or less once the deadline has passed. Unit: ms. */
  get leftMs(): number {
    return this.#endsAt - this.#time.now();
  }

  /** Options for a request that must finish before the deadline, with at most `oneMs` for each attempt. */
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

/** The shorter of the caller's limit, where 0 means no limit, and ours; undefined means the default of the client. */
function shorter(given: number | undefined, ours: number): number | undefined {
  if (ours === Number.POSITIVE_INFINITY) return given;
  return given === undefined || given === 0 ? ours : Math.min(given, ours);
}
