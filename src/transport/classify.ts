/** What a failed attempt means: for the call, and for the base URL that it went to. */
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
  /** Whether another attempt may follow. */
  readonly again: boolean;
  /** Why, or why not; for logs. */
  readonly reason: string;
}

const passingStatuses = new Set([429, 500, 502, 503, 504]);
/** What a gateway says when what stands behind it is away. */
const downStatuses = new Set([502, 503, 504]);

function passes(error: OctaError): boolean {
  if (error instanceof OctaTimeoutError) return error.timeout !== 'signal' && error.timeout !== 'totalTimeoutMs';
  if (error instanceof OctaApiError) return passingStatuses.has(error.status);
  if (error instanceof OctaResponseError) return error.truncated;
  return error instanceof OctaNetworkError && !(error instanceof OctaAbortError);
}

/**
 * May the call be sent again? The operation decides, not its HTTP method: a reboot is a GET. What must not happen twice
 * is sent again only with the proof that no connection was made.
 */
export function classify(call: { readonly repeatable: boolean }, error: OctaError): Verdict {
  if (!passes(error)) return { again: false, reason: 'it would fail the same way' };
  if (call.repeatable) return { again: true, reason: 'it may pass' };
  if (error instanceof OctaConnectionError && error.outcome === 'not-sent')
    return { again: true, reason: 'it was never sent' };
  return { again: false, reason: 'it may have taken effect, and must not happen twice' };
}

/** Whether no connection was made, so that sending the call elsewhere adds to nobody's load. */
export function neverConnected(error: OctaError): boolean {
  return error instanceof OctaConnectionError && error.phase === 'connect';
}

/** Whether it waited for a free connection in vain, and so added to nobody's load. */
export function neverLeftQueue(error: OctaError): boolean {
  return error instanceof OctaConnectionError && error.phase === undefined;
}

/** Whether the same base URL would fail the same way, while another may not. */
export function isBarred(error: OctaError): boolean {
  return error instanceof OctaConnectionError && isCertificateFailure(error.cause);
}

/** Whether the wait that the API asks for is about its caller, and not about the base URL that said so. */
export function isRateLimited(error: OctaError): boolean {
  return error instanceof OctaApiError && error.status === 429;
}

/** What a failed attempt tells about its base URL. An answer that broke off says as little as a caller who gave up. */
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
