/** The public option types. */
import type { Clock } from '../clock.ts';
import type { RequestHook, ResponseContext } from '../transport/hooks.ts';
import type { Logger, LogLevel } from '../transport/log.ts';
import type { RetryContext } from '../transport/retry.ts';
import type { FetchLike } from '../transport/types.ts';
import type { LateSession, LeaseLedger } from './lease-types.ts';
import type { ResponseValidator } from './validation.ts';

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

/** Options of the client for the sessions that it starts. */
export interface LeaseClientOptions {
  /**
   * Where to store every lease before its start is sent, so that another process can find the session after this one has died:
   * `fileLedger(directory)` from `@octaspace/sdk/node`, or your own. Default: none.
   */
  readonly ledger?: LeaseLedger | undefined;
  /**
   * Called with a session that appeared after its start had failed. `rent` stops such a session; after a plain `start` it runs on until
   * you stop it. What it throws is logged. Default: log a warning.
   */
  readonly onLateSession?: ((late: LateSession) => void | Promise<void>) | undefined;
  /**
   * Environment variable that holds the mark of a session: every start of a machine or render node sends its lease id in it. `false`
   * sends none, and then the session of a start without a response cannot be found. Default `OCTA_LEASE_ID`.
   */
  readonly leaseVariable?: string | false | undefined;
  /**
   * What all sessions that this client starts may cost within a time window: an amount for 24 hours, or one with its own window. Each start
   * reserves what its session may cost, `maxSpend` or else all that is left, and a guard keeps the session within that. A start for which
   * too little is left throws OctaSessionError (`reason: 'total-spend'`) before anything is sent. With a `ledger`, the total includes what
   * it has of other processes. Default: no limit.
   */
  readonly maxTotalSpend?: bigint | TotalSpendLimit | undefined;
}

/** A limit of what all sessions of a client may cost. */
export interface TotalSpendLimit {
  /** What they may cost within the window. Unit: Wei; more than 0. */
  readonly amount: bigint;
  /** How long a charge counts after the end of its session. Unit: ms; more than 0. Default 86 400 000 (24 hours). */
  readonly windowMs?: number | undefined;
}

/** The same with every default filled in. */
export interface ResolvedLeaseOptions extends LeaseClientOptions {
  readonly maxTotalSpend: { readonly amount: bigint; readonly windowMs: number } | undefined;
}

/** Options of `client.close`. */
export interface CloseOptions {
  /**
   * True: first stops every session that this client started and that was not kept, including those of starts and rentals in progress.
   * Default false: they run on.
   */
  readonly stopSessions?: boolean | undefined;
}

/** Options of the client. All are optional; a wrong or unknown one throws OctaConfigurationError. */
export interface OctaClientOptions extends LeaseClientOptions {
  /**
   * The API key, or a function that gives one, called before each attempt. Absent: protected calls fail before anything
   * is sent. `''`: something else, such as a proxy of yours, authenticates, so requests go without the header.
   */
  readonly apiKey?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** Where the API is. Default `https://api.octa.computer`. In browsers a path such as `/api/octa` works too. */
  readonly baseUrl?: string | undefined;
  /**
   * Several addresses of the API, instead of `baseUrl`. Calls take them in turn; one that fails on the network, or answers
   * 502, 503 or 504, rests for `cooldownMs`, and the call moves on to another without waiting.
   */
  readonly baseUrls?: readonly string[] | undefined;
  /** Time limit of each attempt, body included. Unit: ms; 0 is no limit. Default 30 000. */
  readonly timeoutMs?: number | undefined;
  /** Time limit of a whole call, with retries, waits and hooks. Unit: ms; 0 is no limit. Default 120 000. */
  readonly totalTimeoutMs?: number | undefined;
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
  /** How long a base URL rests after a failure, give or take a tenth. Unit: ms; 0 is not at all. Default 30 000. */
  readonly cooldownMs?: number | undefined;
  /**
   * Largest body that is read; a larger one throws OctaResponseError. Downloads that you stream with `asResponse()` have no
   * bound. Unit: bytes. Default 134 217 728 (128 MiB).
   */
  readonly maxResponseBytes?: number | undefined;
  /**
   * Whether a browser may send what must not happen twice: starts, reboots, prices, wallets. A browser may send a request
   * again by itself when its connection turns out to be dead, so without this such calls throw OctaConfigurationError there,
   * before anything is sent. Default false.
   */
  readonly allowBillableInBrowser?: boolean | undefined;
  /** What sends requests, in the shape of `fetch`. Default: the global fetch, looked up at each call. */
  readonly fetch?: FetchLike | undefined;
  /**
   * What time is told and timers are set by. For tests: the clock of a simulator, which comes with its `fetch` by itself and has
   * to be given only when that `fetch` is wrapped. Default: the runtime's timers.
   */
  readonly clock?: Clock | undefined;
  /** `User-Agent` header. Default `octaspace-sdk-js/<version>`; never sent in browsers. */
  readonly userAgent?: string | undefined;
  /** Headers for every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Called before each attempt; may change `headers`. What it throws fails the call before anything is sent. A function that it gives
   * is told how the attempt ended.
   */
  readonly onRequest?: RequestHook | undefined;
  /** Called after each answer, of whatever status. What it throws is logged. */
  readonly onResponse?: ((context: ResponseContext) => void | Promise<void>) | undefined;
  /** Called before each wait for another attempt. What it throws is logged. */
  readonly onRetry?: ((context: RetryContext) => void | Promise<void>) | undefined;
  /** Called for each difference between an answer and what the API promises. What it throws is logged. */
  readonly onDrift?: ((event: DriftEvent) => void | Promise<void>) | undefined;
  /**
   * Checks decoded answers against schemas: `validator('report')` or `validator('strict')` of `@octaspace/sdk/zod`. What it
   * finds goes to `onDrift`; in strict mode the call then rejects with OctaResponseError, unless a session was started, which
   * must not be lost. Default: no checks besides those of decoding.
   */
  readonly validate?: ResponseValidator | undefined;
  /** Where log lines go: `console`, a logger of pino, winston or bunyan, or anything that is called like `console`. Default `console`. */
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
  /** Time limit of the whole call, instead of the client's. Unit: ms; 0 is no limit. */
  readonly totalTimeoutMs?: number | undefined;
  /** How many more attempts after the first, instead of the client's. Only repeatable calls are tried again. */
  readonly retries?: number | undefined;
  /** More headers for this call. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** More query parameters, for what the API accepts before the SDK knows it. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /** More body fields, for what the API accepts before the SDK knows it. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** The same as {@link RequestOptions}, by its name in other versions of `@octaspace/sdk`. New code should use `RequestOptions`. */
export type RequestOverrides = RequestOptions;
