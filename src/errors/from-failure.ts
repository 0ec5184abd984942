import {
  type FailedRequest,
  type NetworkPhase,
  OctaAbortError,
  OctaConfigurationError,
  OctaConnectionError,
  type OctaError,
  OctaNetworkError,
  OctaTimeoutError,
} from './errors.ts';
import type { Outcome } from './facts.ts';

/** A time limit of the SDK that was reached. */
export interface PassedLimit {
  /** The option that set it. */
  readonly option: 'timeoutMs' | 'totalTimeoutMs';
  /** The value of the option. Unit: ms. */
  readonly ms: number;
}

/** Information about an attempt that ended without a complete response. */
export interface Failure {
  /** The error that `fetch`, or reading the body, threw. */
  readonly cause: unknown;
  readonly request: FailedRequest;
  /** The caller's signal, if any. */
  readonly signal: AbortSignal | undefined;
  /** The time limit of the SDK that was reached, if any. */
  readonly timedOut: PassedLimit | undefined;
  /** Whether an error can prove "never connected". Not with the caller's own fetch, which may repeat or forward requests itself. */
  readonly proofTrusted: boolean;
  /** Where it failed: before `fetch` was called, before the headers arrived, or while reading the body. */
  readonly phase: 'before' | 'headers' | 'body';
}

function wordsOf(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '));
}

// Each of these codes proves that no connection was made, so no byte of the request was sent. Codes of read or write calls,
// UND_ERR_SOCKET and protocol errors are not included: they look the same whether or not the server acted.
const neverConnected = /* @__PURE__ */ wordsOf(
  'ECONNREFUSED ENOTFOUND EAI_AGAIN EAI_NODATA EAI_NONAME EAI_FAIL EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN',
  'EADDRNOTAVAIL UND_ERR_CONNECT_TIMEOUT ERR_SSL_WRONG_VERSION_NUMBER ConnectionRefused OCTA_PROXY_REFUSED',
);
/** Codes for a server certificate that this side rejected before it sent any part of the request. */
const wrongCertificate = /* @__PURE__ */ wordsOf(
  'CERT_HAS_EXPIRED CERT_NOT_YET_VALID DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
);
/** `nodeFetch()` had no free connection. This says nothing about the server. */
const poolTimeouts = new Set(['OCTA_POOL_TIMEOUT']);
const connectCalls = new Set(['connect', 'getaddrinfo']);
const runtimeTimeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'OCTA_WRITE_TIMEOUT']);
const deepestCause = 8;

interface SystemFailure {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly errors?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly name?: unknown;
}

function* causesOf(error: unknown): Generator<SystemFailure> {
  let next = error;
  for (let depth = 0; depth < deepestCause && typeof next === 'object' && next !== null; depth++) {
    const failure: SystemFailure = next;
    yield failure;
    next = failure.cause;
  }
}

/** Whether an error of `fetch` proves that no connection was made. */
export function provesNeverConnected(error: unknown, depth = 0): boolean {
  if (depth > deepestCause) return false;
  for (const failure of causesOf(error)) {
    // One member for each address tried. It is a proof only if all members are.
    if (Array.isArray(failure.errors) && failure.errors.length > 0) {
      return failure.errors.every((member) => provesNeverConnected(member, depth + 1));
    }
    if (typeof failure.code === 'string' && (neverConnected.has(failure.code) || wrongCertificate.has(failure.code))) {
      return true;
    }
    if (typeof failure.syscall === 'string' && connectCalls.has(failure.syscall)) return true;
    // Deno reports the phase only in the text.
    if (typeof failure.message === 'string' && failure.message.includes('client error (Connect)')) return true;
  }
  return false;
}

/** Whether the server certificate was rejected. Another attempt would fail in the same way. */
export function isCertificateFailure(error: unknown): boolean {
  return hasCode(error, wrongCertificate);
}

function hasCode(error: unknown, codes: ReadonlySet<string>): boolean {
  return [...causesOf(error)].some(({ code }) => typeof code === 'string' && codes.has(code));
}

function hasName(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && Reflect.get(error, 'name') === name;
}

/** Whether the runtime itself gave up: an abort that was not requested, or a time limit of its own. */
function isRuntimeTimeout(error: unknown): boolean {
  if (hasName(error, 'AbortError') || hasName(error, 'TimeoutError')) return true;
  return hasCode(error, runtimeTimeouts);
}

