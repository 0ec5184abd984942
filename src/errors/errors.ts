/** The hierarchy of everything that the SDK throws. */
import type { FailedAttempt, JobProgress, Outcome } from './facts.ts';

/** The request that an error is about. The API key is not in it. */
export interface FailedRequest {
  /** Name of the operation, such as `getNode`. */
  readonly operation: string;
  /** HTTP method. */
  readonly method: string;
  /** Full URL of the last attempt. The API key, and values of query parameters that are named like secrets, are replaced. */
  readonly url: string;
}

/**
 * Which limit ended the attempts of a call that could have been tried once more: the option `retries`, `totalTimeoutMs` (the
 * next wait would have passed it) or `maxRetryAfterMs` (the API asked for a longer wait), or the retry `budget`, which keeps
 * the clients of an ailing API from making it worse.
 */
export type RetryLimit = 'retries' | 'totalTimeoutMs' | 'maxRetryAfterMs' | 'budget';

/** What every error of the SDK is made of. */
export interface OctaErrorInit {
  readonly message: string;
  readonly cause?: unknown;
  /** The cause, for whoever asks for it: it is not shown when the error is printed, because it may be anything. */
  readonly hiddenCause?: unknown;
  readonly outcome?: Outcome;
  readonly request?: FailedRequest | undefined;
}

// Shared by all copies of the package in a process, so that errors of the ESM and the CommonJS copy know each other.
const brand = Symbol.for('@octaspace/sdk/error');

/** Class names that a value carries as an error of the SDK; empty for everything else. */
export function brandsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const names: unknown = Reflect.get(value, brand);
  return Array.isArray(names) ? names : [];
}

/** Names from the class up to OctaError; a subclass of the caller's adds none of its own. */
function classNames(start: typeof OctaError): string[] {
  const names: string[] = [];
  for (let cls = start; typeof cls?.className === 'string'; cls = Object.getPrototypeOf(cls)) {
    if (Object.hasOwn(cls, 'className')) names.push(cls.className);
  }
  return names;
}

/** A cause in a few words; the caller's own reason for an abort may be anything at all. */
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
   * What is known about the request. `not-sent`: it never reached the API, so sending it again is safe. `rejected`: the API refused it, or
   * what it had started was stopped again. `unknown`: it may have taken effect; check before you send it again.
   */
  readonly outcome: Outcome;
  /** The request that failed; absent when the error is about no request. */
  readonly request: FailedRequest | undefined;
  /** Every failed attempt of the call, in order; empty when it failed before anything was sent, or over what was answered. */
  readonly attempts: readonly FailedAttempt[] = [];
  /** UUID of a session that `rent` or `run` had started, and has stopped again because of this error; absent everywhere else. */
  declare readonly rolledBack?: string;
  /** Id of the start that failed: a session that it began carries it in its variables. Absent for everything but starts. */
  declare readonly leaseId?: string;
  /**
   * UUIDs of sessions that may be what a failed start began, but do not carry its id: new ones on the same node. They may be somebody
   * else's, so the SDK leaves them alone. Absent when there are none.
   */
  declare readonly suspects?: readonly string[];
  /** What is known of the job that failed; absent everywhere else. It is not printed with the error. */
  declare readonly job?: JobProgress;
  /** Why nodes refused: each reason of the refusal or, on another error of `rent`, those of the nodes that were asked before. */
  declare readonly rejections?: readonly ProvisionRejection[];
  /**
   * Which limit prevented another attempt: the option `retries`, `totalTimeoutMs` or `maxRetryAfterMs`, or the retry `budget`. Undefined
   * if an error of this kind is not retried.
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

  /** Knows instances by their prototype, and those of other copies of the package by their brand. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore-start lint/complexity/noThisInStatic: the class on the right of `instanceof`, which may be a subclass.
    // Compilers to ES5, such as the one of React Native, ask in the constructor, before there is a brand.
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    return Object.hasOwn(this, 'className') && brandsOf(value).includes(this.className);
    // biome-ignore-end lint/complexity/noThisInStatic: as above.
  }

  /** A plain object for logs: everything but the stack, without the API key. */
  toJSON(): Record<string, unknown> {
    const { name, message, cause } = this;
    const fields: Record<string, unknown> = { name, message };
    const isHidden = Object.getOwnPropertyDescriptor(this, 'cause')?.get !== undefined;
    const text = isHidden && cause instanceof Error ? cause.name : isHidden ? typeof cause : causeText(cause);
    return Object.assign(fields, this, cause === undefined ? undefined : { cause: text });
  }
}

