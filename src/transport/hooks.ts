import { type Clock, held } from '../clock.ts';
import type { FailedRequest } from '../errors/errors.ts';
import { errorFromAbort, errorFromLimit } from '../errors/from-failure.ts';
import { onAbort } from './abort.ts';
import { timeLeft, wholeCall } from './deadline.ts';
import { requestIdOf } from './headers.ts';
import { hookHeaders } from './hook-headers.ts';
import type { Log, LogFields } from './log.ts';
import type { Secrets } from './secrets.ts';
import type { Attempt, Call, Policy, Reply } from './types.ts';

/** The argument of `onRequest`, which is called before each attempt. */
export interface RequestContext {
  /** Name of the operation, such as `getNode`. */
  readonly operation: string;
  /** HTTP method. */
  readonly method: string;
  /** Full URL including the query, without the API key. */
  readonly url: string;
  /** Headers to send. Add or change headers with `set`, for example for tracing. The API key is added later. */
  readonly headers: Headers;
  /** Body to send, as JSON text. */
  readonly body: string | undefined;
  /** Number of the attempt; 1 for the first. */
  readonly attempt: number;
}

/** The argument of `onResponse`, which is called after each response of any status. */
export interface ResponseContext {
  /** The same object that was passed to `onRequest`, so that you can match them with a WeakMap. */
  readonly request: RequestContext;
  /** HTTP status. */
  readonly status: number;
  /** Headers of the response. */
  readonly headers: Headers;
  /** Time from before the request to the end of the body. Unit: ms. */
  readonly durationMs: number;
  /** `X-Request-Id` of the response, if it had one. */
  readonly requestId: string | undefined;
}

/**
 * How an attempt ended: with a response of any status, or with an error. A response whose body is not valid JSON counts as a response
 * here; only the call fails.
 */
export interface AttemptEnd {
  /** URL that is safe to show: the API key, and values of query parameters with secret-like names, are replaced. */
  readonly url: string;
  /** HTTP status; absent if there was no response. */
  readonly status?: number;
  /** `X-Request-Id` of the response, if it had one. */
  readonly requestId?: string | undefined;
  /** Why there was no response. */
  readonly error?: unknown;
}

/** Called once when an attempt ends in any way, including an abort by the caller. If it throws, the error is logged. */
export type AttemptObserver = (end: AttemptEnd) => void | Promise<void>;

/** The function for the option `onRequest`. */
// biome-ignore lint/suspicious/noConfusingVoidType: most hooks return nothing, including async ones.
export type RequestHook = (context: RequestContext) => void | AttemptObserver | Promise<void | AttemptObserver>;

/** The hooks around one attempt. */
export interface AttemptHooks {
  readonly onRequest: RequestHook | undefined;
  readonly onResponse: ((context: ResponseContext) => void | Promise<void>) | undefined;
  readonly log: Log;
  readonly clock: Clock;
  readonly secrets: Secrets;
}

/** A call that is waiting for a hook. */
interface Waiting {
  readonly call: Call;
  readonly shown: () => FailedRequest;
  readonly clock: Clock;
}

/** The log for errors of a hook, and the fields of its log lines. The fields are made only when they are logged. */
interface Complaints {
  readonly log: Log;
  readonly about?: () => LogFields;
}

/** Runs a hook that must not change the result. Its errors, also async ones, are logged. */
export function runQuietly(name: string, hook: () => void | Promise<void>, { log, about }: Complaints): void {
  const complain = (error: unknown) => log('error', `${name} threw; the call continues`, { ...about?.(), error });
  try {
    // A hook may return anything, such as the new length of a list that it added to.
    const work: unknown = hook();
    if (typeof work === 'object') Promise.resolve(work).catch(complain);
  } catch (error) {
    complain(error);
  }
}

/** Waits for a hook, but rejects as soon as the caller aborts or the call's time is over. */
function untilGivenUp(work: Promise<void>, { call, shown, clock }: Waiting): Promise<void> {
  const { signal } = call;
  const ending = () => ({ request: shown(), outcome: 'not-sent' }) as const;
  const left = timeLeft(call, clock.now());
  if (signal === undefined && left === Number.POSITIVE_INFINITY) return work;
  let timer: unknown;
  let stopListening: () => void = () => undefined;
  const whichever = new Promise<void>((resolve, reject) => {
    const stop = () => reject(errorFromAbort(signal?.reason, ending()));
    const expire = () => reject(errorFromLimit(wholeCall(call), ending()));
    work.then(resolve, reject);
    // The hook itself may have aborted the signal.
    if (signal?.aborted) return stop();
    if (signal !== undefined) stopListening = onAbort(signal, stop);
    if (left !== Number.POSITIVE_INFINITY) timer = clock.setTimer(expire, left, 'limit');
  });
  // The hook may never settle, so the timer and the listener must not depend on it.
  return whichever.finally(() => {
    clock.clearTimer(timer);
    stopListening();
  });
}

