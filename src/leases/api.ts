/** The API calls that leases need. */
import type { ServiceInfo, Session, StopOptions } from '../../generated/models.ts';
import { getSessionInfo, listSessions, stopSession } from '../../generated/operations.ts';
import type { CallArguments, Caller } from '../core/call-types.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { Answer, OctaPromise } from '../core/promise.ts';
import { OctaApiError } from '../errors/errors.ts';
import { type Lease, withHeaders } from './lease.ts';

/** Options of `session.stop`. */
export interface StopSessionOptions extends RequestOptions {
  /** Rating of the service, 1 to 5. Default: no rating. */
  readonly score?: StopOptions['score'];
}

/** The result of a stop. */
export interface StopResult {
  /** True if the session is proven over; a response to a stop alone proves nothing. */
  readonly confirmed: boolean;
  /** True if an earlier attempt of the same call, whose response was lost, may have stopped the session already. */
  readonly alreadyStopped: boolean;
}

/** A decoded response, with the time of the API's clock. */
export interface Answered<Value> {
  readonly value: Value;
  /** Unit: Unix ms; undefined if the response has no date. */
  readonly serverNow: number | undefined;
}

/** Longest wait for one response while polling. Unit: ms. */
export const lookTimeoutMs = 10_000;

function dated<Value>(value: Value, { reply }: Answer): Answered<Value> {
  const serverNow = Date.parse(reply.headers.get('date') ?? '');
  return { value, serverNow: Number.isNaN(serverNow) ? undefined : serverNow };
}

/** The query for ended sessions, if they are requested; the API treats false like an absent value. */
export function recentQuery(recent: boolean | undefined): { readonly recent: true | undefined } {
  return { recent: recent === true ? true : undefined };
}

/** Whether the API says that the session does not exist, or no longer exists. */
export function isMissing(error: unknown): boolean {
  return error instanceof OctaApiError && (error.status === 404 || error.status === 410);
}

/** The path of a call about a session. If the API does not know its UUID, the call tries the other letter case once. */
export function pathOf(lease: Lease): Pick<CallArguments, 'path' | 'otherPath'> {
  const otherPath = (error: unknown) => {
    const uuid = isMissing(error) ? lease.takeOtherSpelling() : undefined;
    if (uuid === undefined) return undefined;
    const fails = (second: unknown) => {
      // The failure says nothing about that spelling, so a later call tries it again.
      if (!isMissing(second)) lease.otherTried = false;
    };
    return { path: { uuid }, works: () => lease.spelt(uuid), fails };
  };
  return { path: { uuid: lease.uuid }, otherPath };
}

/** Reads and stops sessions. */
export class LeaseApi {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  list(recent: boolean, options: RequestOptions): OctaPromise<Answered<readonly Session[]>> {
    const call = { query: recentQuery(recent), options, vital: true };
    return this.#caller.call(listSessions, call, (value, answer) => dated(value, answer));
  }

  /** One session; undefined if it does not exist. */
  async info(lease: Lease, options: RequestOptions): Promise<Answered<ServiceInfo> | undefined> {
    try {
      const call = { ...pathOf(lease), options, vital: true };
      return await this.#caller.call(getSessionInfo, call, (value, answer) => dated(value, answer));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Sends one stop and records that on the lease. `onDone` is set if the caller tracks the session itself. */
  stop(lease: Lease, given: StopSessionOptions = {}, onDone?: (lease: Lease) => void): OctaPromise<StopResult> {
    const { score, ...rest } = given;
    const body = score === undefined ? undefined : { score };
    const options = withHeaders(rest, lease.facts);
    const call = { ...pathOf(lease), body, options, vital: onDone === undefined };
    lease.stopSentAt = this.#caller.time.now();
    lease.stopError = undefined;
    return this.#caller.call(stopSession, call, (_, { doneBefore }) => {
      const alreadyStopped = doneBefore === true;
      lease.stopAccepted ||= !alreadyStopped;
      // After a caller's stop, the guards look at once. `endLease` looks itself, and nudges them when the end is proven.
      if (onDone !== undefined) lease.nudge();
      onDone?.(lease);
      return { confirmed: lease.isOver, alreadyStopped };
    });
  }
}
