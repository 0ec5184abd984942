/** Type guards that also recognize errors of other copies of the package in the same process. */
import {
  OctaApiError,
  OctaAuthenticationError,
  OctaError,
  OctaNetworkError,
  OctaNotFoundError,
  OctaRateLimitError,
  OctaTimeoutError,
} from './errors.ts';

/** Whether this is an error of the SDK. */
export function isOctaError(error: unknown): error is OctaError {
  return error instanceof OctaError;
}

/** Whether the API responded with an error status. */
export function isApiError(error: unknown): error is OctaApiError {
  return error instanceof OctaApiError;
}

/** Whether the API key is missing or wrong (401). */
export function isAuthError(error: unknown): error is OctaAuthenticationError {
  return error instanceof OctaAuthenticationError;
}

/** Whether nothing exists with this id (404). */
export function isNotFound(error: unknown): error is OctaNotFoundError {
  return error instanceof OctaNotFoundError;
}

/** Whether there were too many requests (429). */
export function isRateLimit(error: unknown): error is OctaRateLimitError {
  return error instanceof OctaRateLimitError;
}

/** Whether a time limit was reached. */
export function isTimeout(error: unknown): error is OctaTimeoutError {
  return error instanceof OctaTimeoutError;
}

/** Whether no complete response was received. Includes time limits and aborts. */
export function isNetworkError(error: unknown): error is OctaNetworkError {
  return error instanceof OctaNetworkError;
}
