/** What a failed call means for what goes on for longer than one call. */
import {
  OctaAbortError,
  OctaApiError,
  OctaNetworkError,
  OctaRateLimitError,
  OctaResponseError,
  OctaServerError,
} from '../errors/errors.ts';

/** Whether a failure passes by itself. Others, such as over a key, may as well, but nothing says so. */
export function passes(error: unknown): boolean {
  if (error instanceof OctaAbortError) return false;
  if (error instanceof OctaApiError) return error instanceof OctaServerError || error instanceof OctaRateLimitError;
  return error instanceof OctaNetworkError || error instanceof OctaResponseError;
}

/** How long the API asks to wait before the next call. Unit: ms. */
export function askedWaitMs(error: unknown): number {
  return error instanceof OctaApiError ? (error.retryAfter ?? 0) * 1000 : 0;
}

/** Largest wait between two looks while they fail, unless more is asked for. Unit: ms. */
const longestWaitMs = 15_000;

/** How long to wait after so many failures in a row, for what is done every `intervalMs`. Unit: ms. */
export function waitAfterFailures(failures: number, intervalMs: number): number {
  return Math.min(intervalMs * 2 ** Math.min(failures, 16), Math.max(longestWaitMs, intervalMs));
}
