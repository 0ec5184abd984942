/** Spans and metrics of OpenTelemetry's own SDK, over real HTTP. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  createNoopMeter,
  diag,
  type Meter,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OctaClient, type OctaClientOptions, OctaConfigurationError, OctaResponseError } from '../../src/index.ts';
import { type InstrumentOptions, instrument } from '../../src/otel/index.ts';
import { clientFor, testKey } from '../support/calls.ts';
import { rejection } from '../support/failure.ts';
import { freePort } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';
import { until } from '../support/until.ts';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer('test');

/** The active span, kept across awaits, as the context manager of Node does it. */
function contextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...given) => storage.run(active, () => work.call(self, ...given)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

/** Writes `traceparent`, as the propagator of W3C does. */
const propagator: TextMapPropagator = {
  inject: (active, carrier, setter) => {
    const { traceId, spanId } = trace.getSpanContext(active) ?? { traceId: '', spanId: '' };
    setter.set(carrier, 'traceparent', `00-${traceId}-${spanId}-01`);
  },
  extract: (active) => active,
  fields: () => ['traceparent'],
};

beforeAll(() => {
  const complain = (message: string): void => void complaints.push(message);
  const quiet = (): void => undefined;
  diag.setLogger({ error: complain, warn: complain, info: quiet, debug: quiet, verbose: quiet });
  context.setGlobalContextManager(contextManager());
  propagation.setGlobalPropagator(propagator);
});
beforeEach(() => exporter.reset());
afterAll(() => {
  diag.disable();
  context.disable();
  propagation.disable();
});

/** A no-op meter with the given overrides. */
function meterWith(changes: Partial<Meter>): Meter {
  const meter: Meter = Object.create(createNoopMeter());
  return Object.assign(meter, changes);
}

/** What a meter records. */
type Measured = [name: string, value: number, attributes: Attributes | undefined];

function measuring(): { readonly meter: NonNullable<InstrumentOptions['meter']>; readonly measured: Measured[] } {
  const measured: Measured[] = [];
  const told = (name: string) => (value: number, attributes?: Attributes) => {
    measured.push([name, value, attributes]);
  };
  const meter = meterWith({
    createHistogram: (name: string) => ({ record: told(name) }),
    createCounter: (name: string) => ({ add: told(name) }),
  });
  return { meter, measured };
}

function traced(server: { readonly url: string }, options: OctaClientOptions = {}): OctaClient {
  return clientFor(server, instrument(options, { tracer }));
}

/** What OpenTelemetry complains about, such as of spans that are ended twice. */
const complaints: string[] = [];

/** The spans that have ended: none twice, and none with the key in it. */
function spans(): readonly ReadableSpan[] {
  const ended = exporter.getFinishedSpans();
  const told = ended.map(({ name, attributes, events, status, links }) => [name, attributes, events, status, links]);
  expect(JSON.stringify(told)).not.toContain(testKey);
  expect(complaints).toEqual([]);
  return ended;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

const good = () => serve((_, response) => json(response, '{"balance":1}'));

test('This test setup detects a span that is ended twice.', () => {
  const span = tracer.startSpan('once');
  span.end();
  span.end();
  expect(complaints.splice(0)).toContainEqual(expect.stringContaining('end() on a span once'));
});

test('An attempt with a response is a span with the name of its operation.', async () => {
  await using server = await serve((_, response) => {
    response.setHeader('x-request-id', 'r-1');
    json(response, '[]');
  });
  await traced(server).nodes.list({ country: 'DE', query: { access_token: 'hush' } });
  const [span, ...others] = spans();
  expect(others).toEqual([]);
  expect(span).toMatchObject({ name: 'GET listNodes', kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } });
  expect(span?.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'octaspace.operation': 'listNodes',
    'octaspace.request_id': 'r-1',
    'server.address': '127.0.0.1',
    'server.port': portOf(server.url),
    'url.full': `${server.url}/nodes?country=DE&access_token=[redacted]`,
  });
});

