/** Asks again and again how a session is, through passing faults, until it is over. */
import type { RequestOptions } from '../../core/option-types.ts';
import { OctaAbortError, OctaNotFoundError } from '../../errors/errors.ts';
import { errorFromReason } from '../../errors/from-failure.ts';
import type { Deadline } from './deadline.ts';
import { passes } from './failures.ts';
import type { LiveSession } from './live-session.ts';
import {
  type Finding,
  isGone,
  leastIntervalMs,
  lookAround,
  type Missing,
  missedAgain,
  waitAfterFailures,
} from './looks.ts';
import { hasEnded } from './state.ts';

/** How polling goes. */
export interface PollOptions {
  /** Who polls, for messages. */
  readonly operation: string;
  readonly intervalMs: number;
  /** Options of each request; its signal ends the waits, too. */
  readonly request: RequestOptions;
}

/** How many answers in a row must say that asking is of no use before it is believed. */
const refusalsBelieved = 3;

/** One session, asked after. */
export class Poller {
  readonly #session: LiveSession;
  readonly #options: PollOptions;
  #missing: Missing | undefined;
  #failures = 0;
  #refusals = 0;
  #failingSince: number | undefined;
  #lastError: unknown;

  constructor(session: LiveSession, options: PollOptions) {
    this.#session = session;
    this.#options = { ...options, intervalMs: Math.max(leastIntervalMs, options.intervalMs) };
  }

  /** What the last call threw, while calls fail. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** How long calls have been failing. Unit: ms. */
  get failingForMs(): number {
    return this.#failingSince === undefined ? 0 : this.#session.time.now() - this.#failingSince;
  }

  /** Time until the next turn, longer while calls fail. Unit: ms. */
  get intervalMs(): number {
    return waitAfterFailures(this.#failures, this.#options.intervalMs);
  }

  /** The session as it is; undefined when that cannot be said just now. Throws what will not pass. */
  async ask(deadline?: Deadline, oneMs?: number): Promise<Finding | undefined> {
    const { calls } = this.#session;
    const bounded = () => deadline?.bound(this.#options.request, oneMs) ?? this.#options.request;
    try {
      const info = await calls.info(bounded());
      this.heard();
      return hasEnded(info) ? { state: 'ended', info } : { state: 'alive', info };
    } catch (error) {
      if (error instanceof OctaNotFoundError) return this.#lookAround(bounded, error);
      return this.failed(error);
    }
  }

  /** Counts a failure; throws it when the caller has given up, the client is closed, or it has been the same for too long. */
  failed(error: unknown): undefined {
    this.#failingSince ??= this.#session.time.now();
    this.#failures++;
    this.#lastError = error;
    this.#refusals = passes(error) ? 0 : this.#refusals + 1;
    const { signal } = this.#options.request;
    const final = signal?.aborted === true || error instanceof OctaAbortError || this.#session.ended();
    if (final || this.#refusals >= refusalsBelieved) throw error;
    return undefined;
  }

  /** Notes that the API said something of use. */
  heard(): void {
    this.#failures = 0;
    this.#refusals = 0;
    this.#failingSince = undefined;
    this.#lastError = undefined;
    this.#missing = undefined;
  }

  /** Waits for the next turn, or as long as is said; rejects when the caller gives up. */
  async pause(ms = this.intervalMs): Promise<void> {
    const { request, operation } = this.#options;
    try {
      await this.#session.time.sleep(ms, { signal: request.signal });
    } catch (reason) {
      throw errorFromReason(operation, reason, { outcome: 'unknown' });
    }
  }

  async #lookAround(bounded: () => RequestOptions, missing: OctaNotFoundError): Promise<Finding | undefined> {
    const { calls, time } = this.#session;
    try {
      const found = await lookAround(calls.uuid, (recent) => calls.list(recent, bounded()));
      const misses = missedAgain(this.#missing, time.now());
      this.heard();
      if (found !== undefined) return found;
      if (isGone(misses, time.now())) return { state: 'ended', info: undefined };
      this.#missing = misses;
      this.#lastError = missing;
      return undefined;
    } catch (error) {
      return this.failed(error);
    }
  }
}
