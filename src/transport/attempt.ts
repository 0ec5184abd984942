/** One exchange: key, timer, fetch, body. The only caller of fetch. */
import { type FailedRequest, OctaAuthenticationError, OctaConfigurationError, OctaError } from '../errors/errors.ts';
import { errorFromFailure, type Failure } from '../errors/from-failure.ts';
import { onAbort } from './abort.ts';
import { withRelease } from './body.ts';
import { timerDelay } from './clock.ts';
import { redactCause, redactHeaders, redactorFor } from './secrets.ts';
import type { Attempt, BodyForm, Call, Clock, FetchLike, KeySource, Reply, Send } from './types.ts';

/** What attempts are made with. */
export interface AttemptOptions {
  /** The caller's fetch; absent: the global one, looked up at each call so that mocks installed later work. */
  readonly fetch: FetchLike | undefined;
  readonly apiKey: KeySource;
  readonly clock: Clock;
}

/** The signal of one attempt: fires for the caller's abort and for the attempt's own timer. */
class Limit {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #forward = () => this.#fire(this.#caller?.reason);
  #stopListening: () => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  timedOut = false;

  constructor(caller: AbortSignal | undefined, timeoutMs: number) {
    this.#caller = caller;
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.#expire(), timerDelay(timeoutMs));
    if (caller?.aborted) this.#forward();
    else if (caller !== undefined) this.#stopListening = onAbort(caller, this.#forward);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Settles with the work or, when the signal fires, at once: even a fetch that ignores signals cannot hold the call. */
  bound<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      work.then(resolve, reject);
      // The work may have fired it itself, on its way to its first wait.
      if (this.signal.aborted) reject(this.signal.reason);
    });
  }

  #fire(reason: unknown): void {
    this.#controller.abort(reason);
    this.#reject(reason);
  }

  #expire(): void {
    this.timedOut = true;
    this.#fire(new DOMException('The attempt took too long.', 'TimeoutError'));
  }

  /** Stops the timer; a body that is still to be read stays under the caller's signal. */
  stopTimer(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    this.stopTimer();
    this.#stopListening();
  }
}

/** What went wrong where, for the catch of an attempt. */
interface Progress {
  phase: Failure['phase'];
  key: string | undefined;
}

const headerSafe = /^[\x21-\x7e]*$/;

async function keyFor(call: Call, request: FailedRequest, source: KeySource): Promise<string | undefined> {
  if (call.auth === 'none') return undefined;
  let key: string | undefined;
  try {
    key = await source();
  } catch (cause) {
    throw new OctaAuthenticationError({
      message: `${call.operation}: the apiKey function failed`,
      status: 401,
      cause,
      request,
    });
  }
  if (key !== undefined && (typeof key !== 'string' || !headerSafe.test(key))) {
    const what = typeof key === 'string' ? 'text with characters that no header can carry' : `a ${typeof key}`;
    throw new OctaConfigurationError({ message: `the apiKey function gave ${what}; a string is needed`, request });
  }
  if (key === undefined && call.auth === 'required') {
    const message = `${call.operation} needs an API key: set the apiKey option (or apiKey: '' when a proxy of yours adds it)`;
    throw new OctaAuthenticationError({ message, status: 401, request });
  }
  return key;
}

let cacheOptionKnown: boolean | undefined;

/** Whether this runtime's fetch knows the `cache` option; some throw at it. */
function knowsCacheOption(): boolean {
  cacheOptionKnown ??= typeof Request === 'function' && 'cache' in Request.prototype;
  return cacheOptionKnown;
}

function requestInit(call: Call, headers: Record<string, string>, signal: AbortSignal): RequestInit {
  const init: RequestInit = { method: call.method, headers, redirect: 'manual', signal };
  if (call.body !== undefined) init.body = call.body;
  if (call.uncached && knowsCacheOption()) init.cache = 'no-store';
  return init;
}

function send(fetchGiven: FetchLike | undefined, url: string, init: RequestInit): Promise<Response> {
  return fetchGiven === undefined ? globalThis.fetch(url, init) : fetchGiven(url, init);
}

/** Whether it is a Response as far as it is used here; another realm's or another library's will do. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  const headers: unknown = Reflect.get(value, 'headers');
  const hasHeaders = typeof headers === 'object' && headers !== null && 'get' in headers && Symbol.iterator in headers;
  return hasHeaders && typeof Reflect.get(value, 'status') === 'number' && 'text' in value;
}

function checkResponse(response: unknown, request: FailedRequest): asserts response is Response {
  if (isResponse(response)) return;
  const message = `the given fetch resolved with ${response === null ? 'null' : typeof response}; a Response is needed`;
  throw new OctaConfigurationError({ message, request, outcome: 'unknown' });
}

async function readBody(response: Response, form: BodyForm): Promise<Pick<Reply, 'text' | 'bytes'>> {
  if (form === 'unread') return { text: '', bytes: undefined };
  if (form === 'bytes') return { text: '', bytes: new Uint8Array(await response.arrayBuffer()) };
  return { text: await response.text(), bytes: undefined };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

async function exchange(
  call: Call,
  attempt: Attempt,
  tools: { options: AttemptOptions; limit: Limit; progress: Progress },
): Promise<Reply> {
  const { options, limit, progress } = tools;
  const url = attempt.baseUrl + call.path;
  const request = { operation: call.operation, method: call.method, url };
  const startedAt = options.clock.now();
  limit.signal.throwIfAborted();
  const hasOwn = attempt.headers.authorization !== undefined;
  const key = hasOwn ? undefined : await keyFor(call, request, options.apiKey);
  progress.key = key;
  const headers: Record<string, string> = { ...attempt.headers };
  if (key) headers.authorization = key;
  limit.signal.throwIfAborted();
  progress.phase = 'headers';
  const response = await send(options.fetch, url, requestInit(call, headers, limit.signal));
  progress.phase = 'body';
  checkResponse(response, request);
  const { status } = response;
  const body = await readBody(response, isSuccess(status) ? call.bodyForm : 'text');
  const durationMs = options.clock.now() - startedAt;
  const { headers: received } = response;
  const replyHeaders = isSuccess(status) ? received : redactHeaders(received, key);
  const redactor = redactorFor(key);
  return { status, headers: replyHeaders, ...body, response, url, durationMs, attempt: attempt.number, redactor };
}

/** Makes attempts. Whatever goes wrong leaves as an OctaError that does not mention the key. */
export function createSend(options: AttemptOptions): Send {
  return async (call, attempt) => {
    const limit = new Limit(call.signal, call.timeoutMs);
    const progress: Progress = { phase: 'before', key: undefined };
    let unread = false;
    try {
      const reply = await limit.bound(exchange(call, attempt, { options, limit, progress }));
      unread = call.bodyForm === 'unread' && call.signal !== undefined && isSuccess(reply.status);
      return unread ? { ...reply, response: withRelease(reply.response, () => limit.release()) } : reply;
    } catch (error) {
      // An error of ours may also be the caller's reason for the abort, or come out of the given fetch.
      const ourOwn = error instanceof OctaError && !call.signal?.aborted && progress.phase !== 'headers';
      if (ourOwn) throw error;
      const timedOutAfterMs = limit.timedOut ? call.timeoutMs : undefined;
      const request = { operation: call.operation, method: call.method, url: attempt.baseUrl + call.path };
      const cause = redactCause(error, progress.key);
      throw errorFromFailure({ cause, request, signal: call.signal, timedOutAfterMs, phase: progress.phase });
    } finally {
      // A body that the caller reads later stays under the caller's signal until it was read.
      if (unread) limit.stopTimer();
      else limit.release();
    }
  };
}