test('A retried call has a span for each attempt, below that of the caller, which has the retry as an event.', async () => {
  const answers = [503, 200];
  await using server = await serve((_, response) => json(response, '{"balance":1}', answers.shift()));
  const client = traced(server);
  await tracer.startActiveSpan('work', async (work) => {
    await client.accounts.balance();
    work.end();
  });
  const [first, second, work] = spans();
  expect([first, second, work].map((span) => span?.name)).toEqual(['GET getBalance', 'GET getBalance', 'work']);
  const { traceId, spanId } = work?.spanContext() ?? { traceId: '', spanId: '' };
  for (const span of [first, second]) expect(span?.parentSpanContext).toMatchObject({ traceId, spanId });
  expect(first?.status.code).toBe(SpanStatusCode.ERROR);
  expect(first?.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' });
  expect(first?.attributes).not.toHaveProperty('http.request.resend_count');
  expect(second?.status.code).toBe(SpanStatusCode.UNSET);
  expect(second?.attributes).toMatchObject({ 'http.response.status_code': 200, 'http.request.resend_count': 1 });
  expect(work?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    [
      'octaspace.retry',
      {
        'octaspace.operation': 'getBalance',
        'octaspace.attempt': 1,
        'octaspace.delay_ms': 0,
        'error.type': 'OctaServiceUnavailableError',
      },
    ],
  ]);
  // What each span is called is what the server was told.
  const sent = server.received.map(({ headers }) => headers.traceparent);
  expect(sent).toEqual([first, second].map((span) => `00-${traceId}-${span?.spanContext().spanId}-01`));
});

describe('the API key, where the caller has put it into a URL,', () => {
  const asText = { apiKey: testKey };
  const places: [
    title: string,
    options: OctaClientOptions,
    call: (client: OctaClient) => Promise<unknown>,
    url: string,
  ][] = [
    [
      'a query',
      asText,
      async (client) => client.accounts.balance({ query: { who: testKey } }),
      '/accounts/balance?who=[API key]',
    ],
    ['a path', asText, async (client) => client.services.session(testKey).info(), '/services/[API key]/info'],
    [
      'a call that goes without a key',
      asText,
      async (client) => client.network.get({ query: { who: testKey } }),
      '/network?who=[API key]',
    ],
    [
      'a query, and is given by a function',
      { apiKey: async () => testKey },
      async (client) => client.accounts.balance({ query: { who: testKey } }),
      '/accounts/balance?who=[API key]',
    ],
  ];

  test.each(places)('is not in any span or error: in %s.', async (_, options, call, url) => {
    await using server = await serve((_, response) => json(response, '{"message":"no"}', 403));
    const error = await rejection(call(traced(server, options)));
    expect(spans().map(({ attributes }) => attributes['url.full'])).toEqual([server.url + url]);
    expect(error).toMatchObject({ request: { url: server.url + url } });
    expect(inspect(error)).not.toContain(testKey);
    expect(server.received[0]?.path).toContain(testKey);
  });
});

test('A URL that cannot be fetched is quoted without secrets.', async () => {
  const query = { token: 'hush', who: testKey };
  const error = await rejection(traced({ url: '/api/octa' }).accounts.balance({ query }));
  const message =
    'getBalance: this runtime cannot fetch "/api/octa/accounts/balance?token=[redacted]&who=[API key]": set baseUrl to an absolute URL';
  expect(error).toMatchObject({ message });
  expect(spans().map(({ status }) => status.message)).toEqual([message]);
});

interface Failure {
  readonly type: string;
  readonly message: RegExp;
  readonly fail: () => Promise<unknown>;
}

const failures: Readonly<Record<string, Failure>> = {
  'a refused connection': {
    type: 'OctaConnectionError',
    message: /getBalance/,
    fail: async () => traced({ url: `http://127.0.0.1:${await freePort()}` }, { retries: 0 }).accounts.balance(),
  },
  'an attempt that takes too long': {
    type: 'OctaTimeoutError',
    message: /within 30 ms \(timeoutMs\)/,
    fail: async () => {
      await using server = await serve(() => undefined);
      return await traced(server, { retries: 0, timeoutMs: 30 }).accounts.balance();
    },
  },
  'a call that takes too long': {
    type: 'OctaTimeoutError',
    message: /within 30 ms \(totalTimeoutMs\)/,
    fail: async () => {
      await using server = await serve(() => undefined);
      return await traced(server, { totalTimeoutMs: 30 }).accounts.balance();
    },
  },
  'a body that stops': {
    type: 'OctaNetworkError',
    message: /getBalance/,
    fail: async () => {
      await using server = await serve((_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"bal');
        setImmediate(() => response.destroy());
      });
      return await traced(server, { retries: 0 }).accounts.balance();
    },
  },
  'a caller who gives up while it is sent': {
    type: 'OctaAbortError',
    message: /aborted/,
    fail: async () => {
      await using server = await serve(() => undefined);
      const controller = new AbortController();
      const work = rejection(traced(server).accounts.balance({ signal: controller.signal }));
      await until(() => server.received.length === 1);
      controller.abort();
      throw await work;
    },
  },
  'a missing key': {
    type: 'OctaAuthenticationError',
    message: /key/,
    fail: async () => {
      await using server = await good();
      return await traced(server, { apiKey: undefined }).accounts.balance();
    },
  },
};

