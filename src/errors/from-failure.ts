import {
  type FailedRequest,
  OctaAbortError,
  OctaConfigurationError,
  OctaConnectionError,
  type OctaError,
  OctaNetworkError,
  OctaTimeoutError,
  type Outcome,
} from './errors.ts';

/** What is known about an exchange that ended without a complete answer. */
export interface Failure {
  /** What fetch, or reading the body, threw. */
  readonly cause: unknown;
  readonly request: FailedRequest;
  /** The caller's signal, if any. */
  readonly signal: AbortSignal | undefined;
  /** The attempt's own limit when it was that timer which fired. Unit: ms. */
  readonly timedOutAfterMs: number | undefined;
  /** Where it failed: before fetch was called, before the headers came, or within the body. */
  readonly phase: 'before' | 'headers' | 'body';
}

// Each of these says that no connection was ever made, so no byte of the request left. Codes with a syscall of read or
// write, UND_ERR_SOCKET and protocol errors are missing on purpose: they look the same whether or not the server acted.
const neverConnected = new Set(
  [
    'ECONNREFUSED ENOTFOUND EAI_AGAIN EAI_NODATA EAI_NONAME EAI_FAIL EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN',
    'EADDRNOTAVAIL UND_ERR_CONNECT_TIMEOUT ERR_SSL_WRONG_VERSION_NUMBER CERT_HAS_EXPIRED CERT_NOT_YET_VALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE ERR_TLS_CERT_ALTNAME_INVALID ConnectionRefused',
  ]
    .join(' ')
    .split(' '),
);
const connectCalls = new Set(['connect', 'getaddrinfo']);
const runtimeTimeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
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

/** Whether what fetch threw proves that no connection was ever made. */
export function provesNeverConnected(error: unknown, depth = 0): boolean {
  if (depth > deepestCause) return false;
  for (const failure of causesOf(error)) {
    // One member per address tried: the proof needs them all.
    if (Array.isArray(failure.errors) && failure.errors.length > 0) {
      return failure.errors.every((member) => provesNeverConnected(member, depth + 1));
    }
    if (typeof failure.code === 'string' && neverConnected.has(failure.code)) return true;
    if (typeof failure.syscall === 'string' && connectCalls.has(failure.syscall)) return true;
    // Deno gives the phase in the text alone.
    if (typeof failure.message === 'string' && failure.message.includes('client error (Connect)')) return true;
  }
  return false;
}

function hasName(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && Reflect.get(error, 'name') === name;
}

/** Whether the runtime lost patience by itself: an abort that nobody asked for, or a time limit of its own. */
function isRuntimeTimeout(error: unknown): boolean {
  if (hasName(error, 'AbortError') || hasName(error, 'TimeoutError')) return true;
  return [...causesOf(error)].some(({ code }) => typeof code === 'string' && runtimeTimeouts.has(code));
}

/** Text of anything at all; some objects have none. */
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

/** The error for a caller's signal that was aborted for the reason `cause`; a time limit in it is told apart from a change of mind. */
export function errorFromAbort(cause: unknown, request: FailedRequest, outcome: Outcome): OctaError {
  if (hasName(cause, 'TimeoutError')) {
    const message = `${request.operation}: the time limit of the given signal passed`;
    return new OctaTimeoutError({ message, cause, outcome, request, timeout: 'signal' });
  }
  return new OctaAbortError({ message: `${request.operation}: aborted by the caller`, cause, outcome, request });
}

/** The error for an exchange without a complete answer. Asks whose signal fired; names and messages differ by runtime. */
export function errorFromFailure({ cause, request, signal, timedOutAfterMs, phase }: Failure): OctaError {
  const { operation } = request;
  const outcome = phase === 'before' ? 'not-sent' : 'unknown';
  if (signal?.aborted) return errorFromAbort(signal.reason, request, outcome);
  if (timedOutAfterMs !== undefined) {
    const message = `${operation}: no complete answer within ${timedOutAfterMs} ms (timeoutMs)`;
    return new OctaTimeoutError({ message, cause, outcome, request, timeout: 'timeoutMs' });
  }
  if (isRuntimeTimeout(cause)) {
    const message = `${operation}: the runtime gave up waiting for an answer`;
    return new OctaTimeoutError({ message, cause, outcome, request, timeout: 'runtime' });
  }
  const reason = describe(cause);
  for (const { code, message: words } of causesOf(phase === 'body' ? undefined : cause)) {
    if (code === 'ERR_INVALID_URL' || words === 'bad port') {
      const advice = words === 'bad port' ? 'its port is a blocked one' : 'set baseUrl to an absolute URL';
      const message = `${operation}: this runtime cannot fetch ${JSON.stringify(request.url)}: ${advice}`;
      return new OctaConfigurationError({ message, cause, request });
    }
  }
  if (phase === 'headers' && provesNeverConnected(cause)) {
    return new OctaConnectionError({
      message: `${operation}: no connection: ${reason}`,
      cause,
      outcome: 'not-sent',
      request,
    });
  }
  const where = phase === 'body' ? 'the answer broke off' : 'no answer';
  return new OctaNetworkError({ message: `${operation}: ${where}: ${reason}`, cause, outcome, request });
}
