/** Types of the details of errors. */

/**
 * What is known about the request that failed.
 *
 * - `not-sent`: it never reached the API; it is safe to send it again.
 * - `rejected`: the API refused it, or what it had started was stopped again; nothing of it is left.
 * - `unknown`: it may have taken effect. Check before you send it again.
 */
export type Outcome = 'not-sent' | 'rejected' | 'unknown';

/** One failed attempt of a call. */
export interface FailedAttempt {
  /** URL of this attempt, with secrets replaced as in the URL of the request. */
  readonly url: string;
  /** Name of the error that ended this attempt. */
  readonly error: string;
  /** Its message. */
  readonly message: string;
  /** What is known about this attempt. */
  readonly outcome: Outcome;
  /** HTTP status, if there was a response. */
  readonly status?: number;
  /** `X-Request-Id` of the response, if it had one. */
  readonly requestId?: string;
}

/** The progress of a failed job. */
export interface JobProgress {
  /** Output of the command, at most the last megabyte. */
  readonly output: string;
  /** Exit code of the command, if it had ended. */
  readonly exitCode: number | undefined;
  /** Results received so far: contents by path. */
  readonly results: Readonly<Record<string, Uint8Array>>;
}
