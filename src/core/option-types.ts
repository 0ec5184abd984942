/** The public option types. */
import type { Clock } from '../clock.ts';
import type { RequestHook, ResponseContext } from '../transport/hooks.ts';
import type { Logger, LogLevel } from '../transport/log.ts';
import type { RetryContext } from '../transport/retry.ts';
import type { FetchLike } from '../transport/types.ts';
import type { LateSession, LeaseLedger } from './lease-types.ts';
import type { ResponseValidator } from './validation.ts';

/** One difference between a response and the API specification. The call continues; nothing is thrown. */
export interface DriftEvent {
  /** Name of the operation, such as `listNodes`. */
  readonly operation: string;
  /**
   * Path in the response, such as `[3].gpus[0].model`. If many items of a list differ in the same way, the path in the first one. Names of
   * more than 200 characters are cut.
   */
  readonly path: string;
  /** The specified type; `absent` for a field that is not specified. */
  readonly expected: string;
  /** The received value; undefined for a missing field. */
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
   * you stop it. If it throws, the error is logged. Default: log a warning.
   */
  readonly onLateSession?: ((late: LateSession) => void | Promise<void>) | undefined;
  /**
   * Environment variable that holds the mark of a session: every start of a machine or render node sends its lease id in it. With
   * `false` no mark is sent, and the session of a start without a response cannot be found. Default `OCTA_LEASE_ID`.
   */
  readonly leaseVariable?: string | false | undefined;
  /**
   * What all sessions that this client starts may cost within a time window: an amount for 24 hours, or one with its own window. Each start
   * reserves what its session may cost (`maxSpend`, else all that is left), and a guard keeps the session within that. If too little is
   * left, a start throws OctaSessionError (`reason: 'total-spend'`) before it sends anything. With a `ledger`, the total includes the
   * sessions of other processes in the ledger. Default: no limit.
   */
  readonly maxTotalSpend?: bigint | TotalSpendLimit | undefined;
}

/** A limit for the total cost of all sessions of a client. */
export interface TotalSpendLimit {
  /** What they may cost within the window. Unit: Wei; must be above 0. */
  readonly amount: bigint;
  /** How long a charge counts after the end of its session. Unit: ms; must be above 0. Default 86 400 000 (24 hours). */
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
   * Default false: they keep running.
   */
  readonly stopSessions?: boolean | undefined;
}

/** Options of the client. All are optional; a wrong or unknown one throws OctaConfigurationError. */
export interface OctaClientOptions extends LeaseClientOptions {
  /**
   * The API key, or a function that returns it, which is called before each attempt. Without a key, protected calls fail before
   * anything is sent. `''`: something else authenticates, such as your own proxy, so requests are sent without the header.
   */
  readonly apiKey?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** Base URL of the API. In browsers, a path such as `/api/octa` is also allowed. Default `https://api.octa.computer`. */
  readonly baseUrl?: string | undefined;
  /**
   * Several base URLs of the API, instead of `baseUrl`. Calls use them in turn. A URL that fails on the network or responds with 502,
   * 503 or 504 is avoided for `cooldownMs`, and a retry moves to another URL without waiting.
   */
  readonly baseUrls?: readonly string[] | undefined;
  /** Time limit of each attempt, including the body. Unit: ms; 0 is no limit. Default 30 000. */
  readonly timeoutMs?: number | undefined;
  /** Time limit of a whole call, including retries, waits and hooks. Unit: ms; 0 is no limit. Default 120 000. */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * Maximum number of retries of a call. A call that must not be sent twice, such as a start, is retried only if the SDK can prove that
   * the request was never sent. Default 2.
   */
  readonly retries?: number | undefined;
  /** Upper bound of the random wait before the first retry. Unit: ms. Default 500. */
  readonly retryDelayMs?: number | undefined;
  /** Factor by which this bound grows with each retry; at least 1. Default 2. */
  readonly backoffFactor?: number | undefined;
  /** Maximum of this bound. Unit: ms. Default 10 000. */
  readonly maxRetryDelayMs?: number | undefined;
  /** Longest `Retry-After` to wait for. With a longer one, the call throws immediately. Unit: ms. Default 60 000. */
  readonly maxRetryAfterMs?: number | undefined;
  /** How long a base URL is avoided after a failure, ±10 %. Unit: ms; 0 disables this. Default 30 000. */
  readonly cooldownMs?: number | undefined;
  /**
   * Maximum size of a response body. A larger one throws OctaResponseError. Downloads that you stream with `asResponse()` are not
   * limited. Unit: bytes. Default 134 217 728 (128 MiB).
   */
  readonly maxResponseBytes?: number | undefined;
  /**
   * Whether calls that must not be sent twice (starts, reboots, prices, wallets) are allowed in a browser. A browser may resend a
   * request itself when its connection is dead. So by default these calls throw OctaConfigurationError in browsers, before anything
   * is sent. Default false.
   */
  readonly allowBillableInBrowser?: boolean | undefined;
  /** A function like `fetch` that sends the requests. Default: the global `fetch`, looked up at each call. */
  readonly fetch?: FetchLike | undefined;
  /**
   * The source of time and timers, for tests. A simulator's `fetch` brings its own clock, so pass it only if you wrap that `fetch`.
   * Default: the runtime's timers.
   */
  readonly clock?: Clock | undefined;
  /** The `User-Agent` header. Not sent in browsers. Default `octaspace-sdk-js/<version>`. */
  readonly userAgent?: string | undefined;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Called before each attempt; may change `headers`. If it throws, the call fails with that error before anything is sent. If it
   * returns a function, that function is called when the attempt ends.
   */
  readonly onRequest?: RequestHook | undefined;
  /** Called after each response, of any status. If it throws, the error is logged. */
  readonly onResponse?: ((context: ResponseContext) => void | Promise<void>) | undefined;
  /** Called before the wait for each retry. If it throws, the error is logged. */
  readonly onRetry?: ((context: RetryContext) => void | Promise<void>) | undefined;
  /** Called for each difference between a response and the API specification. If it throws, the error is logged. */
  readonly onDrift?: ((event: DriftEvent) => void | Promise<void>) | undefined;
  /**
   * Checks decoded responses against schemas: `validator('report')` or `validator('strict')` from `@octaspace/sdk/zod`. Issues are
   * passed to `onDrift`. In strict mode the call then also rejects with OctaResponseError, unless a session depends on it, which must
   * not be lost. Default: only the checks of decoding.
   */
  readonly validate?: ResponseValidator | undefined;
  /** The logger: `console`, a logger of pino, winston or bunyan, or any object with the same functions as `console`. Default `console`. */
  readonly logger?: Logger | undefined;
  /** The log level: `silent`, `error`, `warn`, `info` or `debug`. Default `warn`. */
  readonly logLevel?: LogLevel | undefined;
}

/** Options of one call; every method takes them last. */
export interface RequestOptions {
  /** Aborts the call at any point. It rejects with OctaAbortError, whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit of each attempt, instead of the client's. Unit: ms; 0 is no limit. */
  readonly timeoutMs?: number | undefined;
  /** Time limit of the whole call, instead of the client's. Unit: ms; 0 is no limit. */
  readonly totalTimeoutMs?: number | undefined;
  /** Maximum number of retries, instead of the client's. */
  readonly retries?: number | undefined;
  /** Additional headers of this call. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Additional query parameters, for parameters that the SDK does not know yet. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /** Additional body fields, for fields that the SDK does not know yet. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** Alias of {@link RequestOptions}, the name in other versions of `@octaspace/sdk`. Use `RequestOptions` in new code. */
export type RequestOverrides = RequestOptions;
