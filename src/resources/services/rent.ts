/** Renting without fear: start, find what got lost, wait until ready, and stop whatever cannot be used. */
import { type Checks, checkAll, milliseconds } from '../../core/checks.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import {
  OctaApiError,
  OctaConfigurationError,
  OctaError,
  OctaProvisionRejectedError,
  type ProvisionRejection,
} from '../../errors/errors.ts';
import { errorFromReason } from '../../errors/from-failure.ts';
import { markStopped, OctaSessionError } from '../../errors/session-error.ts';
import { findLost, type Search } from './adoption.ts';
import { type GuardLimits, guardChecks } from './guard.ts';
import { liveSession, type SessionResource } from './session.ts';
import { notStoppedError, stopSurely } from './stop.ts';
import { pollUntilReady, type ResolvedWait, resolveWait, type WaitOptions, waitChecks } from './wait.ts';

/** Options of `rent`. */
export interface LeaseOptions extends WaitOptions, Pick<GuardLimits, 'maxDurationMs' | 'maxSpend'> {
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
  adoptionTimeoutMs: milliseconds,
} satisfies Checks<LeaseOptions>;

/** A node by its number, or anything that has one, such as a machine of the catalogue. */
export type Candidate = number | { readonly node_id: number };

/** One node, or several of which the first that does not refuse is taken. */
export type NodeChoice =
  | { readonly node_id: number; readonly candidates?: never }
  | { readonly candidates: readonly Candidate[]; readonly node_id?: never };

/** The nodes of a choice, and what it holds besides. Throws OctaConfigurationError as `nodesOf` does. */
export function splitNodes<Order extends NodeChoice>(
  order: Order,
): [nodes: number[], rest: Omit<Order, keyof NodeChoice>] {
  const { node_id: _, candidates: __, ...rest } = order ?? {};
  return [nodesOf(order ?? {}), rest as Omit<Order, keyof NodeChoice>];
}

/** The nodes of a choice, in order. Throws OctaConfigurationError when there is none, or both forms are given. */
function nodesOf({ node_id, candidates }: NodeChoice): number[] {
  if ((node_id === undefined) === (candidates === undefined)) {
    throw new OctaConfigurationError({ message: 'rent needs either node_id or candidates' });
  }
  const given: readonly unknown[] = candidates ?? [node_id];
  if (!Array.isArray(given) || given.length === 0) {
    throw new OctaConfigurationError({ message: 'candidates are empty, or no list: there is no node to rent' });
  }
  const nodes = given.map((each) => (typeof each === 'object' && each !== null ? Reflect.get(each, 'node_id') : each));
  const wrong = nodes.findIndex((node) => !Number.isSafeInteger(node));
  if (wrong === -1) return [...new Set(nodes)];
  throw new OctaConfigurationError({ message: `candidate ${wrong + 1} is neither the number of a node nor has one` });
}

/** What is rented. */
export interface Order {
  readonly operation: string;
  readonly service: 'mr' | 'render' | 'vpn';
  readonly nodes: readonly number[];
  readonly kind: string | undefined;
  readonly envs: Readonly<Record<string, string>>;
}

/** What renting works with. */
export interface RentTools extends Pick<Search, 'active' | 'time' | 'rentals'> {
  /** Starts the order on one of its nodes. */
  readonly start: (node: number, options: RequestOptions) => PromiseLike<SessionResource>;
  readonly sessionOf: (uuid: string) => SessionResource;
  readonly log: Parameters<typeof resolveWait>[1]['log'];
}

/** Statuses by which the API refuses one node, or what is asked of it; any other refusal is about the caller. */
const refusingStatuses = new Set([400, 404, 409, 422]);

/** A node that is out of order for a while answers 500 with this word; nothing was started then. */
const outOfOrder = /\bINTERNAL_ERROR\b/;

function isOutOfOrder(error: unknown): error is OctaApiError {
  return error instanceof OctaApiError && error.status === 500 && outOfOrder.test(`${error.code} ${error.message}`);
}

/** Why a node refused, item by item; undefined when it did not, or when that is not certain. */
function refusalsOf(error: unknown, node_id: number): ProvisionRejection[] | undefined {
  if (error instanceof OctaProvisionRejectedError) {
    return error.rejections.map((rejection) => ({ ...rejection, node_id }));
  }
  if (!(error instanceof OctaApiError) || !refusingStatuses.has(error.status)) return undefined;
  return [{ id: undefined, node_id, reason: error.message, status: error.status }];
}

function allRefused({ operation, nodes }: Order, rejections: ProvisionRejection[], cause: unknown): OctaError {
  const reasons = rejections.map(({ node_id, reason }) => `node ${node_id}: ${reason}`).join('; ');
  const message =
    nodes.length === 1
      ? `${operation}: refused: ${reasons}`
      : `${operation}: all ${nodes.length} nodes refused: ${reasons}`;
  return new OctaProvisionRejectedError({ message, outcome: 'rejected', rejections, cause });
}

