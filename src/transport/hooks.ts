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

/** What `onRequest` is told before each attempt. */
export interface RequestContext {
  /** Name of the operation, such as `getNode`. */
  readonly operation: string;
  /** HTTP method. */
  readonly method: string;
  /** Full URL as it is sent, query included, but without the API key. */
  readonly url: string;
  /** Headers to be sent; add or change some with `set`, for tracing. The API key is added later. */
  readonly headers: Headers;
  /** Body to be sent, as JSON text. */
  readonly body: string | undefined;
  /** Which attempt this is; 1 for the first. */
  readonly attempt: number;
}

/** What `onResponse` is told after each answer, of whatever status. */
export interface ResponseContext {
  /** The same object that `onRequest` was given, so that a WeakMap can pair the two. */
  readonly request: RequestContext;
  /** HTTP status. */
  readonly status: number;
  /** Headers of the answer. */
  readonly headers: Headers;
  /** From before the request to the end of the body. Unit: ms. */
  readonly durationMs: number;
  /** `X-Request-Id` of the answer, when it had one. */
  readonly requestId: string | undefined;
}

/**
 * How an attempt ended: with an answer, of whatever status, or with an error. An answer is one even if its body turns out to be no
 * JSON, which is the error of the call alone.
 */
export interface AttemptEnd {
  /** URL that is safe to show: the API key, and values of query parameters that are named like secrets, are replaced. */
  readonly url: string;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** `X-Request-Id` of the answer, when it had one. */
  readonly requestId?: string | undefined;
  /** Why there was no answer. */
  readonly error?: unknown;
}

/** Told once how an attempt ended, however it did; also when the caller gives up. What it throws is logged. */
export type AttemptObserver = (end: AttemptEnd) => void | Promise<void>;

/** What the option `onRequest` takes. */
// biome-ignore lint/suspicious/noConfusingVoidType: most hooks give nothing, those that are async too.
export type RequestHook = (context: RequestContext) => void | AttemptObserver | Promise<void | AttemptObserver>;

/** The hooks around one attempt. */
export interface AttemptHooks {
  readonly onRequest: RequestHook | undefined;
  readonly onResponse: ((context: ResponseContext) => void | Promise<void>) | undefined;
  readonly log: Log;
  readonly clock: Clock;
  readonly secrets: Secrets;
}

/** A call that waits for a hook. */
interface Waiting {
  readonly call: Call;
  readonly shown: () => FailedRequest;
  readonly clock: Clock;
}

/** The log for a hook that throws, and the fields of what the hook was called about. */
interface Complaints {
  readonly log: Log;
  readonly about?: LogFields;
}

/** Runs a hook that must not change the result: what it throws, now or later, is logged. */
export function runQuietly(name: string, hook: () => void | Promise<void>, { log, about }: Complaints): void {
  const complain = (error: unknown) => log('error', `${name} threw; the call goes on`, { ...about, error });
  try {
    // A hook may return anything, such as the new length of a list that it added to.
    const work: unknown = hook();
    if (typeof work === 'object') Promise.resolve(work).catch(complain);
  } catch (error) {
    complain(error);
  }
}

/** Rejects as soon as the caller gives up or the call's time is over, whatever the hook is doing. */
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
    // The hook itself may have aborted it.
    if (signal?.aborted) return stop();
    if (signal !== undefined) stopListening = onAbort(signal, stop);
    if (left !== Number.POSITIVE_INFINITY) timer = clock.setTimer(expire, left, 'limit');
  });
  // The hook may go on for ever; nothing of ours waits for it that long.
  return whichever.finally(() => {
    clock.clearTimer(timer);
    stopListening();
  });
}

/** What an `onRequest` threw, on its way to the caller; whatever it is, nothing on that way may take it for its own. */
export class HookFailure {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

/** What a hook threw goes to the caller as it is. It gets there wrapped, because openapi-fetch lets falsy errors vanish. */
export function unwrapHookFailure(error: unknown): unknown {
  return error instanceof HookFailure ? error.thrown : error;
}

/** Runs `onRequest`; gives what it gives. */
function begin(onRequest: RequestHook, request: RequestContext, clock: Clock): unknown {
  try {
    return held(clock, () => onRequest(request));
  } catch (thrown) {
    throw new HookFailure(thrown);
  }
}

/** Waits for what an `onRequest` has begun, no longer than the caller does. */
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

/** An attempt that has ended. */
interface Ended {
  readonly end: AttemptEnd;
  /** What log lines about it say. */
  readonly about: LogFields;
}

/** Tells the observer that an `onRequest` gave, or gives later, how the attempt ended. */
function tell(begun: unknown, ended: Ended, log: Log): void {
  const { end, about } = ended;
  if (typeof begun === 'function') runQuietly('the function that onRequest returned', () => begun(end), { log, about });
  if (typeof begun !== 'object') return;
  Promise.resolve(begun).then(
    (later) => tell(typeof later === 'function' ? later : undefined, ended, log),
    (error) => {
      // Else the call has said so itself.
      if (end.error instanceof HookFailure) return;
      log('error', 'onRequest threw after the call had ended', { ...about, error });
    },
  );
}

/** Tells `onRequest` and `onResponse` of each attempt, and whoever observes it of its end. */
export function hooks({ onRequest, onResponse, log, clock, secrets }: AttemptHooks): Policy {
  if (onRequest === undefined && onResponse === undefined) return (next) => next;
  return (next) =>
    async (call: Call, attempt: Attempt): Promise<Reply> => {
      const { operation, method, body, signal } = call;
      const url = secrets.text(attempt.baseUrl + call.path);
      const headers = hookHeaders(attempt.headers);
      const about = { operation, method, attempt: attempt.number };
      const request = { ...about, url, headers, body };
      const shown = () => secrets.shownRequest(call, attempt.baseUrl);
      let begun: unknown;
      try {
        if (onRequest !== undefined && !signal?.aborted) {
          begun = begin(onRequest, request, clock);
          const waiting = done(begun, { call, shown, clock });
          if (waiting !== undefined) await waiting;
        }
        const reply = await next(call, { ...attempt, headers: Object.fromEntries(headers) });
        const { status, durationMs } = reply;
        const requestId = requestIdOf(reply);
        const answered = { ...about, status, durationMs, requestId };
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
