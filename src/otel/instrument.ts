/** Spans and metrics of OpenTelemetry, by the hooks of the client. */
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

/** Host and port; none for a path without a page. */
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

/** What makes an end a failure, in a few words that are few in all. */
function failureOf({ status = 0, error }: AttemptEnd): string | undefined {
  if (error !== undefined) return error instanceof Error ? error.name : '_OTHER';
  return status >= 400 ? String(status) : undefined;
}

/** Telemetry that is broken must fail no call, and keep no hook of the caller from running. */
function quietly<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    diag.error(`${name}: telemetry threw; the call goes on`, error);
    return undefined;
  }
}

/** Begins the span of an attempt; gives what ends it. */
function beginSpan(instruments: Instruments, { operation, method, headers }: RequestContext, attributes: Attributes) {
  const span = instruments.tracer.startSpan(`${method} ${operation}`, { kind: SpanKind.CLIENT, attributes });
  quietly(() => propagation.inject(trace.setSpan(context.active(), span), headers, { set: setHeader }));
  return ({ url, requestId, error }: AttemptEnd, ended: Attributes): void => {
    // Not at the start: a key that a function gives is known only when it was asked for.
    span.setAttributes({ ...ended, 'url.full': url });
    if (requestId !== undefined) span.setAttribute('octaspace.request_id', requestId);
    if (ended['error.type'] !== undefined) {
      const message = error instanceof Error ? { message: error.message } : {};
      span.setStatus({ code: SpanStatusCode.ERROR, ...message });
    }
    span.end();
  };
}

/** Begins the span and the duration of an attempt; gives what ends both. */
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

/** `onRequest` of the caller, if there is one, and then ours. */
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

/** An event of the span that the call was made in. */
function addEvent(event: string, attributes: Attributes): void {
  quietly(() => trace.getActiveSpan()?.addEvent(event, attributes));
}

/**
 * Options of a client that tells OpenTelemetry what it does; hooks that are among them still run.
 *
 * - A client span for each attempt, with the names of the HTTP conventions, called `GET listNodes`. It ends with its answer, body
 *   included, or with whatever else ends the attempt: a lost connection, a time limit, the caller's signal. `traceparent` goes along.
 * - Events of the span that the call was made in: `octaspace.retry` for each attempt that is repeated, `octaspace.drift` for each
 *   difference between an answer and what the API promises.
 * - The histogram `http.client.request.duration`, in seconds, and the counter `octaspace.drift`.
 *
 * Neither the API key nor headers nor bodies are in any of them. Values of query parameters that are named like secrets are left out.
 * The application may set up OpenTelemetry before or after it makes the client, and may replace its providers later.
 * Telemetry that throws is told to `diag` of OpenTelemetry, and fails no call.
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
      // A path has the number of an item in it, so it is too much for a metric.
      quietly(() => instruments.metrics.drifts.add(1, { 'octaspace.operation': operation }));
      return onDrift?.(drift);
    },
  };
}
