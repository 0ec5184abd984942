/** Rents a session: starts it, finds it if the response is lost, waits until it can be used or its job is done, and stops it on failure. */
import type { Session } from '../../generated/models.ts';
import { checkAll } from '../core/checks.ts';
import type { RequestOptions } from '../core/option-types.ts';
import { attachLease, attachRefusals, attachRollback, throwNotSent } from '../errors/attach.ts';
import { OctaConfigurationError, OctaError, type ProvisionRejection } from '../errors/errors.ts';
import { errorFromReason } from '../errors/from-failure.ts';
import { markStopped, OctaSessionError } from '../errors/session-error.ts';
import type { Attempt, Hold } from './attempt.ts';
import type { Context } from './context.ts';
import { endLease, notStoppedError, stopUntilProven } from './ending.ts';
import { SessionGuard } from './guard.ts';
import { keyOf, markOf } from './identity.ts';
import { seek } from './late.ts';
import type { Lease } from './lease.ts';
import { type LeaseOptions, leaseChecks, type Order } from './lease-options.ts';
import { allRefused, isOutOfOrder, Refusal, refusalBy, refusalIn } from './refusals.ts';
import { search, startArguments, startedLease } from './starting.ts';
import { failure, pollUntilReady, type ResolvedWait, resolveWait } from './wait.ts';

/**
 * How long a start may continue after the caller's abort. Without its response, `rent` would have to search for the session, and one
 * that begins after the search would cost money unnoticed. Unit: ms.
 */
const startAfterAbortMs = 30_000;
/** How long to search for the session of a start on a node that is out of order. Unit: ms. */
const outOfOrderSearchMs = 5_000;
/** How much the API's duration of a session may differ from ours. Unit: ms. */
const oldByMs = 30_000;

/** One rental, from the first start to a session that can be used. */
class Rental {
  readonly #context: Context;
  readonly #order: Order;
  readonly #lease: LeaseOptions;
  readonly #wait: ResolvedWait;
  /** Options of all requests except the start; the caller's `query` and `body` apply to the start only. */
  readonly #request: RequestOptions;
  readonly #rejections: ProvisionRejection[] = [];
  /** What is reserved for the session, if the client has `maxTotalSpend`. */
  #hold: Hold | undefined;
  #attempts = 0;

  constructor(context: Context, order: Order, lease: LeaseOptions) {
    this.#context = context;
    this.#order = order;
    this.#hold = order.hold;
    this.#lease = lease;
    this.#wait = resolveWait(lease, context.caller);
    const { body: _, query: __, ...request } = this.#wait.request;
    this.#request = request;
  }

  run(): Promise<Lease> {
    return this.#tryNodes().finally(() => this.#context.totalSpend?.free(this.#hold));
  }

  async #tryNodes(): Promise<Lease> {
    const { row, nodes } = this.#order;
    let cause: unknown;
    for (const node of nodes) {
      try {
        this.#hold = await this.#context.totalSpend?.renew(this.#hold, this.#lease.maxSpend);
        return await this.#settle(await this.#startOn(node), node);
      } catch (error) {
        if (!(error instanceof Refusal)) throw attachRefusals(error, this.#rejections);
        cause = error.cause;
        this.#rejections.push(...error.rejections);
        this.#wait.report({ step: 'refused', node_id: node, error: cause });
      }
    }
    throw allRefused(row.id, nodes.length, new Refusal(this.#rejections, cause));
  }

  #throwIfAborted(): void {
    const { signal } = this.#request;
    if (signal?.aborted) throw errorFromReason('rent', signal.reason, { outcome: 'not-sent' });
  }

  #newAttempt(nodeId: number): Attempt {
    const { service, kind } = this.#order;
    const { headers } = this.#request;
    const { id } = this.#lease;
    this.#attempts++;
    const own = id === undefined || this.#attempts === 1 ? id : `${id}.${this.#attempts}`;
    if (own !== undefined && this.#context.isUsed(own)) {
      const message = `id ${JSON.stringify(own)} was already used for a start of this client; give each rental a new id`;
      throw new OctaConfigurationError({ message });
    }
    return this.#context.attempt({ id: own, service, nodeId, kind, headers, byRent: true, hold: this.#hold });
  }