/** Wraps a value thrown by `onRequest`, so that no code on the way to the caller mistakes it for its own error. */
export class HookFailure {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

/** Unwraps a value thrown by a hook, which the caller gets unchanged. Wrapped until here, because openapi-fetch drops falsy errors. */
export function unwrapHookFailure(error: unknown): unknown {
  return error instanceof HookFailure ? error.thrown : error;
}

/** Runs `onRequest`, and returns its result. */
function begin(onRequest: RequestHook, request: RequestContext, clock: Clock): unknown {
  try {
    return held(clock, () => onRequest(request));
  } catch (thrown) {
    throw new HookFailure(thrown);
  }
}

/** Waits for an async `onRequest`, but no longer than the caller waits. */
function done(begun: unknown, waiting: Waiting): Promise<void> | undefined {
  if (begun === undefined || typeof begun === 'function') return undefined;
  const fail = (thrown: unknown): never => {
    throw new HookFailure(thrown);
  };
  return untilGivenUp(
    Promise.resolve(begun).then(() => undefined, fail),
    waiting,
  );
}

/** An ended attempt. */
interface Ended {
  readonly end: AttemptEnd;
  /** Fields of log lines about it. */
  readonly about: () => LogFields;
}

/** Calls the function that `onRequest` returned, or will return, with the end of the attempt. */
function tell(begun: unknown, ended: Ended, log: Log): void {
  const { end, about } = ended;
  if (typeof begun === 'function') runQuietly('the function that onRequest returned', () => begun(end), { log, about });
  if (typeof begun !== 'object') return;
  Promise.resolve(begun).then(
    (later) => tell(typeof later === 'function' ? later : undefined, ended, log),
    (error) => {
      // If the hook failed the attempt, the call itself rejects with the error.
      if (end.error instanceof HookFailure) return;
      log('error', 'onRequest threw after the call had ended', { ...about(), error });
    },
  );
}

/** The attempt with the headers that `onRequest` may have changed. */
function withHeaders({ baseUrl, number, onLost }: Attempt, headers: Headers): Attempt {
  return { baseUrl, number, onLost, headers: Object.fromEntries(headers) };
}

/** Calls `onRequest` and `onResponse` for each attempt, and the returned observer at its end. */
export function hooks({ onRequest, onResponse, log, clock, secrets }: AttemptHooks): Policy {
  if (onRequest === undefined && onResponse === undefined) return (next) => next;
  return (next) =>
    async (call: Call, attempt: Attempt): Promise<Reply> => {
      const { operation, method, body, signal } = call;
      const url = secrets.text(attempt.baseUrl + call.path);
      const headers = hookHeaders(attempt.headers);
      const { number } = attempt;
      // Objects are written out: spread syntax takes longer than all the rest.
      const request = { operation, method, attempt: number, url, headers, body };
      const about = () => ({ operation, method, attempt: number });
      const shown = () => secrets.shownRequest(call, attempt.baseUrl);
      let begun: unknown;
      try {
        if (onRequest !== undefined && !signal?.aborted) {
          begun = begin(onRequest, request, clock);
          const waiting = done(begun, { call, shown, clock });
          if (waiting !== undefined) await waiting;
        }
        const reply = await next(call, onRequest === undefined ? attempt : withHeaders(attempt, headers));
        const { status, durationMs } = reply;
        const requestId = requestIdOf(reply);
        const answered = () => ({ ...about(), status, durationMs, requestId });
        if (onResponse !== undefined && !signal?.aborted) {
          const context = { request, status, headers: reply.headers, durationMs, requestId };
          runQuietly('onResponse', () => onResponse(context), { log, about: answered });
        }
        if (begun !== undefined) tell(begun, { end: { url: shown().url, status, requestId }, about: answered }, log);
        return reply;
      } catch (error) {
        tell(begun, { end: { url: shown().url, error }, about }, log);
        throw error;
      }
    };
}
