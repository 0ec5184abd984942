import {
  OctaAbortError,
  OctaApiError,
  OctaConnectionError,
  type OctaError,
  OctaNetworkError,
  OctaResponseError,
  OctaTimeoutError,
} from '../errors/errors.ts';

/** What to do after a failed attempt. */
export interface Verdict {
  /** Whether another attempt may follow. */
  readonly again: boolean;
  /** Why, or why not; for logs. */
  readonly reason: string;
}

const passingStatuses = new Set([429, 500, 502, 503, 504]);

function passes(error: OctaError): boolean {
  if (error instanceof OctaTimeoutError) return error.timeout !== 'signal';
  if (error instanceof OctaApiError) return passingStatuses.has(error.status);
  if (error instanceof OctaResponseError) return error.truncated;
  return error instanceof OctaNetworkError && !(error instanceof OctaAbortError);
}

/**
 * May the call be sent again? The operation decides, not its HTTP method: a reboot is a GET. What must not happen twice
 * is sent again only with the proof that no connection was made, and only when that proof can be trusted.
 */
export function classify(call: { readonly repeatable: boolean }, error: OctaError, proofTrusted: boolean): Verdict {
  if (!passes(error)) return { again: false, reason: 'it would fail the same way' };
  if (call.repeatable) return { again: true, reason: 'it may pass' };
  if (error instanceof OctaConnectionError && proofTrusted) return { again: true, reason: 'it was never sent' };
  return { again: false, reason: 'it may have taken effect, and must not happen twice' };
}
