/**
 * Traces every request with OpenTelemetry, by the hooks of the client. Prints the spans of a few reads.
 *
 *   npm install @opentelemetry/api @opentelemetry/sdk-trace-base
 *   OCTA_API_KEY=… npx tsx examples/opentelemetry.ts
 */
import { OctaClient, type OctaClientOptions } from '@octaspace/sdk';
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] });
trace.setGlobalTracerProvider(provider);

/**
 * Hooks that make a span of each answered attempt, with the names of OpenTelemetry's conventions for HTTP clients, and one of each
 * attempt that failed and is followed by another. The error of a call that fails for good is for whoever made the call.
 */
function tracing(): Pick<OctaClientOptions, 'onRequest' | 'onResponse' | 'onRetry'> {
  const tracer = trace.getTracer('octaspace');
  // Both hooks of an attempt get the same request object.
  const spans = new WeakMap<object, Span>();
  return {
    onRequest: (request) => {
      const { operation, method, url, attempt, headers } = request;
      const { hostname, pathname } = new URL(url);
      const attributes = {
        'http.request.method': method,
        'http.request.resend_count': attempt - 1,
        'server.address': hostname,
        'url.path': pathname,
        'octaspace.operation': operation,
      };
      const span = tracer.startSpan(`${method} ${operation}`, { kind: SpanKind.CLIENT, attributes });
      spans.set(request, span);
      propagation.inject(trace.setSpan(context.active(), span), headers);
    },
    onResponse: ({ request, status, requestId }) => {
      const span = spans.get(request);
      span?.setAttribute('http.response.status_code', status);
      if (requestId !== undefined) span?.setAttribute('octaspace.request_id', requestId);
      if (status >= 400) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
    },
    onRetry: ({ request, error, attempt, delayMs }) => {
      const attributes = {
        'octaspace.operation': request.operation,
        'octaspace.attempt': attempt,
        'octaspace.delay_ms': delayMs,
      };
      const span = tracer.startSpan(`retry ${request.operation}`, { kind: SpanKind.CLIENT, attributes });
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.name });
      span.end();
    },
  };
}

const client = OctaClient.fromEnv(tracing());
const { market_price } = await client.network.get();
const machines = await client.services.mr.find({ minGpus: 1 });
console.log(`${machines.length} machines with a GPU; 1 OCTA is ${market_price} USD`);
await provider.shutdown();
