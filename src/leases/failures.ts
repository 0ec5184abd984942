/** What a failed call means for work that spans several calls. */
import {
  OctaAbortError,
  OctaApiError,
  OctaNetworkError,
  OctaRateLimitError,
  OctaResponseError,
  OctaServerError,
} from '../errors/errors.ts';

/** Whether a failure is known to be temporary. Others, such as a rejected key, may be temporary too, but nothing indicates it. */
export function passes(error: unknown): boolean {
  if (error instanceof OctaAbortError) return false;
  if (error instanceof OctaApiError) return error instanceof OctaServerError || error instanceof OctaRateLimitError;
  return error instanceof OctaNetworkError || error instanceof OctaResponseError;
}

/** How long the API tells us to wait before the next call. Unit: ms. */
export function askedWaitMs(error: unknown): number {
  return error instanceof OctaApiError ? (error.retryAfter ?? 0) * 1000 : 0;
}

/** Longest wait between two failing looks, unless the API asks for more. Unit: ms. */
const longestWaitMs = 15_000;

/** How long to wait after `failures` consecutive failures of work that runs every `intervalMs`. Unit: ms. */
export function waitAfterFailures(failures: number, intervalMs: number): number {
  return Math.min(intervalMs * 2 ** Math.min(failures, 16), Math.max(longestWaitMs, intervalMs));
}
