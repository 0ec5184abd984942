import type { Clock } from '../clock.ts';
import { attachStory } from '../errors/attach.ts';
import { type FailedRequest, OctaApiError, OctaConnectionError, OctaError, type RetryLimit } from '../errors/errors.ts';
import type { FailedAttempt, Outcome } from '../errors/facts.ts';
import { errorFromAbort } from '../errors/from-failure.ts';
import { type BackoffOptions, backoffDelay, retryAfterDelay } from './backoff.ts';
import type { RetryBudget } from './budget.ts';
import { classify, healthOf, isBarred, isRateLimited, neverConnected, neverLeftQueue } from './classify.ts';
import { sleep } from './clock.ts';
import { timeLeft } from './deadline.ts';
import { runQuietly } from './hooks.ts';
import type { Log, LogFields } from './log.ts';
import type { Secrets } from './secrets.ts';
import type { Attempt, Call, Carry, Reply, Route, Routes, Send } from './types.ts';

/** The argument of `onRetry`, which is called before the wait for a retry. */
export interface RetryContext {
  /** The request that is retried. */
  readonly request: FailedRequest;
  /** Why the last attempt failed. */
  readonly error: OctaError;
  /** Number of the failed attempt; 1 for the first. */
  readonly attempt: number;
  /** Wait before the next attempt. Unit: ms; 0 if it uses another base URL. */
  readonly delayMs: number;
  /** URL of the next attempt. */
  readonly nextUrl: string;
}

/** Options of the retry loop. */
export interface RetryOptions extends BackoffOptions {
  /** Longest wait that a server may request. Unit: ms. */
  readonly maxRetryAfterMs: number;
  readonly routes: Routes;
  readonly budget: RetryBudget;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onRetry: ((context: RetryContext) => void | Promise<void>) | undefined;
  readonly log: Log;
  readonly secrets: Secrets;
}

/** The history of one call. */
interface Story {
  readonly failed: FailedAttempt[];
  /** Base URLs of the attempts, in order. */
  readonly tried: string[];
  /** Base URLs that this call must not use again. */
  readonly barred: string[];
  /** Number of retries paid from the budget. */
  paid: number;
}

/** A failed attempt. */
interface Failed {
  readonly attempt: Attempt;
  /** Duration of the attempt, including hooks. Unit: ms. */
  readonly durationMs: number;
  readonly error: OctaError;
  readonly story: Story;
}

/** The next attempt, or the limit that prevents it. */
type Next = { readonly route: Route; readonly delayMs: number } | { readonly stoppedBy: RetryLimit | undefined };

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

/** The outcome of the whole call: it is `unknown` if any attempt may have reached the API. */
function worstOutcome(failed: readonly FailedAttempt[]): Outcome {
  const outcomes = failed.map((attempt) => attempt.outcome);
  return (['unknown', 'rejected'] as const).find((each) => outcomes.includes(each)) ?? 'not-sent';
}

function tell(error: OctaError, { failed }: Story, stoppedBy: RetryLimit | undefined): OctaError {
  attachStory(error, { attempts: [...failed], outcome: worstOutcome(failed), stoppedBy });
  return error;
}

/** The wait before the next attempt; undefined if the server requests a longer wait than allowed. */
function waitFor(error: OctaError, attempt: number, options: RetryOptions): number | undefined {
  const seconds =
    error instanceof OctaApiError && (error.status === 429 || error.status === 503) ? error.retryAfter : undefined;
  if (seconds === undefined) return backoffDelay(attempt, options, options.random);
  return seconds * 1000 > options.maxRetryAfterMs ? undefined : retryAfterDelay(seconds, options.random);
}

/** The retry loop. */
class RetryLoop {
  readonly #options: RetryOptions;
  readonly #send: Send;

  constructor(options: RetryOptions, send: Send) {
    this.#options = options;
    this.#send = send;
  }

