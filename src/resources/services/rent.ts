/** Renting without fear: start, find what got lost, wait until ready, and stop whatever cannot be used. */
import { type Checks, checkAll, milliseconds } from '../../core/checks.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import { attachRefusals, attachRollback } from '../../errors/attach.ts';
import { OctaError, type ProvisionRejection } from '../../errors/errors.ts';
import { errorFromReason } from '../../errors/from-failure.ts';
import { limitError, markStopped, OctaSessionError } from '../../errors/session-error.ts';
import { type Found, findLost, type Search } from './adoption.ts';
import { type GuardLimits, type GuardResult, guardChecks, type SessionGuard } from './guard.ts';
import type { LiveSession } from './live-session.ts';
import { allRefused, isOutOfOrder, Refusal, refusalBy, refusalIn } from './refusals.ts';
import { placeOf } from './rentals.ts';
import { liveSession, type SessionResource } from './session.ts';
import { hasEnded } from './state.ts';
import { notStoppedError, stopSurely } from './stop.ts';
import { pollUntilReady, type ResolvedWait, resolveWait, type WaitOptions, waitChecks } from './wait.ts';

/** Options of `rent`. `maxDurationMs`, `maxSpend` and `onError` are those of a guard, which watches from the start on. */
export interface LeaseOptions extends WaitOptions, Pick<GuardLimits, 'maxDurationMs' | 'maxSpend' | 'onError'> {
  /**
   * How long to look for the session of a start whose answer was lost. If none appears, the error of the start is thrown, and
   * nothing else is started. Unit: ms. Default 15 000.
   */
  readonly adoptionTimeoutMs?: number | undefined;
}

const leaseChecks = {
  ...waitChecks,
  maxDurationMs: guardChecks.maxDurationMs,
  maxSpend: guardChecks.maxSpend,
  onError: guardChecks.onError,
  adoptionTimeoutMs: milliseconds,
} satisfies Checks<LeaseOptions>;

/** What is rented. */
export interface Order {
  readonly operation: string;
  readonly service: 'mr' | 'render' | 'vpn';
  readonly nodes: readonly number[];
  readonly kind: string | undefined;
  readonly envs: Readonly<Record<string, string>>;
}

/** What renting works with. */
export interface RentTools extends Pick<Search, 'active' | 'rentals'>, Pick<LiveSession, 'time' | 'quietly'> {
  /** Starts the order on one of its nodes. */
  readonly start: (node: number, options: RequestOptions) => PromiseLike<SessionResource>;
  readonly sessionOf: (uuid: string) => SessionResource;
}

/**
 * How long a start may take to answer once the caller has given up: one that is not waited for has to be looked for, and a session that
 * begins after the search costs money unseen. Unit: ms.
 */
const startAfterAbortMs = 30_000;
/** How long to look for the session of a start on a node that says it is out of order. Unit: ms. */
const outOfOrderSearchMs = 5_000;

/** One rental, from the first start to a session that can be used. */
class Rental {
  readonly #order: Order;
  readonly #tools: RentTools;
  readonly #lease: LeaseOptions;
  readonly #wait: ResolvedWait;
  /** Options of everything but the start. */
  readonly #request: RequestOptions;
  /** Options of the start, without the caller's signal: its answer may be a session that costs money. */
  readonly #startOptions: RequestOptions;

  constructor(order: Order, tools: RentTools, lease: LeaseOptions) {
    this.#order = order;
    this.#tools = tools;
    this.#lease = lease;
    this.#wait = resolveWait(lease, tools);
    const { body, query, ...request } = this.#wait.request;
    const { signal: _, ...unaborted } = request;
    // What the caller adds to the start is not for the questions around it.
    this.#request = request;
    this.#startOptions = { ...unaborted, body, query };
  }

  async run(): Promise<SessionResource> {
    const { operation, nodes } = this.#order;
    const rejections: ProvisionRejection[] = [];
    let cause: unknown;
    for (const left = new Set(nodes); left.size > 0; ) {
      const node = this.#nextOf(left);
      left.delete(node);
      try {
        return await this.#settle(await this.#startOn(node), node);
      } catch (error) {
        if (!(error instanceof Refusal)) throw attachRefusals(error, rejections);
        cause = error.cause;
        rejections.push(...error.rejections);
        this.#wait.report({ step: 'refused', node_id: node, error: cause });
      }
    }
    throw allRefused(operation, nodes.length, new Refusal(rejections, cause));
  }

  #placeOf(node: number): string {
    return placeOf(this.#order.service, node);
  }

  /** The first that nobody of this client rents on just now; else the first. */
  #nextOf(nodes: ReadonlySet<number>): number {
    const [first = 0] = nodes;
    return [...nodes].find((node) => !this.#tools.rentals.isBusy(this.#placeOf(node))) ?? first;
  }

