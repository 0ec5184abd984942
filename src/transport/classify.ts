/** Decides what a failed attempt means for the call and for its base URL. */
import {
  OctaAbortError,
  OctaApiError,
  OctaConnectionError,
  type OctaError,
  OctaNetworkError,
  OctaResponseError,
  OctaTimeoutError,
} from '../errors/errors.ts';
import { isCertificateFailure } from '../errors/from-failure.ts';
import type { Health } from './types.ts';

/** What to do after a failed attempt. */
export interface Verdict {
  /** Whether a retry is allowed. */
  readonly again: boolean;
  /** Why, or why not; for logs. */
  readonly reason: string;
}

const passingStatuses = new Set([429, 500, 502, 503, 504]);
/** Statuses of a gateway whose upstream server is down. */
const downStatuses = new Set([502, 503, 504]);

function passes(error: OctaError): boolean {
  if (error instanceof OctaTimeoutError) return error.timeout !== 'signal' && error.timeout !== 'totalTimeoutMs';
  if (error instanceof OctaApiError) return passingStatuses.has(error.status);
  if (error instanceof OctaResponseError) return error.truncated;
  return error instanceof OctaNetworkError && !(error instanceof OctaAbortError);
}

/**
 * Whether the call may be retried. This depends on the operation, not on its HTTP method: a reboot is a GET. A call that must not happen
 * twice is retried only if the SDK can prove that the request was never sent.
 */
export function classify(call: { readonly repeatable: boolean }, error: OctaError): Verdict {
  if (!passes(error)) return { again: false, reason: 'it would fail the same way' };
  if (call.repeatable) return { again: true, reason: 'it may pass' };
  if (error instanceof OctaConnectionError && error.outcome === 'not-sent')
    return { again: true, reason: 'it was never sent' };
  return { again: false, reason: 'it may have taken effect, and must not happen twice' };
}

/** Whether no connection was made, so that a retry at another URL adds no load. */
export function neverConnected(error: OctaError): boolean {
  return error instanceof OctaConnectionError && error.phase === 'connect';
}

/** Whether the request never got a free connection, so that a retry adds no load. */
export function neverLeftQueue(error: OctaError): boolean {
  return error instanceof OctaConnectionError && error.phase === undefined;
}

/** Whether another attempt at the same base URL would fail in the same way. */
export function isBarred(error: OctaError): boolean {
  return error instanceof OctaConnectionError && isCertificateFailure(error.cause);
}

/** Whether the wait that the API requests applies to the caller at every base URL. */
export function isRateLimited(error: OctaError): boolean {
  return error instanceof OctaApiError && error.status === 429;
}

/** What a failed attempt means for its base URL. A truncated response or an abort by the caller says nothing about it. */
export function healthOf(error: OctaError): Health {
  if (error instanceof OctaApiError) {
    if (error.outcome === 'not-sent') return 'unclear';
    return downStatuses.has(error.status) ? 'down' : 'alive';
  }
  if (error instanceof OctaAbortError || !(error instanceof OctaNetworkError)) return 'unclear';
  if (error instanceof OctaTimeoutError && error.timeout === 'server') return 'alive';
  if (error instanceof OctaTimeoutError && (error.timeout === 'signal' || error.timeout === 'totalTimeoutMs')) {
    return 'unclear';
  }
  return error.phase === 'connect' || error.phase === 'headers' ? 'down' : 'unclear';
}
