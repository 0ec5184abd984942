/** What tells a transport of the SDK's own, such as `nodeFetch()`, from any other `fetch`. */

import type { SignalLike } from './light-signal.ts';

/** Shared by all copies of the package in a process. */
export const transportMark = Symbol.for('@octaspace/sdk/transport');

/** What a transport of our own is told besides the request. */
export interface SendHints {
  /** Whether sending it twice does no more than sending it once. */
  readonly repeatable: boolean;
  /** Whether it looks after a session that costs money, so that it must not wait behind other requests. */
  readonly urgent?: boolean;
  /** Told when it begins to wait for a connection. */
  readonly onWait?: () => void;
  /** Told when it has a connection after that. */
  readonly onServed?: () => void;
  /** Told when it is sent a second time, and why the first time failed: that one may have got through. */
  readonly onResend?: (cause: unknown) => void;
}

/** A request for a transport of our own. */
export type OwnInit = Omit<RequestInit, 'signal'> & { readonly signal?: SignalLike | null };

/** A `fetch` that never repeats by itself what must not be repeated, so that its proofs of "never sent" count. */
export interface OwnTransport {
  (url: string, init: OwnInit, hints?: SendHints): Promise<Response>;
  /** Tells it from any other `fetch`. */
  readonly [transportMark]: true;
  /** State of its connections, as plain data. */
  stats(): object;
  /** Lets requests under way finish, then closes every connection. */
  close(): Promise<void>;
}

/** Whether a `fetch` is a transport of the SDK's own. */
export function isOwnTransport(fetch: unknown): fetch is OwnTransport {
  return typeof fetch === 'function' && Reflect.get(fetch, transportMark) === true;
}

/** Names the method of a transport's Response that reads its body up to a bound, without a stream. */
export const readMark = Symbol.for('@octaspace/sdk/read');