/** One rental, from the first start to a session that can be used. */
class Rental {
  readonly #order: Order;
  readonly #tools: RentTools;
  readonly #lease: LeaseOptions;
  readonly #wait: ResolvedWait;
  /** Options of everything but the start. */
  readonly #request: RequestOptions;
  /** Options of the start: once it has begun, its answer is waited for, because it may be a session that costs money. */
  readonly #startOptions: RequestOptions;

  constructor(order: Order, tools: RentTools, lease: LeaseOptions) {
    this.#order = order;
    this.#tools = tools;
    this.#lease = lease;
    const { maxDurationMs: _, maxSpend: __, adoptionTimeoutMs: ___, ...wait } = lease;
    this.#wait = resolveWait(wait, tools);
    const { body, query, ...request } = this.#wait.request;
    const { signal: ____, ...unaborted } = request;
    // What the caller adds to the start is not for the questions around it.
    this.#request = request;
    this.#startOptions = { ...unaborted, body, query };
  }

  async run(): Promise<SessionResource> {
    const rejections: ProvisionRejection[] = [];
    let cause: unknown;
    for (const node of this.#order.nodes) {
      try {
        return await this.#settle(await this.#startOn(node), node);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        cause = error.cause;
        rejections.push(...error.refusals);
        this.#wait.report({ step: 'refused', node_id: node, error: cause });
      }
    }
    throw allRefused(this.#order, rejections, cause);
  }

  #throwIfAborted(): void {
    const { signal } = this.#request;
    if (signal?.aborted) throw errorFromReason(this.#order.operation, signal.reason, { outcome: 'not-sent' });
  }

  /** Starts on one node. Throws a Refusal when that node will not have it. */
  async #startOn(node: number): Promise<SessionResource> {
    const { rentals, active, start } = this.#tools;
    const { service } = this.#order;
    const leave = await rentals.enter(`${service} ${node}`);
    try {
      this.#throwIfAborted();
      const known = new Set((await active(this.#request)).map(({ uuid }) => uuid));
      this.#throwIfAborted();
      this.#wait.report({ step: 'starting', node_id: node });
      const session = await this.#tryStart(() => start(node, this.#startOptions), node, known);
      rentals.claim(session.uuid);
      return session;
    } finally {
      leave();
    }
  }

  async #tryStart(
    start: () => PromiseLike<SessionResource>,
    node: number,
    known: ReadonlySet<string>,
  ): Promise<SessionResource> {
    try {
      return await start();
    } catch (error) {
      const refusals = refusalsOf(error, node);
      if (refusals !== undefined) throw new Refusal(refusals, error);
      if (!(error instanceof OctaError) || error.outcome !== 'unknown') throw error;
      const uuid = await this.#findLost(node, known, error);
      if (uuid !== undefined) {
        this.#wait.report({ step: 'adopted', node_id: node, session: uuid, error });
        return this.#tools.sessionOf(uuid);
      }
      if (!isOutOfOrder(error)) throw error;
      throw new Refusal([{ id: undefined, node_id: node, reason: error.message, status: error.status }], error);
    }
  }

  #findLost(node: number, known: ReadonlySet<string>, error: unknown): Promise<string | undefined> {
    const { operation, service, kind, envs } = this.#order;
    const { adoptionTimeoutMs: withinMs = 15_000 } = this.#lease;
    const sought = { operation, service, node_id: node, kind, envs, known };
    return findLost(sought, { ...this.#tools, withinMs: isOutOfOrder(error) ? 0 : withinMs }, error);
  }

  /** Waits until the session can be used, under guard from the beginning; stops it when that fails. */
  async #settle(session: SessionResource, node: number): Promise<SessionResource> {
    const { maxDurationMs, maxSpend } = this.#lease;
    try {
      if (maxDurationMs !== undefined || maxSpend !== undefined) session.guard({ maxDurationMs, maxSpend });
      await pollUntilReady(liveSession(session), { ...this.#wait, request: this.#request });
      return session;
    } catch (error) {
      this.#wait.report({ step: 'stopping', session: session.uuid, node_id: node, error });
      throw await this.#rollBack(session, error);
    }
  }

  /** Stops the session; gives the error that the caller hears. */
  async #rollBack(session: SessionResource, error: unknown): Promise<unknown> {
    try {
      await stopSurely(liveSession(session));
    } catch (stopError) {
      return notStoppedError(session.uuid, stopError, error);
    }
    if (error instanceof OctaSessionError) markStopped(error);
    return error;
  }
}

/** On the way from a node that refused to the next one. */
class Refusal {
  readonly refusals: readonly ProvisionRejection[];
  readonly cause: unknown;

  constructor(refusals: readonly ProvisionRejection[], cause: unknown) {
    this.refusals = refusals;
    this.cause = cause;
  }
}

/** Rents: see `services.mr.rent`. */
export async function rent(order: Order, tools: RentTools, lease: LeaseOptions): Promise<SessionResource> {
  checkAll(lease, leaseChecks, 'options of rent');
  return new Rental(order, tools, lease).run();
}