/** The text of any value. Some objects cannot be converted to text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

function describe(error: unknown): string {
  const texts: string[] = [];
  for (const { message, code } of causesOf(error)) {
    const text = typeof message === 'string' && message !== '' ? message : typeof code === 'string' ? code : undefined;
    if (text !== undefined && !texts.includes(text)) texts.push(text);
  }
  return texts.join(': ') || textOf(error);
}

/** Information about a request that ended before its response was complete. */
export interface Ending {
  readonly request: FailedRequest;
  readonly outcome: Outcome;
  readonly phase?: NetworkPhase | undefined;
}

/** The error for an aborted signal of the caller with the reason `cause`: a timeout error for a time limit, else an abort error. */
export function errorFromAbort(cause: unknown, ending: Ending): OctaError {
  return errorFromReason(ending.request.operation, cause, ending);
}

/** The reason of aborts when a client is closed and stops its sessions. */
export const clientClosed: Error = /* @__PURE__ */ new Error('the client was closed');

/** The same, for operations of several requests or none. */
export function errorFromReason(
  operation: string,
  cause: unknown,
  ending: Partial<Ending> & Pick<Ending, 'outcome'>,
): OctaError {
  if (hasName(cause, 'TimeoutError')) {
    const message = `${operation}: the caller's signal timed out`;
    return new OctaTimeoutError({ ...ending, message, hiddenCause: cause, timeout: 'signal' });
  }
  const why = cause === clientClosed ? clientClosed.message : 'aborted by the caller';
  return new OctaAbortError({ ...ending, message: `${operation}: ${why}`, hiddenCause: cause });
}

/** The error for a reached time limit of the SDK. */
export function errorFromLimit({ option, ms }: PassedLimit, ending: Ending & { readonly cause?: unknown }): OctaError {
  const message = `${ending.request.operation}: no complete response within ${ms} ms (${option})`;
  return new OctaTimeoutError({ ...ending, message, timeout: option });
}

const invalidUrl = /^(Invalid URL|Failed to parse URL)/;

/** The error for a URL that the runtime's `fetch` rejects; undefined for any other failure. */
function errorFromUrl(cause: unknown, request: FailedRequest): OctaError | undefined {
  for (const { code, message: words } of causesOf(cause)) {
    // Deno and workerd report it only in the message, and a cause that was reduced for safety has only the message.
    const invalid = code === 'ERR_INVALID_URL' || (typeof words === 'string' && invalidUrl.test(words));
    if (!invalid && words !== 'bad port') continue;
    const advice = words === 'bad port' ? 'it blocks the port' : 'set baseUrl to an absolute URL';
    const message = `${request.operation}: this runtime cannot fetch ${JSON.stringify(request.url)}: ${advice}`;
    return new OctaConfigurationError({ message, cause, request });
  }
  return undefined;
}

/** The error for an attempt without a complete response. Based on which signal fired, because names and messages differ by runtime. */
export function errorFromFailure({
  cause,
  request,
  signal,
  timedOut,
  proofTrusted,
  phase: reached,
}: Failure): OctaError {
  const { operation } = request;
  const outcome = reached === 'before' ? 'not-sent' : 'unknown';
  const phase = reached === 'before' ? undefined : reached;
  const ending = { request, outcome, phase } as const;
  if (signal?.aborted) return errorFromAbort(signal.reason, ending);
  if (timedOut !== undefined) return errorFromLimit(timedOut, { ...ending, cause });
  if (isRuntimeTimeout(cause)) {
    const message = `${operation}: the runtime timed out waiting for a response`;
    return new OctaTimeoutError({ ...ending, message, cause, timeout: 'runtime' });
  }
  const reason = describe(cause);
  if (phase === 'headers') {
    const wrongUrl = errorFromUrl(cause, request);
    if (wrongUrl !== undefined) return wrongUrl;
    const message = `${operation}: no connection: ${reason}`;
    const neverSent = { message, cause, outcome: proofTrusted ? 'not-sent' : 'unknown', request } as const;
    if (hasCode(cause, poolTimeouts)) return new OctaConnectionError(neverSent);
    if (provesNeverConnected(cause)) return new OctaConnectionError({ ...neverSent, phase: 'connect' });
  }
  const where = phase === 'body' ? 'the response was cut off' : 'no response';
  return new OctaNetworkError({ ...ending, message: `${operation}: ${where}: ${reason}`, cause });
}
