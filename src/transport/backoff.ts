/** Options of the wait before a retry. */
export interface BackoffOptions {
  /** Upper bound of the first wait. Unit: ms. */
  readonly retryDelayMs: number;
  /** Factor by which the bound grows with each attempt. */
  readonly backoffFactor: number;
  /** Maximum of the bound. Unit: ms. */
  readonly maxRetryDelayMs: number;
}

/** Share that is added to waits requested by the server, so that clients do not all retry at the same time. */
const retryAfterJitter = 0.1;
const largestJitterMs = 1000;

/** Full jitter: a random wait between 0 and a bound that grows with each attempt (1 for the first). Unit: ms. */
export function backoffDelay(attempt: number, options: BackoffOptions, random: () => number): number {
  const { retryDelayMs, backoffFactor, maxRetryDelayMs } = options;
  // The power may be infinite, and 0 * Infinity is NaN.
  const bound = retryDelayMs === 0 ? 0 : Math.min(maxRetryDelayMs, retryDelayMs * backoffFactor ** (attempt - 1));
  return random() * bound;
}

/** The wait that the server requested plus a random share, never less than requested. Unit: ms. */
export function retryAfterDelay(seconds: number, random: () => number): number {
  const asked = seconds * 1000;
  return asked + random() * Math.min(largestJitterMs, asked * retryAfterJitter);
}
