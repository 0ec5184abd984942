/** What a failed call means for what goes on for longer than one call. */
import {
  OctaAbortError,
  OctaApiError,
  OctaNetworkError,
  OctaRateLimitError,
  OctaResponseError,
  OctaServerError,
} from '../../errors/errors.ts';

/** Whether a failure may pass: what answers now that it never will, such as over a wrong key, does not. */
export function mayPass(error: unknown): boolean {
  if (error instanceof OctaAbortError) return false;
  if (error instanceof OctaApiError) return error instanceof OctaServerError || error instanceof OctaRateLimitError;
  return error instanceof OctaNetworkError || error instanceof OctaResponseError;
}

/** Largest wait between two polls while they fail. Unit: ms. */
const longestWaitMs = 15_000;

/** How long to wait after so many failures in a row, for what is done every `intervalMs`. Unit: ms. */
export function waitAfterFailures(failures: number, intervalMs: number): number {
  return Math.min(intervalMs * 2 ** Math.min(failures, 16), Math.max(longestWaitMs, intervalMs));
}
