/** What errors say besides their message. */

/**
 * What is known about the request that failed.
 *
 * - `not-sent`: it never reached the API; sending it again is safe.
 * - `rejected`: the API refused it, or what it had started was stopped again; nothing of it is left.
 * - `unknown`: it may have taken effect. Look before you send it again.
 */
export type Outcome = 'not-sent' | 'rejected' | 'unknown';

/** One attempt of a call that failed. */
export interface FailedAttempt {
  /** URL that this attempt went to, as safe as that of the request. */
  readonly url: string;
  /** Name of the error that ended this attempt. */
  readonly error: string;
  /** Its message. */
  readonly message: string;
  /** What is known about this attempt alone. */
  readonly outcome: Outcome;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** `X-Request-Id` of the answer, when it had one. */
  readonly requestId?: string;
}

/** What is known of a job that has failed. */
export interface JobProgress {
  /** What the command had printed, at most the last megabyte. */
  readonly output: string;
  /** Exit code of the command, if it had ended. */
  readonly exitCode: number | undefined;
  /** Results that had come back: contents by path. */
  readonly results: Readonly<Record<string, Uint8Array>>;
}
