/** What a failed call means for what goes on for longer than one call. */
import {
  OctaAbortError,
  OctaApiError,
  OctaNetworkError,
  OctaRateLimitError,
  OctaResponseError,
  OctaServerError,
} from '../../errors/errors.ts';

/** Whether a failure passes by itself. Others, such as over a key, may as well, but nothing says so. */
export function passes(error: unknown): boolean {
  if (error instanceof OctaAbortError) return false;
  if (error instanceof OctaApiError) return error instanceof OctaServerError || error instanceof OctaRateLimitError;
  return error instanceof OctaNetworkError || error instanceof OctaResponseError;
}
