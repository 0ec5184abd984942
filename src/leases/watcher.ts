/** Polls one session at its own interval, and continues after temporary failures. */
import type { RequestOptions } from '../core/option-types.ts';
import { OctaAbortError } from '../errors/errors.ts';
import { errorFromReason } from '../errors/from-failure.ts';
import { lookTimeoutMs } from './api.ts';
import type { Context } from './context.ts';
import { askedWaitMs, passes, waitAfterFailures } from './failures.ts';
import type { Lease } from './lease.ts';
import type { Look, LookOptions, View } from './observer.ts';

/** How to watch a session. */
export interface WatcherOptions {
  /** Name of the operation, for messages. */
  readonly operation: string;
  readonly intervalMs: number;
  /** Options of each request; the signal also ends the waits. */
  readonly request: RequestOptions;
  readonly needsInfo?: LookOptions['needsInfo'];
}

/** Minimum time between two looks, even if the options ask for less. Unit: ms. */
const leastIntervalMs = 50;
/** How many consecutive permanent failures end the watch. */
const refusalsBelieved = 3;

/** One watcher of one session. The owner must close it. */
export class Watcher {
  readonly lease: Lease;
  readonly #context: Context;
  readonly #options: WatcherOptions;
  readonly #view: View;
  readonly #intervalMs: number;
  readonly #leave: () => void;
  #failures = 0;
  #refusals = 0;
  #failingSince: number | undefined;
  #lastError: unknown;

  constructor(context: Context, lease: Lease, options: WatcherOptions) {
    this.lease = lease;
    this.#context = context;
    this.#options = options;
    this.#intervalMs = Math.max(leastIntervalMs, options.intervalMs);
    this.#view = context.viewOf(lease, options.request);
    this.#leave = this.#view.join(lease, this.#intervalMs);
  }

  close(): void {
    this.#leave();
  }

  /** The error of the last look, while looks fail. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** How long looks have been failing. Unit: ms. */
  get failingForMs(): number {
    return this.#failingSince === undefined ? 0 : this.#context.caller.time.now() - this.#failingSince;
  }

  /** Time until the next look: longer while looks fail, and at least what the API asks for. Unit: ms. */
  get intervalMs(): number {
    return Math.max(waitAfterFailures(this.#failures, this.#intervalMs), askedWaitMs(this.#lastError));
  }

  /** Looks at the session; undefined if that failed temporarily. Throws permanent failures. */
  async look(withinMs = lookTimeoutMs, maxAgeMs = this.#intervalMs): Promise<Look | undefined> {
    const { signal } = this.#options.request;
    const { needsInfo } = this.#options;
    const options = needsInfo === undefined ? { maxAgeMs, withinMs } : { maxAgeMs, withinMs, needsInfo };
    try {
      const look = await this.#context.caller.time.orAborted(this.#view.look(this.lease, options), signal);
      this.heard();
      return look;
    } catch (error) {
      return this.failed(signal?.aborted ? this.#givenUp(signal.reason) : error);
    }
  }

  /** Counts a failure. Throws it after an abort, if the client is closed, or after several permanent failures in a row. */
  failed(error: unknown): undefined {
    this.#failingSince ??= this.#context.caller.time.now();
    this.#failures++;
    this.#lastError = error;
    this.#refusals = passes(error) ? 0 : this.#refusals + 1;
    const { signal } = this.#options.request;
    const final = signal?.aborted === true || error instanceof OctaAbortError || this.#context.caller.ended();
    if (final || this.#refusals >= refusalsBelieved) throw error;
    return undefined;
  }

  /** Resets the failure counts after a useful response. */
  heard(): void {
    this.#failures = 0;
    this.#refusals = 0;
    this.#failingSince = undefined;
    this.#lastError = undefined;
  }

  /** Waits for `ms`, by default until the next look. Rejects on abort. */
  async pause(ms = this.intervalMs): Promise<void> {
    const { signal } = this.#options.request;
    try {
      await this.#context.caller.time.sleep(ms, { signal });
    } catch (reason) {
      throw this.#givenUp(reason);
    }
  }

  #givenUp(reason: unknown): OctaAbortError | unknown {
    return errorFromReason(this.#options.operation, reason, { outcome: 'unknown' });
  }
}
