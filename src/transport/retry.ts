import {
  attachAttempts,
  type FailedAttempt,
  type FailedRequest,
  OctaApiError,
  OctaError,
  type Outcome,
} from '../errors/errors.ts';
import { errorFromAbort } from '../errors/from-failure.ts';
import { type BackoffOptions, backoffDelay, retryAfterDelay } from './backoff.ts';
import { classify } from './classify.ts';
import { runQuietly } from './hooks.ts';
import type { Log } from './log.ts';
import type { Attempt, Call, Clock, Policy, Reply, Routes } from './types.ts';

/** What `onRetry` is told before the wait for another attempt. */
export interface RetryContext {
  /** The call that is tried again. */
  readonly request: FailedRequest;
  /** Why the last attempt failed. */
  readonly error: OctaError;
  /** Which attempt failed; 1 for the first. */
  readonly attempt: number;
  /** How long the SDK waits now. Unit: ms. */
  readonly delayMs: number;
  /** URL of the next attempt. */
  readonly nextUrl: string;
}

/** What the retry loop works with. */
export interface RetryOptions extends BackoffOptions {
  /** Longest wait that a server may ask for. Unit: ms. */
  readonly maxRetryAfterMs: number;
  /** Whether "never connected" can be believed: a fetch of the caller's may repeat or forward requests by itself. */
  readonly proofTrusted: boolean;
  readonly routes: Routes;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onRetry: ((context: RetryContext) => void | Promise<void>) | undefined;
  readonly log: Log;
}

function describeAttempt(error: OctaError, url: string): FailedAttempt {
  const answer = error instanceof OctaApiError ? error : error.cause instanceof OctaApiError ? error.cause : undefined;
  return {
    url,
    error: error.name,
    message: error.message,
    outcome: error.outcome,
    ...(answer === undefined ? {} : { status: answer.status }),
    ...(answer?.requestId === undefined ? {} : { requestId: answer.requestId }),
  };
}

/** How long to wait before the next attempt; undefined when the server asks for more than the caller would wait. */
function waitFor(error: OctaError, attempt: number, options: RetryOptions): number | undefined {
  const seconds =
    error instanceof OctaApiError && (error.status === 429 || error.status === 503) ? error.retryAfter : undefined;
  if (seconds === undefined) return backoffDelay(attempt, options, options.random);
  return seconds * 1000 > options.maxRetryAfterMs ? undefined : retryAfterDelay(seconds, options.random);
}

/** The one loop: sends, and sends again what may be sent again. */
export function retry(options: RetryOptions): Policy {
  const { routes, clock, log } = options;
  return (next) =>
    async (call: Call, first: Attempt): Promise<Reply> => {
      const failed: FailedAttempt[] = [];
      const tried: string[] = [];
      let attempt = first;
      for (;;) {
        const url = attempt.baseUrl + call.path;
        const request = { operation: call.operation, method: call.method, url };
        const outcome = await settle(next, call, attempt);
        if (!(outcome instanceof OctaError)) return outcome;
        failed.push(describeAttempt(outcome, url));
        tried.push(attempt.baseUrl);
        attachAttempts(outcome, [...failed], worstOutcome(failed));
        const verdict = classify(call, outcome, options.proofTrusted);
        const delayMs =
          verdict.again && attempt.number <= call.retries ? waitFor(outcome, attempt.number, options) : undefined;
        if (delayMs === undefined || call.signal?.aborted) throw outcome;
        const baseUrl = routes.pick([...tried]);
        const nextUrl = baseUrl + call.path;
        log(
          'info',
          `${call.operation}: attempt ${attempt.number} failed (${outcome.name}), next in ${Math.round(delayMs)} ms`,
        );
        const context = { request, error: outcome, attempt: attempt.number, delayMs, nextUrl };
        runQuietly('onRetry', () => options.onRetry?.(context), log);
        await clock.sleep(delayMs, call.signal).catch(() => {
          throw abortedWhileWaiting(call, request, failed);
        });
        attempt = { number: attempt.number + 1, baseUrl, headers: first.headers };
      }
    };
}

/** An attempt's reply or its error; what a hook threw goes through as it is. */
async function settle(
  next: (call: Call, attempt: Attempt) => Promise<Reply>,
  call: Call,
  attempt: Attempt,
): Promise<Reply | OctaError> {
  try {
    return await next(call, attempt);
  } catch (error) {
    if (error instanceof OctaError) return error;
    throw error;
  }
}

/** What is known about the call as a whole: one attempt that may have got through is enough to leave it open. */
function worstOutcome(failed: readonly FailedAttempt[]): Outcome {
  const outcomes = failed.map((attempt) => attempt.outcome);
  return (['unknown', 'rejected'] as const).find((each) => outcomes.includes(each)) ?? 'not-sent';
}

function abortedWhileWaiting(call: Call, request: FailedRequest, failed: readonly FailedAttempt[]): OctaError {
  const outcome = worstOutcome(failed);
  const error = errorFromAbort(call.signal?.reason, request, outcome);
  attachAttempts(error, [...failed], outcome);
  return error;
}