test.for(Object.entries(failures))('%s is a failed span that ended once.', async ([, given]) => {
  await rejection(given.fail());
  const [span, ...others] = spans();
  expect(others).toEqual([]);
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: expect.stringMatching(given.message) });
  expect(span?.attributes).toMatchObject({ 'error.type': given.type });
  expect(span?.attributes).not.toHaveProperty('http.response.status_code');
});

test('An error status is a failure with that error type.', async () => {
  await using server = await serve((_, response) => json(response, `{"message":"not for ${testKey}"}`, 403));
  await rejection(traced(server).nodes.get(7));
  expect(spans().map(({ status, attributes }) => [status, attributes['error.type']])).toEqual([
    [{ code: SpanStatusCode.ERROR }, '403'],
  ]);
});

test('A response that is not JSON ends its span according to its status.', async () => {
  await using server = await serve((_, response) => json(response, '<html>'));
  expect(await rejection(traced(server).accounts.balance())).toBeInstanceOf(OctaResponseError);
  expect(spans().map(({ status, attributes }) => [status.code, attributes['error.type']])).toEqual([
    [SpanStatusCode.UNSET, undefined],
  ]);
});

test('A caller who aborts before an attempt, or between two, leaves no span of one.', async () => {
  await using server = await serve((_, response) => json(response, '{}', 503));
  await rejection(traced(server).nodes.list({ signal: AbortSignal.abort() }));
  expect(spans()).toEqual([]);
  const controller = new AbortController();
  const client = traced(server, { retryDelayMs: 60_000, maxRetryDelayMs: 60_000, onRetry: () => controller.abort() });
  await rejection(client.nodes.list({ signal: controller.signal }));
  expect(spans()).toHaveLength(1);
});

describe('metrics', () => {
  test('have the duration of every attempt in seconds.', async () => {
    const { meter, measured } = measuring();
    const answers = [500, 200];
    await using server = await serve((_, response) => json(response, '{"balance":1}', answers.shift()));
    const client = clientFor(server, instrument({}, { tracer, meter }));
    const startedAt = performance.now();
    await client.accounts.balance();
    const tookSeconds = (performance.now() - startedAt) / 1000;
    const common = {
      'http.request.method': 'GET',
      'octaspace.operation': 'getBalance',
      'server.address': '127.0.0.1',
      'server.port': portOf(server.url),
    };
    expect(measured.map(([name, , attributes]) => [name, attributes])).toEqual([
      ['http.client.request.duration', { ...common, 'http.response.status_code': 500, 'error.type': '500' }],
      ['http.client.request.duration', { ...common, 'http.response.status_code': 200 }],
    ]);
    const [first, second] = measured.map(([, seconds]) => seconds);
    expect([first, second].every((seconds = 0) => seconds > 0)).toBe(true);
    expect((first ?? 0) + (second ?? 0)).toBeLessThanOrEqual(tookSeconds);
  });

  test('count drift, which is an event of the span of the caller, without what was received.', async () => {
    const { meter, measured } = measuring();
    const told: unknown[] = [];
    await using server = await serve((_, response) => json(response, '{"balance":1,"new":"private"}'));
    const client = clientFor(server, instrument({ onDrift: ({ path }) => void told.push(path) }, { tracer, meter }));
    await tracer.startActiveSpan('work', async (work) => {
      await client.accounts.balance();
      work.end();
    });
    const attributes = { 'octaspace.operation': 'getBalance' };
    expect(measured.at(-1)).toEqual(['octaspace.drift', 1, attributes]);
    const where = { ...attributes, 'octaspace.path': 'new', 'octaspace.expected': 'absent' };
    expect(spans().at(-1)?.events).toMatchObject([{ name: 'octaspace.drift', attributes: where }]);
    expect(told).toEqual(['new']);
  });
});

