/** An application in TypeScript that traces its calls, with the API of OpenTelemetry installed. */
import { type AttemptEnd, OctaClient, type RequestHook } from '@octaspace/sdk';
import { type InstrumentOptions, instrument } from '@octaspace/sdk/otel';
import { type Span, type SpanOptions, type Tracer, trace } from '@opentelemetry/api';

declare const process: { readonly env: { readonly OCTA_TEST_URL?: string } };

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

/** A tracer that keeps the names of its spans. */
function keepingTracer(names: string[]): Tracer {
  const tracer = trace.getTracer('consumer');
  return {
    startSpan: (name: string, options?: SpanOptions): Span => {
      names.push(name);
      return tracer.startSpan(name, options);
    },
    startActiveSpan: tracer.startActiveSpan.bind(tracer),
  };
}

async function main(): Promise<void> {
  const names: string[] = [];
  const ends: AttemptEnd[] = [];
  const onRequest: RequestHook = () => (end) => void ends.push(end);
  const options: InstrumentOptions = { tracer: keepingTracer(names) };
  const client = new OctaClient(
    instrument({ apiKey: 'consumer-key', baseUrl: process.env.OCTA_TEST_URL, onRequest }, options),
  );
  await client.accounts.balance();
  await Promise.resolve();
  demand(names.join() === 'GET getBalance', 'there is a span');
  demand(ends[0]?.status === 200, 'the hook of the application runs, too');
}

void main();