  #throwIfAborted(): void {
    const { signal } = this.#request;
    if (signal?.aborted) throw errorFromReason('rent', signal.reason, { outcome: 'not-sent' });
  }

  /** Waits for a turn on a node, but no longer than the caller. */
  async #turnOn(node: number): Promise<() => void> {
    const entering = this.#tools.rentals.enter(this.#placeOf(node));
    try {
      return await this.#tools.time.orAborted(entering, this.#request.signal);
    } catch {
      entering.then((leave) => leave());
      throw errorFromReason('rent', this.#request.signal?.reason, { outcome: 'not-sent' });
    }
  }

  #active(options: RequestOptions): PromiseLike<Awaited<ReturnType<Search['active']>>> {
    const { headers } = this.#request;
    return this.#tools.active(headers === undefined ? options : { ...options, headers });
  }

  /** Starts on one node. Throws a Refusal when that node will not have it. */
  async #startOn(node: number): Promise<SessionResource> {
    const leave = await this.#turnOn(node);
    const { signal, release } = this.#tools.time.later(this.#request.signal, startAfterAbortMs);
    try {
      this.#throwIfAborted();
      const known = new Set((await this.#active(this.#request)).map(({ uuid }) => uuid));
      this.#throwIfAborted();
      this.#wait.report({ step: 'starting', node_id: node });
      return await this.#tryStart(node, known, signal);
    } finally {
      release();
      leave();
    }
  }

  async #tryStart(node: number, known: ReadonlySet<string>, signal: AbortSignal): Promise<SessionResource> {
    const { start, sessionOf } = this.#tools;
    try {
      return await start(node, { ...this.#startOptions, signal });
    } catch (error) {
      const refusal = refusalIn(error, node);
      if (refusal !== undefined) throw refusal;
      if (!(error instanceof OctaError) || error instanceof OctaSessionError || error.outcome !== 'unknown')
        throw error;
      const found = await this.#findLost(node, known, error);
      if (typeof found === 'object') {
        this.#wait.report({ step: 'adopted', node_id: node, session: found.uuid, error });
        return sessionOf(found.uuid);
      }
      if (found === 'none' && isOutOfOrder(error)) throw refusalBy(error, node);
      throw error;
    }
  }

  #findLost(node: number, known: ReadonlySet<string>, error: unknown): Promise<Found> {
    const { operation, service, kind, envs } = this.#order;
    const { adoptionTimeoutMs = 15_000 } = this.#lease;
    const sought = { operation, service, node_id: node, kind, envs, known };
    const withinMs = isOutOfOrder(error) ? Math.min(outOfOrderSearchMs, adoptionTimeoutMs) : adoptionTimeoutMs;
    const { time, rentals } = this.#tools;
    const active = (options: RequestOptions) => this.#active(options);
    return findLost(sought, { active, time, rentals, withinMs }, error);
  }

  /** Waits until the session can be used, under guard from the beginning; stops it when that fails. */
  async #settle(session: SessionResource, node: number): Promise<SessionResource> {
    const { maxDurationMs, maxSpend, onError } = this.#lease;
    let guard: SessionGuard | undefined;
    try {
      if (maxDurationMs !== undefined || maxSpend !== undefined)
        guard = session.guard({ maxDurationMs, maxSpend, onError });
      await pollUntilReady(liveSession(session), 'rent', { ...this.#wait, request: this.#request });
      return session;
    } catch (error) {
      this.#wait.report({ step: 'stopping', session: session.uuid, node_id: node, error });
      throw await this.#rollBack(session, guard, error);
    }
  }

  /** Stops the session; gives the error that the caller hears. */
  async #rollBack(session: SessionResource, guard: SessionGuard | undefined, error: unknown): Promise<unknown> {
    const live = liveSession(session);
    const isOver = error instanceof OctaSessionError && error.info !== undefined && hasEnded(error.info);
    try {
      if (isOver) live.over();
      else await stopSurely(live);
    } catch (stopError) {
      return notStoppedError(session.uuid, stopError, error);
    }
    // The session is over, and so is its guard.
    const result = await guard?.done;
    const why = isLimit(result) ? limitError(session.uuid, result, error) : error;
    if (why instanceof OctaSessionError) markStopped(why);
    return attachRollback(why, session.uuid);
  }
}

function isLimit(result: GuardResult | undefined): result is GuardResult & { readonly reason: 'duration' | 'spend' } {
  return result?.reason === 'duration' || result?.reason === 'spend';
}

/** Rents: see `services.mr.rent`. */
export async function rent(order: Order, tools: RentTools, lease: LeaseOptions): Promise<SessionResource> {
  checkAll(lease, leaseChecks, 'options of rent');
  return new Rental(order, tools, lease).run();
}
