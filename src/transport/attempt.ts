/** One exchange: key, timer, fetch, body. The only caller of fetch. */
import type { Clock } from '../clock.ts';
import { type FailedRequest, OctaConfigurationError, OctaError, OctaResponseError } from '../errors/errors.ts';
import { errorFromFailure, type Failure } from '../errors/from-failure.ts';
import { requireGlobals } from '../errors/runtime.ts';
import { utf8Text } from '../utf8.ts';
import { type AboutAttempt, logFailure, logReply, logRequest } from './attempt-log.ts';
import { discard, isResponse, readBytes, readText, readTextBytes, withRelease } from './body.ts';
import { keyFor } from './key.ts';
import { Limit } from './limit.ts';
import type { Log } from './log.ts';
import { nothing } from './nothing.ts';
import { isOwnTransport } from './own-transport.ts';
import { type FreshConnections, knowsCacheOption } from './runtime.ts';
import type { Cleaner, Secrets } from './secrets.ts';
import type { Attempt, Call, FetchLike, KeySource, Reply, Send } from './types.ts';

/** Options of attempts. */
export interface AttemptOptions {
  /** The caller's fetch. Default: the global one, looked up at each call so that mocks installed later work. */
  readonly fetch: FetchLike | undefined;
  readonly apiKey: KeySource;
  readonly secrets: Secrets;
  readonly connections: FreshConnections;
  /** Maximum size of a body. Unit: bytes. */
  readonly maxResponseBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** How much of an error's body is read; more is not useful. Unit: bytes. */
const largestErrorBody = 65_536;

/** The progress of an attempt, to classify its failure. */
interface Progress {
  phase: Failure['phase'];
  /** Whether an SDK error thrown by `fetch` comes from the SDK, and not from the caller. */
  own: boolean;
}

function requestInit(call: Call, headers: Record<string, string>): RequestInit {
  const init: RequestInit = { method: call.method, headers, redirect: 'manual' };
  if (call.body !== undefined) init.body = call.body;
  if (call.uncached && knowsCacheOption()) init.cache = 'no-store';
  return init;
}

function checkResponse(response: unknown, request: () => FailedRequest): asserts response is Response {
  if (isResponse(response)) return;
  const message = `the fetch option resolved with ${response === null ? 'null' : typeof response} instead of a Response`;
  throw new OctaConfigurationError({ message, request: request(), outcome: 'unknown' });
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The body that was read, and whether it was cut at the maximum size. */
type Body = Partial<Pick<Reply, 'text' | 'bytes'> & { readonly cut: boolean }>;

/** A reply that removes API keys from headers and URL lazily, because they are seldom read. Uses the keys known at its creation. */
class ReceivedReply implements Reply {
  readonly response: Response;
  readonly status: number;
  parsed: unknown;
  readonly bytes: Reply['bytes'];
  readonly durationMs: number;
  readonly attempt: number;
  readonly redactor: Secrets;
  readonly #url: string;
  readonly #cleaner: Cleaner;
  #headers: Headers | undefined;
  #text: string | undefined;

  constructor(
    response: Response,
    { text, bytes }: Body,
    {
      url,
      durationMs,
      attempt,
      secrets,
    }: Pick<Reply, 'url' | 'durationMs' | 'attempt'> & { readonly secrets: Secrets },
  ) {
    this.response = response;
    this.status = response.status;
    this.#text = text;
    this.bytes = bytes;
    this.durationMs = durationMs;
    this.attempt = attempt;
    this.redactor = secrets;
    this.#url = url;
    this.#cleaner = secrets.cleaner;
  }

  /** Decoded on first use, because JSON is parsed from the bytes. */
  get text(): string {
    this.#text ??= utf8Text(this.bytes);
    return this.#text;
  }

  get url(): string {
    return this.#cleaner.url(this.#url);
  }

  get headers(): Headers {
    this.#headers ??= this.#cleaner.headers(this.response.headers);
    return this.#headers;
  }
}

/** One attempt of a call. */
class Exchange {
  readonly #call: Call;
  readonly #attempt: Attempt;
  readonly #options: AttemptOptions;
  readonly limit: Limit;
  readonly progress: Progress = { phase: 'before', own: false };
  readonly #startedAt: number;
  /** Must be called when nothing from this attempt can show its key any more. */
  releaseKey = nothing;

  constructor(call: Call, attempt: Attempt, options: AttemptOptions) {
    this.#call = call;
    this.#attempt = attempt;
    this.#options = options;
    this.limit = new Limit(call, options.clock);
    this.#startedAt = options.clock.now();
  }

  /** The request without secrets. Expensive, so only created when needed. */
  readonly request = (): FailedRequest => this.#options.secrets.shownRequest(this.#call, this.#attempt.baseUrl);

  #about(): AboutAttempt {
    return { ...this.request(), attempt: this.#attempt.number };
  }

  get #url(): string {
    return this.#attempt.baseUrl + this.#call.path;
  }

  #onResend(given: unknown): void {
    const cause = this.#options.secrets.cause(given);
    const request = this.request();
    const failure = { cause, request, signal: undefined, timedOut: undefined, proofTrusted: false } as const;
    this.#attempt.onLost(errorFromFailure({ ...failure, phase: 'headers' }));
  }

