/** OpenTelemetry spans and metrics, through the hooks of the client. */
import type {
  AttemptEnd,
  AttemptObserver,
  DriftEvent,
  OctaClientOptions,
  RequestContext,
  RequestHook,
  RetryContext,
} from '@octaspace/sdk';
import { type Attributes, context, diag, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type InstrumentOptions, Instruments, name } from './instruments.ts';

/** Host and port of a URL; none for a relative URL outside of a page. */
function serverOf(url: string): Attributes {
  try {
    const { hostname, port, protocol } = new URL(url, globalThis.location?.href);
    return { 'server.address': hostname, 'server.port': Number(port) || (protocol === 'https:' ? 443 : 80) };
  } catch {
    return {};
  }
}

function setHeader(headers: Headers, name: string, value: string): void {
  headers.set(name, value);
}

/** The error type of a failed attempt, from a small set of values. */
function failureOf({ status = 0, error }: AttemptEnd): string | undefined {
  if (error !== undefined) return error instanceof Error ? error.name : '_OTHER';
  return status >= 400 ? String(status) : undefined;
}

/** Runs telemetry code. Its errors must not fail the call, or prevent hooks of the caller. */
function quietly<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    diag.error(`${name}: telemetry threw; the call continues`, error);
    return undefined;
  }
}

/** Starts the span of an attempt. Returns a function that ends it. */
function beginSpan(instruments: Instruments, { operation, method, headers }: RequestContext, attributes: Attributes) {
  const span = instruments.tracer.startSpan(`${method} ${operation}`, { kind: SpanKind.CLIENT, attributes });
  quietly(() => propagation.inject(trace.setSpan(context.active(), span), headers, { set: setHeader }));
  return ({ url, requestId, error }: AttemptEnd, ended: Attributes): void => {
    // Set at the end, because the key of an `apiKey` function is known, and so removed from the URL, only after its call.
    span.setAttributes({ ...ended, 'url.full': url });
    if (requestId !== undefined) span.setAttribute('octaspace.request_id', requestId);
    if (ended['error.type'] !== undefined) {
      const message = error instanceof Error ? { message: error.message } : {};
      span.setStatus({ code: SpanStatusCode.ERROR, ...message });
    }
    span.end();
  };
}

/** Starts the span and the duration of an attempt. The returned observer ends both. */
function observe(instruments: Instruments): (request: RequestContext) => AttemptObserver {
  return (request) => {
    const { operation, method, url, attempt } = request;
    const common = { 'http.request.method': method, 'octaspace.operation': operation, ...serverOf(url) };
    const resent = attempt > 1 ? { 'http.request.resend_count': attempt - 1 } : {};
    const endSpan = quietly(() => beginSpan(instruments, request, { ...common, ...resent }));
    const startedAt = performance.now();
    return (end) => {
      const { status } = end;
      const failure = failureOf(end);
      const ended: Attributes = {
        ...(status === undefined ? {} : { 'http.response.status_code': status }),
        ...(failure === undefined ? {} : { 'error.type': failure }),
      };
      const seconds = (performance.now() - startedAt) / 1000;
      quietly(() => endSpan?.(end, ended));
      quietly(() => instruments.metrics.durations.record(seconds, { ...common, ...ended }));
    };
  };
}

/** Combines `onRequest` of the caller, which runs first, with ours. */
function both(theirs: RequestHook | undefined, ours: (request: RequestContext) => AttemptObserver): RequestHook {
  if (theirs === undefined) return ours;
  return async (request) => {
    const observer = await theirs(request);
    const end = ours(request);
    return (ended) => {
      end(ended);
      return typeof observer === 'function' ? observer(ended) : undefined;
    };
  };
}

/** Adds an event to the active span of the call. */
function addEvent(event: string, attributes: Attributes): void {
  quietly(() => trace.getActiveSpan()?.addEvent(event, attributes));
}

/**
 * Adds OpenTelemetry to the options of a client. Hooks in the options still run. It creates:
 *
 * - A client span for each attempt, with the names of the HTTP conventions, such as `GET listNodes`. It ends with the end of the response
 *   body, or when the attempt fails: a lost connection, a time limit, the caller's signal. The request carries `traceparent`.
 * - Events of the active span of the call: `octaspace.retry` for each retry, `octaspace.drift` for each difference between a response
 *   and the API specification.
 * - The histogram `http.client.request.duration`, in seconds, and the counter `octaspace.drift`.
 *
 * None of them contains the API key, headers or bodies. Values of query parameters with secret-like names are removed. The application
 * may set up OpenTelemetry before or after it creates the client, and may replace its providers later. Errors of telemetry are passed
 * to `diag` of OpenTelemetry, and do not fail a call.
 *
 * @example
 * const client = new OctaClient(instrument({ apiKey: process.env.OCTA_API_KEY }));
 */
export function instrument(options: OctaClientOptions = {}, given: InstrumentOptions = {}): OctaClientOptions {
  const { onRequest, onRetry, onDrift } = options;
  const instruments = new Instruments(given);
  return {
    ...options,
    onRequest: both(onRequest, observe(instruments)),
    onRetry: (retry: RetryContext) => {
      addEvent('octaspace.retry', {
        'octaspace.operation': retry.request.operation,
        'octaspace.attempt': retry.attempt,
        'octaspace.delay_ms': retry.delayMs,
        'error.type': retry.error.name,
      });
      return onRetry?.(retry);
    },
    onDrift: (drift: DriftEvent) => {
      const { operation, path, expected } = drift;
      const where = { 'octaspace.operation': operation, 'octaspace.path': path, 'octaspace.expected': expected };
      addEvent('octaspace.drift', where);
      // Without the path: it contains list indexes, which would create too many time series.
      quietly(() => instruments.metrics.drifts.add(1, { 'octaspace.operation': operation }));
      return onDrift?.(drift);
    },
  };
}
