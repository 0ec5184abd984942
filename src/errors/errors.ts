/** The error classes of the SDK. */
import type { FailedAttempt, JobProgress, Outcome } from './facts.ts';

/** The request that failed, without the API key. */
export interface FailedRequest {
  /** Name of the operation, such as `getNode`. */
  readonly operation: string;
  /** HTTP method. */
  readonly method: string;
  /** Full URL of the last attempt. The API key, and values of query parameters with secret-like names, are replaced. */
  readonly url: string;
}

/**
 * The limit that prevented another retry: the option `retries`, `totalTimeoutMs` (the next wait would exceed it) or `maxRetryAfterMs`
 * (the API asked for a longer wait), or the retry `budget`, which prevents retries from overloading an API that has problems.
 */
export type RetryLimit = 'retries' | 'totalTimeoutMs' | 'maxRetryAfterMs' | 'budget';

/** Arguments of every error of the SDK. */
export interface OctaErrorInit {
  readonly message: string;
  readonly cause?: unknown;
  /** A cause that can be read, but is not printed with the error, because it may contain anything. */
  readonly hiddenCause?: unknown;
  readonly outcome?: Outcome;
  readonly request?: FailedRequest | undefined;
}

// Shared by all copies of the package in a process, so that the ESM and the CommonJS copy recognize each other's errors.
const brand = Symbol.for('@octaspace/sdk/error');

/** The class names of an SDK error; empty for any other value. */
export function brandsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const names: unknown = Reflect.get(value, brand);
  return Array.isArray(names) ? names : [];
}

/** The names of a class and its base classes up to OctaError. Subclasses of the caller add no name. */
function classNames(start: typeof OctaError): string[] {
  const names: string[] = [];
  for (let cls = start; typeof cls?.className === 'string'; cls = Object.getPrototypeOf(cls)) {
    if (Object.hasOwn(cls, 'className')) names.push(cls.className);
  }
  return names;
}

/** A short text for a cause, which may be any value, such as the caller's abort reason. */
export function causeText(cause: unknown): string {
  if (cause instanceof Error) return `${cause.name}: ${cause.message}`;
  return typeof cause === 'object' ? Object.prototype.toString.call(cause) : String(cause);
}

/**
 * Base class of everything that the SDK throws.
 *
 * `instanceof` works across copies of the package, such as an ESM and a CommonJS copy in one process.
 */
export class OctaError extends Error {
  /** Name of the class, safe from minifiers. */
  static readonly className: string = 'OctaError';
  /**
   * What is known about the request. `not-sent`: it never reached the API, so it is safe to send it again. `rejected`: the API refused it,
   * or what it had started was stopped again. `unknown`: it may have taken effect; check before you send it again.
   */
  readonly outcome: Outcome;
  /** The failed request; undefined if the error is not about a request. */
  readonly request: FailedRequest | undefined;
  /** The failed attempts of the call, in order. Empty if it failed before anything was sent, or because of the response's content. */
  readonly attempts: readonly FailedAttempt[] = [];
  /** UUID of the session that `rent` or `run` had started, and stopped again because of this error; else absent. */
  declare readonly rolledBack?: string;
  /** Lease id of the failed start. If a session did start, it carries this id in its variables. Only on errors of starts. */
  declare readonly leaseId?: string;
  /**
   * UUIDs of new sessions on the same node that may come from the failed start, but do not carry its id. They may belong to somebody
   * else, so the SDK does not stop them. Absent if there are none.
   */
  declare readonly suspects?: readonly string[];
  /** Progress of the failed job; absent on other errors. Not printed with the error. */
  declare readonly job?: JobProgress;
  /** Why nodes refused the start; on another error of `rent`, the refusals of the nodes tried before. */
  declare readonly rejections?: readonly ProvisionRejection[];
  /**
   * The limit that prevented another retry: the option `retries`, `totalTimeoutMs` or `maxRetryAfterMs`, or the retry `budget`. Undefined
   * if the SDK does not retry this kind of error.
   */
  readonly stoppedBy: RetryLimit | undefined = undefined;

