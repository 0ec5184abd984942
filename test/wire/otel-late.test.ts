/** OpenTelemetry's own SDK, set up after the client was made, and replaced while the client lives. */
import { metrics, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, test } from 'vitest';
import type { OctaClient } from '../../src/index.ts';
import { instrument } from '../../src/otel/index.ts';
import { clientFor } from '../support/calls.ts';
import { json, serve } from '../support/server.ts';

/** What one run of the SDK has recorded. */
interface Recorded {
  readonly spans: readonly string[];
  /** Values of each metric: of a histogram the count. */
  readonly metrics: Readonly<Record<string, readonly unknown[]>>;
}

/** Sets the global providers, as the SDK does when it starts. Returns functions to read and to shut down. */
function startSdk() {
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 2 ** 30 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  expect(trace.setGlobalTracerProvider(tracerProvider)).toBe(true);
  expect(metrics.setGlobalMeterProvider(meterProvider)).toBe(true);

  async function recorded(): Promise<Recorded> {
    await meterProvider.forceFlush();
    const last = metricExporter.getMetrics().at(-1);
    const all = (last?.scopeMetrics ?? []).flatMap((scope) => scope.metrics);
    const values = all.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      dataPoints.map(({ value }) => (typeof value === 'number' ? value : value.count)),
    ]);
    return { spans: spanExporter.getFinishedSpans().map(({ name }) => name), metrics: Object.fromEntries(values) };
  }

  async function shutdown(): Promise<void> {
    await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
  }
  return { recorded, shutdown };
}

function stopSdk(): void {
  trace.disable();
  metrics.disable();
}
afterEach(stopSdk);

const drifted = () => serve((_, response) => json(response, '{"balance":1,"new":0}'));
const oneCall: Recorded = {
  spans: ['GET getBalance'],
  metrics: { 'http.client.request.duration': [1], 'octaspace.drift': [1] },
};

async function call(client: OctaClient): Promise<void> {
  expect((await client.accounts.balance()).balance).toBe(1n);
}

test('A client that was made before the SDK started records spans and metrics.', async () => {
  await using server = await drifted();
  const client = clientFor(server, instrument());
  const sdk = startSdk();
  await call(client);
  expect(await sdk.recorded()).toEqual(oneCall);
  await sdk.shutdown();
});

test('So does a client that made calls before that.', async () => {
  await using server = await drifted();
  const client = clientFor(server, instrument());
  await call(client);
  const sdk = startSdk();
  await call(client);
  expect(await sdk.recorded()).toEqual(oneCall);
  await sdk.shutdown();
});

test('When the SDK is shut down and started again, the client records with the new one.', async () => {
  await using server = await drifted();
  const client = clientFor(server, instrument());
  const first = startSdk();
  await call(client);
  expect(await first.recorded()).toEqual(oneCall);
  await first.shutdown();
  await call(client);
  stopSdk();
  await call(client);
  const second = startSdk();
  await call(client);
  expect(await second.recorded()).toEqual(oneCall);
  await second.shutdown();
});

test('A provider that replaces another one gets the data from then on.', async () => {
  await using server = await drifted();
  const client = clientFor(server, instrument());
  const first = startSdk();
  await call(client);
  stopSdk();
  const second = startSdk();
  await call(client);
  await call(client);
  expect(await first.recorded()).toEqual(oneCall);
  expect(await second.recorded()).toEqual({
    spans: ['GET getBalance', 'GET getBalance'],
    metrics: { 'http.client.request.duration': [2], 'octaspace.drift': [2] },
  });
  await first.shutdown();
  await second.shutdown();
});

test('An attempt that began before the SDK started has a duration, and no span.', async () => {
  let sdk: ReturnType<typeof startSdk> | undefined;
  await using server = await serve((_, response) => {
    sdk = startSdk();
    json(response, '{"balance":1}');
  });
  await clientFor(server, instrument()).accounts.balance();
  expect(await sdk?.recorded()).toEqual({ spans: [], metrics: { 'http.client.request.duration': [1] } });
  await sdk?.shutdown();
});

test('An instrument is made once for each provider.', async () => {
  const made: string[] = [];
  const noop = metrics.getMeterProvider();
  metrics.setGlobalMeterProvider({
    getMeter: (...given) => {
      made.push(given[0]);
      return noop.getMeter(...given);
    },
  });
  await using server = await drifted();
  const client = clientFor(server, instrument());
  expect(made).toEqual([]);
  await call(client);
  await call(client);
  expect(made).toEqual(['@octaspace/sdk']);
});

test('If a span cannot be created, the duration is still recorded.', async () => {
  const tracer = trace.getTracer('broken');
  const sdk = startSdk();
  const broken = Object.assign(Object.create(tracer), {
    startSpan: () => {
      throw new RangeError('out of order');
    },
  });
  await using server = await serve((_, response) => json(response, '{"balance":1}'));
  await clientFor(server, instrument({}, { tracer: broken })).accounts.balance();
  expect(await sdk.recorded()).toEqual({ spans: [], metrics: { 'http.client.request.duration': [1] } });
  await sdk.shutdown();
});