/** Wrong options or arguments, or a missing optional package. Nothing was sent. */
export class OctaConfigurationError extends OctaError {
  static override readonly className: string = 'OctaConfigurationError';
}

/** How far an attempt got: making a connection, waiting for the answer's headers, or reading its body. */
export type NetworkPhase = 'connect' | 'headers' | 'body';

/** What an {@link OctaNetworkError} is made of. */
export interface OctaNetworkErrorInit extends OctaErrorInit {
  readonly phase?: NetworkPhase | undefined;
}

/** No complete HTTP answer was received. */
export class OctaNetworkError extends OctaError {
  static override readonly className: string = 'OctaNetworkError';
  /** How far the last attempt got; absent when it had not begun to send. */
  readonly phase: NetworkPhase | undefined;

  constructor(init: OctaNetworkErrorInit) {
    super(init);
    this.phase = init.phase;
  }
}

/**
 * The connection could not be made: refused, DNS, TLS or connect timeout. So the request was not sent, unless a `fetch` of
 * the caller's says so, which may have sent it before: then `outcome` is `unknown`.
 */
export class OctaConnectionError extends OctaNetworkError {
  static override readonly className: string = 'OctaConnectionError';
}

/**
 * Which limit an {@link OctaTimeoutError} is about: the option `timeoutMs` (one attempt) or `totalTimeoutMs` (the whole
 * call), a time limit in the caller's own signal, one of the runtime's or of `nodeFetch()` (`runtime`), or the API's (`server`:
 * it answered 408, and `cause` is the whole answer).
 */
export type TimeoutKind = 'timeoutMs' | 'totalTimeoutMs' | 'signal' | 'runtime' | 'server';

/** A time limit passed before the answer was complete. */
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

/** What an {@link OctaApiError} is made of. */
export interface OctaApiErrorInit extends OctaErrorInit {
  readonly status: number;
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly retryAfter?: number | undefined;
}

/** The API answered with an error status (or with a redirect, which is never followed). */
export class OctaApiError extends OctaError {
  static override readonly className: string = 'OctaApiError';
  /** HTTP status. */
  readonly status: number;
  /** Machine-readable code from the body, when the API gave one. */
  readonly code: string | undefined;
  /** `X-Request-Id` of the answer, to quote to support. */
  readonly requestId: string | undefined;
  /** Headers of the answer, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body of the answer: parsed JSON where it was JSON, else its text. */
  readonly body: unknown;
  /** How long the API asks to wait. Unit: seconds. Absent when it did not say, or not readably. */
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

/** 401: the API key is missing or wrong. Without any key it is thrown before anything is sent. */
export class OctaAuthenticationError extends OctaApiError {
  static override readonly className: string = 'OctaAuthenticationError';
}

/** 403: the key is valid but may not do this. */
export class OctaPermissionError extends OctaApiError {
  static override readonly className: string = 'OctaPermissionError';
}

/** 404: nothing is there under this id, or no longer. */
export class OctaNotFoundError extends OctaApiError {
  static override readonly className: string = 'OctaNotFoundError';
}

/** 409: the request conflicts with the present state. */
export class OctaConflictError extends OctaApiError {
  static override readonly className: string = 'OctaConflictError';
}

/** 422: values in the request are not acceptable. */
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
 * A success status whose body is not what the API promises: invalid JSON, an empty body, a corrupt log, or failed validation. Also a
 * catalogue without the field that a criterion of `find` is about.
 */
export class OctaResponseError extends OctaError {
  static override readonly className: string = 'OctaResponseError';
  /** Whether the body looks like JSON that was cut off. */
  readonly truncated: boolean;
  /**
   * Where strict validation found something else than promised, and what was promised: one place per field, the first when many
   * items of a list are wrong alike. Empty for every other reason.
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
  /** Node that refused; only where several were asked, as by `rent`. */
  readonly node_id?: number;
  /** The API's words. */
  readonly reason: string;
  /** The API's status for this item, when it gave one. */
  readonly status: number | string | undefined;
}

/** The API answered a start with success, but refused to start anything; see `rejections`. */
export class OctaProvisionRejectedError extends OctaError {
  static override readonly className: string = 'OctaProvisionRejectedError';
  /** Every refusal in the answer. */
  override readonly rejections: readonly ProvisionRejection[];

  constructor(init: OctaErrorInit & { readonly rejections: readonly ProvisionRejection[] }) {
    super(init);
    this.rejections = init.rejections;
  }
}
