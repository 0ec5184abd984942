/** One attempt to start one session. */
import type { RequestOptions } from '../core/option-types.ts';
import type { Lease, Service } from './lease.ts';

/** One attempt to start one session. */
export interface Attempt {
  /** Lease id, which the session carries as its mark. */
  readonly id: string;
  /** Whether the caller chose the id. */
  readonly hasGivenId?: boolean;
  readonly service: Service;
  readonly nodeId: number;
  readonly kind: string | undefined;
  readonly headers: RequestOptions['headers'];
  /** Whether the order has ports, or HTTP ports. */
  ports?: boolean;
  httpPorts?: boolean;
  /** Whether `rent` made it. If so, a session that appears late is stopped. */
  readonly byRent: boolean;
  /** Whether another client made it, and this client has settled its lease. */
  readonly isInherited?: boolean;
  /** Unit: ms of the clock. */
  readonly madeAt: number;
  /**
   * `sent`: no response yet, or the search for its session is running. `started`: its session is known. `refused`: the API refused it.
   * `unknown`: the outcome is unknown, so background work looks for its session.
   */
  state: 'sent' | 'started' | 'refused' | 'unknown';
  /** Whether its response was lost or did not say what happened. The API may then have begun more than one session. */
  wasLost?: boolean;
  /** Its session; set before the caller gets the response. */
  lease?: Lease;
  /** Further sessions that its response names. */
  readonly extras: Set<string>;
  /** Sessions that are known to come from it. */
  readonly keys: Set<string>;
  /** The amount reserved for its session, if the client has `maxTotalSpend`. */
  hold?: Hold | undefined;
}

/** The amount that a session may cost. It is reserved before the start is sent, until the session is known. */
export interface Hold {
  /** Unit: Wei. */
  readonly wei: bigint;
  /** The last attempt that it was used for. */
  attempt?: Attempt;
}

/** The fields of an attempt that the caller sets. */
export type AttemptInit = Omit<Attempt, 'id' | 'hasGivenId' | 'madeAt' | 'state' | 'keys' | 'extras' | 'lease'> & {
  readonly id?: string | undefined;
};