  async run(): Promise<Reply> {
    const { clock, log } = this.#options;
    const { light } = this.limit;
    light.throwIfAborted();
    const found = this.#attempt.headers.authorization ?? keyFor(this.#call, this.request, this.#options.apiKey);
    const key = found instanceof Promise ? await found : found;
    // If the attempt has ended meanwhile, nothing would release the key.
    light.throwIfAborted();
    const headers = this.#headersWith(key);
    const ready = this.#call.beforeSend?.();
    if (ready !== undefined) {
      // The time before the request is sent does not count as timeoutMs.
      this.limit.wait();
      await ready;
      this.limit.proceed();
    }
    light.throwIfAborted();
    if (log.wants('debug')) logRequest(log, this.#about(), headers);
    this.progress.phase = 'headers';
    const response = await this.#fetch(requestInit(this.#call, headers));
    this.progress.phase = 'body';
    checkResponse(response, this.request);
    // A fetch that ignores signals may resolve after the attempt has ended.
    if (light.aborted) discard(response);
    light.throwIfAborted();
    const body = await this.#read(response);
    if (body.cut) throw this.#tooLarge();
    return this.#reply(response, body, clock.now() - this.#startedAt);
  }

  #headersWith(key: string | undefined): Record<string, string> {
    this.releaseKey = this.#options.secrets.hold(key);
    const { headers } = this.#attempt;
    return key ? { ...headers, authorization: key } : { ...headers };
  }

  #fetch(init: RequestInit): Promise<Response> {
    const { fetch, connections } = this.#options;
    const { repeatable, urgent } = this.#call;
    const url = this.#url;
    if (isOwnTransport(fetch)) {
      this.progress.own = true;
      const { limit } = this;
      const onResend = (cause: unknown) => this.#onResend(cause);
      const hears = { onResend, onWait: () => limit.wait(), onServed: () => limit.proceed() };
      return fetch(url, { ...init, signal: limit.light }, { repeatable, urgent, ...hears });
    }
    init.signal = this.limit.signal;
    if (fetch === undefined) {
      if (typeof globalThis.fetch !== 'function') {
        this.progress.own = true;
        requireGlobals('a client without the option fetch', ['fetch']);
      }
      if (!repeatable) connections.apply(init);
      return globalThis.fetch(url, init);
    }
    try {
      return fetch(url, init);
    } catch (cause) {
      this.progress.own = true;
      const message = 'the fetch option threw instead of returning a promise';
      const request = this.request();
      throw new OctaConfigurationError({
        message,
        cause: this.#options.secrets.cause(cause),
        request,
        outcome: 'unknown',
      });
    }
  }

  #read(response: Response): Body | Promise<Body> {
    const { bodyForm } = this.#call;
    const { maxResponseBytes, secrets } = this.#options;
    if (!isSuccess(response.status)) {
      return readText(response, largestErrorBody).then(({ text, cut }) => ({
        text: cut ? secrets.cutText(text) : text,
      }));
    }
    if (bodyForm === 'unread') return {};
    if (bodyForm !== 'bytes') return readTextBytes(response, maxResponseBytes);
    return readBytes(response, maxResponseBytes).then((body) => ({ ...body, text: '' }));
  }

  #tooLarge(): OctaResponseError {
    const request = this.request();
    const message = `${request.operation}: the response is larger than ${this.#options.maxResponseBytes} bytes (maxResponseBytes)`;
    return new OctaResponseError({ message, request, outcome: 'unknown' });
  }

  #reply(response: Response, body: Body, durationMs: number): Reply {
    const { log, secrets } = this.#options;
    const about = { url: this.#url, durationMs, attempt: this.#attempt.number, secrets };
    const reply = new ReceivedReply(response, body, about);
    if (log.wants('debug')) logReply(log, this.#about(), reply);
    return reply;
  }

  /** Converts an error of the attempt to an OctaError without the API key. */
  failure(error: unknown, proofTrusted: boolean): OctaError {
    const { phase, own } = this.progress;
    const { clock, log, secrets } = this.#options;
    const { signal } = this.#call;
    const cause = secrets.cause(error);
    // An OctaError may also be the caller's abort reason, or come from the caller's fetch.
    const isOurs = cause instanceof OctaError && !signal?.aborted && (phase !== 'headers' || own);
    const about = { request: this.request(), signal, timedOut: this.limit.passed, proofTrusted, phase };
    const failure = isOurs ? cause : errorFromFailure({ cause, ...about });
    if (log.wants('debug')) {
      logFailure(log, this.#about(), { error: failure, durationMs: clock.now() - this.#startedAt });
    }
    return failure;
  }
}

/** The same reply with another Response. */
function withResponse(reply: Reply, response: Response): Reply {
  const { status, headers, text, parsed, bytes, url, durationMs, attempt, redactor } = reply;
  return { status, headers, text, parsed, bytes, response, url, durationMs, attempt, redactor };
}

/** Creates the function that sends attempts. Every failure is an OctaError without the API key. */
export function createSend(options: AttemptOptions): Send {
  // Any other fetch may forward or repeat requests itself.
  const proofTrusted = options.fetch === undefined || isOwnTransport(options.fetch);
  return async (call, attempt) => {
    const exchange = new Exchange(call, attempt, options);
    const { limit } = exchange;
    let unread = false;
    try {
      const reply = await limit.bound(exchange.run());
      unread = call.bodyForm === 'unread' && call.signal !== undefined && isSuccess(reply.status);
      return unread
        ? withResponse(
            reply,
            withRelease(reply.response, () => limit.release()),
          )
        : reply;
    } catch (error) {
      throw exchange.failure(error, proofTrusted);
    } finally {
      // One microtask later, after the caller has processed the reply.
      queueMicrotask(() => exchange.releaseKey());
      // A body that the caller reads later can still be aborted by the caller's signal.
      if (unread) limit.finish();
      else limit.release();
    }
  };
}