  constructor(init: OctaErrorInit) {
    super(init.message, 'cause' in init ? { cause: init.cause } : undefined);
    const names = classNames(new.target);
    Object.defineProperty(this, 'name', { value: names[0], configurable: true, writable: true });
    Object.defineProperty(this, brand, { value: names });
    if ('hiddenCause' in init)
      Object.defineProperty(this, 'cause', { get: () => init.hiddenCause, configurable: true });
    this.outcome = init.outcome ?? 'not-sent';
    this.request = init.request;
  }

  /** Recognizes instances by prototype, and those of other copies of the package by their brand. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore-start lint/complexity/noThisInStatic: the class on the right of `instanceof`, which may be a subclass.
    // Code compiled to ES5, as in React Native, uses `instanceof` in the constructor, before the brand is set.
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    return Object.hasOwn(this, 'className') && brandsOf(value).includes(this.className);
    // biome-ignore-end lint/complexity/noThisInStatic: as above.
  }

  /** A plain object for logs: all fields except the stack, without the API key. */
  toJSON(): Record<string, unknown> {
    const { name, message, cause } = this;
    const fields: Record<string, unknown> = { name, message };
    const isHidden = Object.getOwnPropertyDescriptor(this, 'cause')?.get !== undefined;
    const text = isHidden && cause instanceof Error ? cause.name : isHidden ? typeof cause : causeText(cause);
    return Object.assign(fields, this, cause === undefined ? undefined : { cause: text });
  }
}

/** An option or argument is wrong, or an optional package is missing. Nothing was sent. */
export class OctaConfigurationError extends OctaError {
  static override readonly className: string = 'OctaConfigurationError';
}

/** How far an attempt got: connecting, waiting for the response headers, or reading the response body. */
export type NetworkPhase = 'connect' | 'headers' | 'body';

/** Arguments of an {@link OctaNetworkError}. */
export interface OctaNetworkErrorInit extends OctaErrorInit {
  readonly phase?: NetworkPhase | undefined;
}

/** No complete HTTP response was received. */
export class OctaNetworkError extends OctaError {
  static override readonly className: string = 'OctaNetworkError';
  /** How far the last attempt got; undefined if it failed before it began to send. */
  readonly phase: NetworkPhase | undefined;

  constructor(init: OctaNetworkErrorInit) {
    super(init);
    this.phase = init.phase;
  }
}

/**
 * No connection could be made: refused, DNS, TLS or connect timeout. So the request was not sent. With the caller's own `fetch`, which
 * may have sent the request before, `outcome` is `unknown` instead.
 */
export class OctaConnectionError extends OctaNetworkError {
  static override readonly className: string = 'OctaConnectionError';
}

/**
 * The time limit of an {@link OctaTimeoutError}: the option `timeoutMs` (one attempt) or `totalTimeoutMs` (the whole call), the caller's
 * `signal`, a limit of the `runtime` or of `nodeFetch()`, or one of the API (`server`: status 408; `cause` is the error with the
 * response).
 */
export type TimeoutKind = 'timeoutMs' | 'totalTimeoutMs' | 'signal' | 'runtime' | 'server';

/** A time limit was reached before the response was complete. */
export class OctaTimeoutError extends OctaNetworkError {
  static override readonly className: string = 'OctaTimeoutError';
  /** Which limit it was. */
  readonly timeout: TimeoutKind;

  constructor(init: OctaNetworkErrorInit & { readonly timeout: TimeoutKind }) {
    super(init);
    this.timeout = init.timeout;
  }
}

/** The caller's signal was aborted; `cause` is the signal's reason. */
export class OctaAbortError extends OctaNetworkError {
  static override readonly className: string = 'OctaAbortError';
}

/** Arguments of an {@link OctaApiError}. */
export interface OctaApiErrorInit extends OctaErrorInit {
  readonly status: number;
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly retryAfter?: number | undefined;
}

