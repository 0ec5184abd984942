/** Distinguishes the SDK's own transports, such as `nodeFetch()`, from any other `fetch`. */

import type { SignalLike } from './light-signal.ts';

/** Shared by all copies of the package in a process. */
export const transportMark = Symbol.for('@octaspace/sdk/transport');

/** Additional information for the SDK's own transports. */
export interface SendHints {
  /** Whether sending the request twice has the same effect as sending it once. */
  readonly repeatable: boolean;
  /** Whether a session that costs money depends on the request, so that it must not wait for other requests. */
  readonly urgent?: boolean;
  /** Called when the request begins to wait for a connection. */
  readonly onWait?: () => void;
  /** Called when it gets a connection after such a wait. */
  readonly onServed?: () => void;
  /** Called with the cause when the request is sent a second time. The first one may have reached the server. */
  readonly onResend?: (cause: unknown) => void;
}

/** A request for the SDK's own transports. */
export type OwnInit = Omit<RequestInit, 'signal'> & { readonly signal?: SignalLike | null };

/** A `fetch` that never repeats requests that must not be repeated, so that its errors can prove "never sent". */
export interface OwnTransport {
  (url: string, init: OwnInit, hints?: SendHints): Promise<Response>;
  /** Marks it as one of the SDK's own transports. */
  readonly [transportMark]: true;
  /** The state of its connections, as plain data. */
  stats(): object;
  /** Waits for requests in progress, then closes every connection. */
  close(): Promise<void>;
}

/** Whether a `fetch` is one of the SDK's own transports. */
export function isOwnTransport(fetch: unknown): fetch is OwnTransport {
  return typeof fetch === 'function' && Reflect.get(fetch, transportMark) === true;
}

/** The method of a transport's Response that reads the body up to a maximum size, without a stream. */
export const readMark = Symbol.for('@octaspace/sdk/read');