  #requestOf(call: Call, { baseUrl }: { readonly baseUrl: string }): FailedRequest {
    return this.#options.secrets.shownRequest(call, baseUrl);
  }

  async carry(call: Call): Promise<Reply> {
    const { routes, budget, clock } = this.#options;
    const story: Story = { failed: [], tried: [], barred: [], paid: 0 };
    let route = routes.pick(story.tried, story.barred);
    if (call.signal?.aborted) {
      routes.release(route);
      throw errorFromAbort(call.signal.reason, { request: this.#requestOf(call, route), outcome: 'not-sent' });
    }
    for (let number = 1; ; number++) {
      const { baseUrl } = route;
      // Created late, because the API key may become known only during the attempt.
      const onLost = (error: OctaError) =>
        story.failed.push(describeAttempt(error, this.#requestOf(call, { baseUrl }).url));
      const attempt = { number, baseUrl, headers: call.headers, onLost };
      const startedAt = clock.now();
      let result: OctaError;
      try {
        const reply = await this.#send(call, attempt);
        routes.settle(route, 'alive');
        budget.reward(story.paid);
        return reply;
      } catch (error) {
        routes.settle(route, error instanceof OctaError ? healthOf(error) : 'unclear');
        // An error of a hook is passed on unchanged.
        if (!(error instanceof OctaError)) throw error;
        result = this.#options.secrets.error(error);
      }
      // A failure before sending, such as a missing key, does not count as an attempt.
      const tried = result.outcome !== 'not-sent' || result instanceof OctaConnectionError;
      if (tried) onLost(result);
      story.tried.push(route.baseUrl);
      if (isBarred(result)) story.barred.push(route.baseUrl);
      const durationMs = clock.now() - startedAt;
      route = await this.#wait(call, { attempt, durationMs, error: tell(result, story, undefined), story });
    }
  }

  /** Waits for the next attempt, and returns its route. Throws if there is no next attempt. */
  async #wait(call: Call, failed: Failed): Promise<Route> {
    const { clock, onRetry } = this.#options;
    const { attempt, error, story } = failed;
    const next = call.signal?.aborted ? { stoppedBy: undefined } : this.#next(call, failed);
    if ('stoppedBy' in next) throw tell(error, story, next.stoppedBy);
    const { route, delayMs } = next;
    const request = this.#requestOf(call, attempt);
    const nextUrl = this.#requestOf(call, route).url;
    const context = { request, error, attempt: attempt.number, delayMs, nextUrl };
    const about = this.#log(failed, context, route);
    if (onRetry !== undefined)
      runQuietly('onRetry', () => onRetry(context), { log: this.#options.log, about: () => about });
    try {
      if (delayMs > 0) await sleep(clock, delayMs, { signal: call.signal });
      call.signal?.throwIfAborted();
    } catch {
      this.#options.routes.release(route);
      throw tell(errorFromAbort(call.signal?.reason, { request, outcome: 'unknown' }), story, undefined);
    }
    return route;
  }

  /** Logs the retry. Returns the fields of the failed attempt. */
  #log(
    { durationMs, story }: Failed,
    { request, error, attempt, delayMs, nextUrl }: RetryContext,
    route: Route,
  ): LogFields {
    const { status, requestId }: Partial<FailedAttempt> = story.failed.at(-1) ?? {};
    const about = { ...request, attempt, status, durationMs, requestId };
    const next = `next in ${Math.round(delayMs)} ms at ${route.baseUrl}`;
    const message = `${request.operation}: attempt ${attempt} failed (${error.name}), ${next}`;
    this.#options.log('info', message, { ...about, delayMs, nextUrl, error });
    return about;
  }

  #next(call: Call, { attempt, error, story }: Failed): Next {
    const { routes, budget, clock } = this.#options;
    if (!classify(call, error).again) return { stoppedBy: undefined };
    if (attempt.number > call.retries) return { stoppedBy: 'retries' };
    const route = routes.pick(story.tried, story.barred);
    const stop = (stoppedBy: RetryLimit | undefined): Next => {
      routes.release(route);
      return { stoppedBy };
    };
    if (story.barred.includes(route.baseUrl)) return stop(undefined);
    const moves = !story.tried.includes(route.baseUrl);
    // Another base URL may be healthy, so it is tried without a wait. A rate limit applies to the caller at every URL.
    const delayMs = moves && !isRateLimited(error) ? 0 : waitFor(error, attempt.number, this.#options);
    if (delayMs === undefined) return stop('maxRetryAfterMs');
    if (delayMs >= timeLeft(call, clock.now())) return stop('totalTimeoutMs');
    if (!(moves && neverConnected(error)) && !neverLeftQueue(error)) {
      if (!budget.take()) return stop('budget');
      story.paid++;
    }
    return { route, delayMs };
  }
}

/** Creates the function that sends whole calls, with retries. */
export function retry(options: RetryOptions): (send: Send) => Carry {
  return (send) => {
    const loop = new RetryLoop(options, send);
    return (call) => loop.carry(call);
  };
}