describe('hooks of the caller', () => {
  test('run as usual, and are called at the end.', async () => {
    const told: unknown[] = [];
    const answers = [503, 200];
    await using server = await serve((_, response) => json(response, '{"balance":1}', answers.shift()));
    const client = traced(server, {
      onRequest: ({ headers, attempt }) => {
        headers.set('x-trace', 'mine');
        return ({ status }) => void told.push([attempt, status]);
      },
      onResponse: ({ status }) => void told.push(status),
      onRetry: ({ delayMs }) => void told.push({ delayMs }),
    });
    await client.accounts.balance();
    await until(() => told.length === 5);
    expect(told).toEqual([503, [1, 503], { delayMs: 0 }, 200, [2, 200]]);
    expect(server.received.map(({ headers }) => headers['x-trace'])).toEqual(['mine', 'mine']);
    expect(spans()).toHaveLength(2);
  });

  test('that throw fail the call before a span is created.', async () => {
    await using server = await good();
    const onRequest = (): void => {
      throw new RangeError('no');
    };
    expect(await rejection(traced(server, { onRequest }).accounts.balance())).toEqual(new RangeError('no'));
    expect(spans()).toEqual([]);
  });

  test('that return nothing work, too.', async () => {
    await using server = await good();
    await traced(server, { onRequest: async () => undefined }).accounts.balance();
    expect(spans()).toHaveLength(1);
  });
});

describe('telemetry that throws does not fail a call, or prevent a hook:', () => {
  const broken = (): never => {
    throw new RangeError('out of order');
  };
  const spanWith = (changes: Partial<Span>): Tracer => ({
    ...tracer,
    startSpan: (...given) => Object.assign(tracer.startSpan(...given), changes),
  });
  const throwing: [title: string, given: InstrumentOptions][] = [
    ['startSpan', { tracer: { ...tracer, startSpan: broken } }],
    ['the end of a span', { tracer: spanWith({ end: broken }) }],
    ['the histogram', { meter: meterWith({ createHistogram: () => ({ record: broken }) }) }],
    ['the counter', { meter: meterWith({ createCounter: () => ({ add: broken }) }) }],
  ];

  test.each(throwing)('%s.', async (_, given) => {
    const told: unknown[] = [];
    await using server = await serve((_, response) => json(response, '{"balance":1,"new":0}'));
    const hooks: OctaClientOptions = {
      onRequest:
        ({ operation }) =>
        ({ status }) =>
          void told.push([operation, status]),
      onDrift: ({ path }) => void told.push(path),
    };
    const client = clientFor(server, instrument(hooks, { tracer, ...given }));
    expect((await client.accounts.balance()).balance).toBe(1n);
    await until(() => told.length === 2);
    expect(told).toEqual(expect.arrayContaining([['getBalance', 200], 'new']));
    expect(complaints.splice(0)).toEqual(['@octaspace/sdk: telemetry threw; the call continues']);
  });

  test('a propagator, whose span is kept.', async () => {
    propagation.disable();
    propagation.setGlobalPropagator({ ...propagator, inject: broken });
    await using server = await good();
    await traced(server).accounts.balance();
    propagation.disable();
    propagation.setGlobalPropagator(propagator);
    expect(complaints.splice(0)).toEqual(['@octaspace/sdk: telemetry threw; the call continues']);
    expect(spans()).toHaveLength(1);
  });

  test('an event of the span of the caller.', async () => {
    const told: unknown[] = [];
    const answers = [503, 200];
    await using server = await serve((_, response) => json(response, '{"balance":1}', answers.shift()));
    const client = traced(server, { onRetry: ({ attempt }) => void told.push(attempt) });
    const active = trace.setSpan(ROOT_CONTEXT, Object.assign(tracer.startSpan('work'), { addEvent: broken }));
    await context.with(active, async () => client.accounts.balance());
    expect(complaints.splice(0)).toEqual(['@octaspace/sdk: telemetry threw; the call continues']);
    expect(told).toEqual([1]);
  });
});

test('Without a tracer, the global one is used; without any, nothing is recorded.', async () => {
  await using server = await good();
  await clientFor(server, instrument()).accounts.balance();
  expect(spans()).toEqual([]);
  trace.setGlobalTracerProvider(provider);
  try {
    await clientFor(server, instrument()).accounts.balance();
    const [span] = spans();
    expect(span?.instrumentationScope).toMatchObject({ name: '@octaspace/sdk' });
  } finally {
    trace.disable();
  }
});

test('Wrong options are rejected as usual.', async () => {
  const error = (): unknown => clientFor({ url: 'http://127.0.0.1:1' }, instrument({ retries: -1 }));
  expect(error).toThrow(OctaConfigurationError);
});

test('A path as base URL has no server attributes, and causes no error.', async () => {
  const fetch = async (): Promise<Response> => new Response('{"balance":1}');
  await clientFor({ url: '/api/octa' }, instrument({ fetch }, { tracer })).accounts.balance();
  expect(spans()[0]?.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'octaspace.operation': 'getBalance',
    'url.full': '/api/octa/accounts/balance',
  });
});
