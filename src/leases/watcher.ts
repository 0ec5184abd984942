/** Whoever watches one session: at its own pace, through passing faults, until it is over. */
import type { RequestOptions } from '../core/option-types.ts';
import { OctaAbortError } from '../errors/errors.ts';
import { errorFromReason } from '../errors/from-failure.ts';
import { lookTimeoutMs } from './api.ts';
import type { Context } from './context.ts';
import { askedWaitMs, passes, waitAfterFailures } from './failures.ts';
import type { Lease } from './lease.ts';
import type { Look, LookOptions, View } from './observer.ts';

/** How a session is watched. */
export interface WatcherOptions {
  /** Who watches, for messages. */
  readonly operation: string;
  readonly intervalMs: number;
  /** Options of each request; its signal ends the waits, too. */
  readonly request: RequestOptions;
  readonly needsInfo?: LookOptions['needsInfo'];
}

/** Least time between two looks, whatever the caller says. Unit: ms. */
const leastIntervalMs = 50;
/** How many answers in a row must say that asking is of no use before it is believed. */
const refusalsBelieved = 3;

/** One session, watched by one. To be closed. */
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

  /** What the last look threw, while looks fail. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** How long looks have been failing. Unit: ms. */
  get failingForMs(): number {
    return this.#failingSince === undefined ? 0 : this.#context.caller.time.now() - this.#failingSince;
  }

  /** Time until the next look, longer while they fail, and as long as the API asks for. Unit: ms. */
  get intervalMs(): number {
    return Math.max(waitAfterFailures(this.#failures, this.#intervalMs), askedWaitMs(this.#lastError));
  }

  /** Looks at the session; undefined when that could not be done just now. Throws what will not pass. */
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

  /** Counts a failure; throws it when the caller has given up, the client is closed, or it has been the same for too long. */
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

  /** Notes that the API said something of use. */
  heard(): void {
    this.#failures = 0;
    this.#refusals = 0;
    this.#failingSince = undefined;
    this.#lastError = undefined;
  }

  /** Waits for the next turn, or as long as is said; rejects when the caller gives up. */
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
