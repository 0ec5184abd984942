/** Type guards that also know the errors of another copy of the package in the same process. */
import {
  OctaApiError,
  OctaAuthenticationError,
  OctaError,
  OctaNetworkError,
  OctaNotFoundError,
  OctaRateLimitError,
  OctaTimeoutError,
} from './errors.ts';

/** Whether the SDK threw this. */
export function isOctaError(error: unknown): error is OctaError {
  return error instanceof OctaError;
}

/** Whether the API answered with an error status. */
export function isApiError(error: unknown): error is OctaApiError {
  return error instanceof OctaApiError;
}

/** Whether the API key is missing or wrong (401). */
export function isAuthError(error: unknown): error is OctaAuthenticationError {
  return error instanceof OctaAuthenticationError;
}

/** Whether nothing is there under the id (404). */
export function isNotFound(error: unknown): error is OctaNotFoundError {
  return error instanceof OctaNotFoundError;
}

/** Whether there were too many requests (429). */
export function isRateLimit(error: unknown): error is OctaRateLimitError {
  return error instanceof OctaRateLimitError;
}

/** Whether a time limit passed. */
export function isTimeout(error: unknown): error is OctaTimeoutError {
  return error instanceof OctaTimeoutError;
}

/** Whether no complete answer was received; time limits and aborts are among these. */
export function isNetworkError(error: unknown): error is OctaNetworkError {
  return error instanceof OctaNetworkError;
}
