/** The transport of one client: its pipeline, and the state shared by all its calls. */
import { parseJson, parseWithTextIntegers } from '../codec/json.ts';
import { isWorkers } from '../errors/runtime.ts';
import { answers } from '../transport/answers.ts';
import { createSend } from '../transport/attempt.ts';
import { RetryBudget, type RetryBudgetStats } from '../transport/budget.ts';
import { sleep } from '../transport/clock.ts';
import { hooks } from '../transport/hooks.ts';
import type { Log } from '../transport/log.ts';
import { isOwnTransport } from '../transport/own-transport.ts';
import { compose } from '../transport/pipeline.ts';
import { retry } from '../transport/retry.ts';
import { type BaseUrlStats, Rotation } from '../transport/rotation.ts';
import { FreshConnections } from '../transport/runtime.ts';
import type { Secrets } from '../transport/secrets.ts';
import type { Call, Reply } from '../transport/types.ts';
import type { ResolvedOptions } from './options.ts';

/** The number of sessions that a client manages. */
export interface LeaseStats {
  /** Sessions started by this client that are not proven over. */
  readonly held: number;
  /** Sessions with a guard. */
  readonly guarded: number;
  /** Starts without a response yet. */
  readonly starting: number;
}

/** The state of a client's transport, as plain data. */
export interface TransportStats {
  /** The state of every base URL, in the order of the option. */
  readonly baseUrls: readonly BaseUrlStats[];
  /** The retry budget. */
  readonly retryBudget: RetryBudgetStats;
  /** Number of calls in progress. */
  readonly activeCalls: number;
  /** Sessions that this client manages; absent until it has started or watched one. */
  readonly leases?: LeaseStats;
  /** Connection statistics of `nodeFetch()`; absent with any other fetch. */
  readonly connections?: object;
}

/** How long `close` waits for calls in progress on Cloudflare Workers. Unit: ms. */
const leftWithinMs = 15_000;

/** Sends calls, and counts them. One per client. */
export class ClientTransport {
  readonly #options: ResolvedOptions;
  readonly #secrets: Secrets;
  readonly #carry: (call: Call) => Promise<Reply>;
  readonly #rotation: Rotation;
  readonly #budget: RetryBudget;
  readonly #connections = new FreshConnections();
  readonly #closers = new Set<() => void>();
  #active = 0;
  #whenIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ResolvedOptions, log: Log, secrets: Secrets) {
    this.#options = options;
    this.#secrets = secrets;
    const { fetch, keySource, baseUrls, cooldownMs, onRequest, onResponse, onRetry, maxResponseBytes } = options;
    const { retryDelayMs, backoffFactor, maxRetryDelayMs, maxRetryAfterMs } = options;
    const waits = { retryDelayMs, backoffFactor, maxRetryDelayMs, maxRetryAfterMs };
    const { clock } = options;
    const now = () => clock.now();
    const random = () => clock.random?.() ?? Math.random();
    this.#budget = new RetryBudget(now);
    this.#rotation = new Rotation({ baseUrls, cooldownMs, now, random });
    const shared = { routes: this.#rotation, budget: this.#budget, clock, random };
    const connections = this.#connections;
    const send = createSend({ fetch, apiKey: keySource, secrets, connections, maxResponseBytes, clock, log });
    const attempts = compose(
      [
        answers({ parse: parseJson, parseError: parseWithTextIntegers }),
        hooks({ onRequest, onResponse, log, clock, secrets }),
      ],
      send,
    );
    this.#carry = retry({ ...waits, ...shared, onRetry, log, secrets })(attempts);
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Whether no calls are accepted any more: `close` was called, and all calls have ended. */
  get ended(): boolean {
    return this.closed && this.#active === 0;
  }

  carry(call: Call): Promise<Reply> {
    return this.#carry(call);
  }

  /**
   * Counts a call as in progress. Returns a function that ends it, or undefined if the client is closed. While `close` waits for calls
   * in progress, `vital` calls (those that a session depends on) are still accepted.
   */
  enter(vital: boolean): (() => void) | undefined {
    if (vital ? this.ended : this.closed) return undefined;
    this.#active++;
    return () => {
      if (this.#active > 0) this.#active--;
      if (this.#active === 0) this.#whenIdle?.();
    };
  }

  stats(): TransportStats {
    const { fetch } = this.#options;
    return {
      baseUrls: this.#rotation.stats().map((each) => ({ ...each, url: this.#secrets.text(each.url) })),
      retryBudget: this.#budget.stats(),
      activeCalls: this.#active,
      ...(isOwnTransport(fetch) ? { connections: fetch.stats() } : {}),
    };
  }

  /** Runs `act` when no calls are accepted any more. Returns a function that cancels this. */
  onEnd(act: () => void): () => void {
    if (this.ended) queueMicrotask(() => this.#closers.delete(act) && act());
    this.#closers.add(act);
    return () => this.#closers.delete(act);
  }

  close(): Promise<void> {
    // On Workers, a request must not wait for a promise that another request created.
    if (isWorkers()) this.#closing = this.#close();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (isWorkers()) {
      await this.#idleOnWorkers();
    } else if (this.#active > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    for (const act of [...this.#closers]) if (this.#closers.delete(act)) act();
    this.#connections.close();
    const { fetch } = this.#options;
    if (isOwnTransport(fetch)) await fetch.close();
  }

  /** Waits for calls in progress, up to a limit: on Workers, calls of an ended request never settle. */
  async #idleOnWorkers(): Promise<void> {
    const { clock } = this.#options;
    for (const until = clock.now() + leftWithinMs; this.#active > 0 && clock.now() < until; ) await sleep(clock, 100);
    this.#active = 0;
  }
}
