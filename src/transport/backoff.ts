/** How long to wait before the next attempt. */
export interface BackoffOptions {
  /** Bound of the first wait. Unit: ms. */
  readonly retryDelayMs: number;
  /** What the bound grows by with each attempt. */
  readonly backoffFactor: number;
  /** Largest bound. Unit: ms. */
  readonly maxRetryDelayMs: number;
}

/** Waits asked for by the server get this much on top, so that clients do not all come back at once. */
const retryAfterJitter = 0.1;
const largestJitterMs = 1000;

/** Full jitter: anywhere between 0 and a bound that grows with each attempt (1 for the first). Unit: ms. */
export function backoffDelay(attempt: number, options: BackoffOptions, random: () => number): number {
  const { retryDelayMs, backoffFactor, maxRetryDelayMs } = options;
  // The power may be infinite, and 0 times that is no number.
  const bound = retryDelayMs === 0 ? 0 : Math.min(maxRetryDelayMs, retryDelayMs * backoffFactor ** (attempt - 1));
  return random() * bound;
}

/** What the server asked for, never less, and a little more. Unit: ms. */
export function retryAfterDelay(seconds: number, random: () => number): number {
  const asked = seconds * 1000;
  return asked + random() * Math.min(largestJitterMs, asked * retryAfterJitter);
}