  /** Starts on one node. Throws a Refusal if that node refuses. */
  async #startOn(node: number): Promise<Lease> {
    this.#throwIfAborted();
    const before = await Promise.resolve(this.#context.api.list(false, this.#request)).catch(throwNotSent);
    this.#context.saw(before.value);
    this.#throwIfAborted();
    this.#wait.report({ step: 'starting', node_id: node });
    const attempt = this.#newAttempt(node);
    try {
      return await this.#send(attempt);
    } catch (error) {
      const refusal = refusalIn(error, node);
      if (refusal !== undefined) throw refusal;
      if (!(error instanceof OctaError) || error.outcome !== 'unknown') throw error;
      return await this.#find(attempt, before.value, error);
    }
  }

  async #send(attempt: Attempt): Promise<Lease> {
    const { row, body } = this.#order;
    const { caller } = this.#context;
    const { signal: given, ...options } = this.#wait.request;
    // Do not pass the caller's signal itself: the response may contain a session that costs money.
    const { signal, release } = caller.time.later(given, startAfterAbortMs);
    const init = { body: () => body(attempt.nodeId), options: { ...options, signal } };
    try {
      // A client that is closed waits for jobs. Another session must not start then, because nothing could guard or stop it.
      const given = { ...startArguments(this.#context, [attempt], init), vital: this.#order.use !== undefined };
      return await caller.call(row, given, (answer, outcome) =>
        startedLease(this.#context, attempt, [row.id, answer, outcome]),
      );
    } finally {
      release();
    }
  }

  /** Finds the session of a start whose response was lost. Throws the error of the start if it does not appear. */
  async #find(attempt: Attempt, before: readonly Session[], error: OctaError): Promise<Lease> {
    const { adoptionTimeoutMs = 60_000 } = this.#lease;
    const node = attempt.nodeId;
    const outOfOrder = isOutOfOrder(error);
    const withinMs = outOfOrder ? Math.min(outOfOrderSearchMs, adoptionTimeoutMs) : adoptionTimeoutMs;
    const known = new Set(before.map(({ uuid }) => keyOf(uuid)));
    let suspects: readonly string[] = [];
    const onList = (sessions: readonly Session[]): boolean => {
      suspects = this.#suspectsIn(sessions, attempt, known);
      const [uuid] = suspects;
      const isAlone = uuid !== undefined && suspects.length === 1 && !this.#isOlder(sessions, uuid, attempt);
      if (this.#lease.adoptUnmarked !== true || !isAlone || this.#showsMarks(sessions)) return false;
      this.#context.begin(attempt, uuid);
      return true;
    };
    // During the search, its session must not be handled as a stray.
    attempt.state = 'sent';
    const { signal } = this.#request;
    const hasLooked = withinMs > 0 && (await search(this.#context, { attempts: [attempt], withinMs, signal, onList }));
    if (attempt.lease !== undefined) {
      // A start whose response is lost may have begun another session.
      seek(this.#context);
      this.#wait.report({ step: 'adopted', node_id: node, session: attempt.lease.uuid, error });
      return attempt.lease;
    }
    attempt.state = 'unknown';
    seek(this.#context);
    attachLease(error, attempt.id, suspects);
    if (hasLooked && outOfOrder && this.#order.service === 'mr' && !signal?.aborted) throw refusalBy(error, node);
    throw error;
  }

  /** Whether a session is older than the attempt. It may look new because an earlier list lacked it. */
  #isOlder(sessions: readonly Session[], uuid: string, { madeAt }: Attempt): boolean {
    const ageMs = this.#context.caller.time.now() - madeAt + oldByMs;
    return sessions.some((session) => session.uuid === uuid && (session.duration ?? 0) * 1000 > ageMs);
  }

  /** Whether the API shows the variables, and so the marks, of sessions of this service. */
  #showsMarks(sessions: readonly Session[]): boolean {
    const shown = ({ user_envs = {} }: Session) => Object.keys(user_envs).length > 0;
    return this.#order.service !== 'vpn' && this.#context.variable !== false && sessions.some(shown);
  }

  /** Suspects: new sessions on the node without a mark. */
  #suspectsIn(sessions: readonly Session[], { nodeId, kind, service }: Attempt, known: ReadonlySet<string>): string[] {
    const mayBe = (session: Session): boolean => {
      const key = keyOf(session.uuid);
      if (!key || session.node_id !== nodeId || known.has(key) || this.#context.held.has(key)) return false;
      if (markOf(session, this.#context.variable) !== undefined) return false;
      if (session.service && session.service !== service) return false;
      return !(service === 'vpn' && kind !== undefined && session.kind && session.kind !== kind);
    };
    return [...new Set(sessions.filter(mayBe).map(({ uuid }) => uuid))];
  }

  /** Waits, with a guard, until the session can be used, and uses it; stops the session if that fails. */
  async #settle(lease: Lease, node: number): Promise<Lease> {
    const { totalSpend } = this.#context;
    const { maxDurationMs, onError, unknownCharge = totalSpend && 'stop' } = this.#lease;
    const maxSpend = totalSpend === undefined ? this.#lease.maxSpend : lease.reserved;
    const { use } = this.#order;
    let guard: SessionGuard | undefined;
    try {
      if (maxDurationMs !== undefined || maxSpend !== undefined)
        guard = new SessionGuard(this.#context, lease, { maxDurationMs, maxSpend, unknownCharge, onError });
      await pollUntilReady(this.#context, lease, { ...this.#wait, operation: 'rent', request: this.#request });
      this.#throwIfClosing();
      await use?.(lease, this.#request.signal);
    } catch (error) {
      this.#wait.report({ step: 'stopping', session: lease.uuid, node_id: node, error });
      throw await this.#rollBack(lease, guard, error);
    }
    if (use !== undefined) await stopUntilProven(this.#context, lease);
    return lease;
  }

  /** A client that is closing with all its sessions must not return a new one. */
  #throwIfClosing(): void {
    const { signal } = this.#context.closing;
    if (signal.aborted) throw errorFromReason('rent', signal.reason, { outcome: 'unknown' });
  }

  /** Stops the session. Returns the error for the caller. */
  async #rollBack(lease: Lease, guard: SessionGuard | undefined, error: unknown): Promise<unknown> {
    try {
      const stop = this.#order.use === undefined ? endLease : stopUntilProven;
      await stop(this.#context, lease);
    } catch (stopError) {
      return notStoppedError(lease.uuid, stopError, { cause: error });
    }
    const result = lease.isOver ? await guard?.done : undefined;
    const spend = this.#lease.maxSpend === undefined ? 'maxTotalSpend' : 'maxSpend';
    const option = { duration: 'maxDurationMs', spend }[String(result?.reason)];
    const why = option === undefined ? error : limitError(lease, option, error);
    if (why instanceof OctaSessionError) markStopped(why);
    return attachRollback(why, lease.uuid);
  }
}

/** The error for a session that its guard has stopped at the limit of an option. */
function limitError(lease: Lease, option: string, cause: unknown): OctaSessionError {
  return failure(lease, 'limit', { message: `was stopped at its limit (${option})`, cause });
}

/** Throws OctaConfigurationError if the order is not valid for one of the nodes. */
export function checkOrder({ caller }: Context, { row, nodes, body }: Order): void {
  for (const node of nodes) caller.checkBody(row, body(node));
}

/** See `services.mr.rent`. Throws OctaConfigurationError if the order or an option is wrong, before anything is sent. */
export async function rent(context: Context, order: Order, given: LeaseOptions = {}): Promise<Lease> {
  const { caller, closing } = context;
  checkOrder(context, order);
  checkAll(given, leaseChecks, 'options of rent');
  const leave = caller.hold(order.row.id);
  const controller = new AbortController();
  const stops = [given.signal, closing.signal].map((signal) =>
    caller.time.onAbort(signal, () => controller.abort(signal?.reason)),
  );
  try {
    return await new Rental(context, order, { ...given, signal: controller.signal }).run();
  } finally {
    for (const stop of stops) stop();
    leave();
  }
}
