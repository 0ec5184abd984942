/**
 * Traces every attempt of every call with OpenTelemetry. Prints the spans of a few reads.
 *
 *   npm install @opentelemetry/api @opentelemetry/sdk-trace-base
 *   OCTA_API_KEY=… npx tsx examples/opentelemetry.ts
 */
import { isAuthError, OctaClient } from '@octaspace/sdk';
import { instrument } from '@octaspace/sdk/otel';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] });
trace.setGlobalTracerProvider(provider);

const client = OctaClient.fromEnv(instrument());
try {
  const { market_price } = await client.network.get();
  const machines = await client.services.mr.find({ minGpus: 1 });
  console.log(`${machines.length} machines with a GPU; 1 OCTA is ${market_price} USD`);
} catch (error) {
  console.error(isAuthError(error) ? `OCTA_API_KEY is missing or wrong: ${error.message}` : String(error));
  process.exitCode = 1;
} finally {
  await provider.shutdown();
}