/** The API responded with an error status, or with a redirect, which is never followed. */
export class OctaApiError extends OctaError {
  static override readonly className: string = 'OctaApiError';
  /** HTTP status. */
  readonly status: number;
  /** Machine-readable code from the body; undefined if there is none. */
  readonly code: string | undefined;
  /** `X-Request-Id` of the response, to quote to support. */
  readonly requestId: string | undefined;
  /** Headers of the response, with names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body of the response: the parsed JSON, or the text if it is not JSON. */
  readonly body: unknown;
  /** How long the API asks to wait. Unit: seconds. Undefined if the header is missing or not valid. */
  readonly retryAfter: number | undefined;

  constructor(init: OctaApiErrorInit) {
    super(init);
    this.status = init.status;
    this.code = init.code;
    this.requestId = init.requestId;
    this.headers = init.headers ?? {};
    this.body = init.body;
    this.retryAfter = init.retryAfter;
  }
}

/** 400: the request was refused. */
export class OctaBadRequestError extends OctaApiError {
  static override readonly className: string = 'OctaBadRequestError';
}

/** 401: the API key is missing or wrong. Without a key, it is thrown before anything is sent. */
export class OctaAuthenticationError extends OctaApiError {
  static override readonly className: string = 'OctaAuthenticationError';
}

/** 403: the API key is valid, but does not have permission for this. */
export class OctaPermissionError extends OctaApiError {
  static override readonly className: string = 'OctaPermissionError';
}

/** 404: nothing exists with this id, or no longer. */
export class OctaNotFoundError extends OctaApiError {
  static override readonly className: string = 'OctaNotFoundError';
}

/** 409: the request conflicts with the current state. */
export class OctaConflictError extends OctaApiError {
  static override readonly className: string = 'OctaConflictError';
}

/** 422: values in the request are not valid. */
export class OctaValidationError extends OctaApiError {
  static override readonly className: string = 'OctaValidationError';
}

/** 429: too many requests; see `retryAfter`. */
export class OctaRateLimitError extends OctaApiError {
  static override readonly className: string = 'OctaRateLimitError';
}

/** 5xx: the API failed; whether the request took effect is unknown. */
export class OctaServerError extends OctaApiError {
  static override readonly className: string = 'OctaServerError';
}

/** 502. */
export class OctaBadGatewayError extends OctaServerError {
  static override readonly className: string = 'OctaBadGatewayError';
}

/** 503; see `retryAfter`. */
export class OctaServiceUnavailableError extends OctaServerError {
  static override readonly className: string = 'OctaServiceUnavailableError';
}

/** 504. */
export class OctaGatewayTimeoutError extends OctaServerError {
  static override readonly className: string = 'OctaGatewayTimeoutError';
}

/**
 * A response with a success status whose body is not as specified: invalid JSON, an empty body, a corrupt log, or failed validation.
 * Also thrown by `find` if the catalogue does not have the field for a criterion.
 */
export class OctaResponseError extends OctaError {
  static override readonly className: string = 'OctaResponseError';
  /** Whether the body looks like truncated JSON. */
  readonly truncated: boolean;
  /**
   * The issues of strict validation: path and expected type, one per field. If many items of a list have the same issue, the first
   * one. Empty for every other reason.
   */
  readonly issues: readonly { readonly path: string; readonly expected: string }[];

  constructor(init: OctaErrorInit & { readonly truncated?: boolean; readonly issues?: OctaResponseError['issues'] }) {
    super(init);
    this.truncated = init.truncated ?? false;
    this.issues = init.issues ?? [];
  }
}

/** Why one item of a start request was refused. */
export interface ProvisionRejection {
  /** Position of the item in the request. Unit: count, from 0. */
  readonly id: number | undefined;
  /** The node that refused; only set if several nodes were tried, as by `rent`. */
  readonly node_id?: number;
  /** The reason that the API gave. */
  readonly reason: string;
  /** The API's status for this item; undefined if there is none. */
  readonly status: number | string | undefined;
}

/** The API responded to a start with a success status, but refused to start anything; see `rejections`. */
export class OctaProvisionRejectedError extends OctaError {
  static override readonly className: string = 'OctaProvisionRejectedError';
  /** Every refusal in the response. */
  override readonly rejections: readonly ProvisionRejection[];

  constructor(init: OctaErrorInit & { readonly rejections: readonly ProvisionRejection[] }) {
    super(init);
    this.rejections = init.rejections;
  }
}
