/** The requests that leases are made of. */
import type { ServiceInfo, Session, StopOptions } from '../../generated/models.ts';
import { getSessionInfo, listSessions, stopSession } from '../../generated/operations.ts';
import type { Caller } from '../core/call-types.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { Answer, OctaPromise } from '../core/promise.ts';
import { OctaApiError } from '../errors/errors.ts';
import { type Lease, withHeaders } from './lease.ts';

/** Options of `session.stop`. */
export interface StopSessionOptions extends RequestOptions {
  /** Rating of the service, 1 to 5. Left out: no rating. */
  readonly score?: StopOptions['score'];
}

/** What became of a stop. */
export interface StopResult {
  /** True when the session is proven to be over; an answer to a stop alone proves nothing. */
  readonly confirmed: boolean;
  /** True when an earlier attempt of the same call had stopped the session already, although its answer was lost. */
  readonly alreadyStopped: boolean;
}

/** An answer, with what the API's own clock showed. */
export interface Answered<Value> {
  readonly value: Value;
  /** Unit: Unix ms; undefined when the answer does not say. */
  readonly serverNow: number | undefined;
}

/** Longest wait for one answer to a question that is asked again and again. Unit: ms. */
export const lookTimeoutMs = 10_000;

function dated<Value>(value: Value, { reply }: Answer): Answered<Value> {
  const serverNow = Date.parse(reply.headers.get('date') ?? '');
  return { value, serverNow: Number.isNaN(serverNow) ? undefined : serverNow };
}

/** The query for what has ended, where that is asked for; false and nothing are the same to the API. */
export function recentQuery(recent: boolean | undefined): { readonly recent: true | undefined } {
  return { recent: recent === true ? true : undefined };
}

/** Whether the API says that there is no such session, or not any more. */
export function isMissing(error: unknown): boolean {
  return error instanceof OctaApiError && (error.status === 404 || error.status === 410);
}

/** Asks about sessions, and stops them. */
export class LeaseApi {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  list(recent: boolean, options: RequestOptions): OctaPromise<Answered<readonly Session[]>> {
    return this.#caller.call(listSessions, { query: recentQuery(recent), options, vital: true }, (value, answer) =>
      dated(value, answer),
    );
  }

  #info(uuid: string, options: RequestOptions): OctaPromise<Answered<ServiceInfo>> {
    return this.#caller.call(getSessionInfo, { path: { uuid }, options, vital: true }, (value, answer) =>
      dated(value, answer),
    );
  }

  /** One session; undefined when there is none. The other spelling of its UUID is tried before that is believed. */
  async info(lease: Lease, options: RequestOptions): Promise<Answered<ServiceInfo> | undefined> {
    let uuid: string | undefined = lease.uuid;
    while (uuid !== undefined) {
      try {
        return await this.#info(uuid, options);
      } catch (error) {
        if (!isMissing(error)) throw error;
        uuid = lease.takeOtherSpelling();
      }
    }
    return undefined;
  }

  /** Sends one stop, and notes on the lease that it did. `onDone` is that of a caller who looks after the session himself. */
  stop(lease: Lease, given: StopSessionOptions = {}, onDone?: (lease: Lease) => void): OctaPromise<StopResult> {
    const { score, ...rest } = given;
    const body = score === undefined ? undefined : { score };
    const options = withHeaders(rest, lease.facts);
    const call = { path: { uuid: lease.uuid }, body, options, vital: onDone === undefined };
    lease.stopSentAt = this.#caller.time.now();
    return this.#caller.call(stopSession, call, (_, { doneBefore }) => {
      const alreadyStopped = doneBefore === true;
      lease.stopAccepted ||= !alreadyStopped;
      // Its guards look at once. Whoever ends a lease looks himself, and they hear when that proves the end.
      if (onDone !== undefined) lease.nudge();
      onDone?.(lease);
      return { confirmed: lease.isOver, alreadyStopped };
    });
  }
}
