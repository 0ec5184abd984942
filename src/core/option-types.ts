/** The public option types. */
import type { RequestContext, ResponseContext } from '../transport/hooks.ts';
import type { Logger, LogLevel } from '../transport/log.ts';
import type { RetryContext } from '../transport/retry.ts';
import type { FetchLike } from '../transport/types.ts';

/** One difference between an answer and what the API promises. The call goes on; nothing is thrown. */
export interface DriftEvent {
  /** Name of the operation, such as `listNodes`. */
  readonly operation: string;
  /** Where in the answer: `[3].gpus[0].model`. The first place, when many items of a list differ alike. */
  readonly path: string;
  /** The promised type; `absent` for a field that is not promised at all. */
  readonly expected: string;
  /** What came instead; undefined for a field that is missing. */
  readonly received: unknown;
}

/** Options of the client. All are optional; a wrong or unknown one throws OctaConfigurationError. */
export interface OctaClientOptions {
  /**
   * The API key, or a function that gives one, called before each attempt. Absent: protected calls fail before anything
   * is sent. `''`: something else, such as a proxy of yours, authenticates, so requests go without the header.
   */
  readonly apiKey?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** Where the API is. Default `https://api.octa.computer`. In browsers a path such as `/api/octa` works too. */
  readonly baseUrl?: string | undefined;
  /** Time limit of each attempt, body included. Unit: ms; 0 is no limit. Default 30 000. */
  readonly timeoutMs?: number | undefined;
  /** How many more attempts a repeatable call gets after the first. Unit: count. Default 2. */
  readonly retries?: number | undefined;
  /** Bound of the first random wait between attempts. Unit: ms. Default 500. */
  readonly retryDelayMs?: number | undefined;
  /** What that bound grows by with each attempt; at least 1. Default 2. */
  readonly backoffFactor?: number | undefined;
  /** Largest bound. Unit: ms. Default 10 000. */
  readonly maxRetryDelayMs?: number | undefined;
  /** Longest `Retry-After` that is waited for; a longer one throws at once. Unit: ms. Default 60 000. */
  readonly maxRetryAfterMs?: number | undefined;
  /** What sends requests, in the shape of `fetch`. Default: the global fetch, looked up at each call. */
  readonly fetch?: FetchLike | undefined;
  /** `User-Agent` header. Default `octaspace-sdk-js/<version>`; never sent in browsers. */
  readonly userAgent?: string | undefined;
  /** Headers for every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Called before each attempt; may change `headers`. What it throws fails the call before anything is sent. */
  readonly onRequest?: ((context: RequestContext) => void | Promise<void>) | undefined;
  /** Called after each answer, of whatever status. What it throws is logged. */
  readonly onResponse?: ((context: ResponseContext) => void | Promise<void>) | undefined;
  /** Called before each wait for another attempt. What it throws is logged. */
  readonly onRetry?: ((context: RetryContext) => void | Promise<void>) | undefined;
  /** Called for each difference between an answer and what the API promises. What it throws is logged. */
  readonly onDrift?: ((event: DriftEvent) => void | Promise<void>) | undefined;
  /** Where log lines go. Default `console`. */
  readonly logger?: Logger | undefined;
  /** How much is logged: `silent`, `error`, `warn`, `info` or `debug`. Default `warn`. */
  readonly logLevel?: LogLevel | undefined;
}

/** Options of one call; every method takes them last. */
export interface RequestOptions {
  /** Ends the call, whatever it is doing; it rejects with OctaAbortError, whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit of each attempt, instead of the client's. Unit: ms; 0 is no limit. */
  readonly timeoutMs?: number | undefined;
  /** How many more attempts after the first, instead of the client's. Only repeatable calls are tried again. */
  readonly retries?: number | undefined;
  /** More headers for this call. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** More query parameters, for what the API accepts before the SDK knows it. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /** More body fields, for what the API accepts before the SDK knows it. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}
