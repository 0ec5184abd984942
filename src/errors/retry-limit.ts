/** Why a call was not tried once more. */

/**
 * Which limit ended the attempts of a call that could have been tried once more: the option `retries`, `totalTimeoutMs` (the
 * next wait would have passed it) or `maxRetryAfterMs` (the API asked for a longer wait), or the retry `budget`, which keeps
 * the clients of an ailing API from making it worse.
 */
export type RetryLimit = 'retries' | 'totalTimeoutMs' | 'maxRetryAfterMs' | 'budget';
