/** What each option of the client, and of a call, changes. */
import { vi } from 'vitest';
import { OctaClient, type OctaClientOptions, type RequestOptions } from '../../../src/index.ts';
import { type Fault, OctaSimulator, type OctaSimulatorOptions } from '../../../src/testing/index.ts';
import { validator } from '../../../src/zod/index.ts';
import { type Behaviours, endOf } from './behaviour.ts';
import { leaseClientBehaviours } from './leases.ts';

const order = { node_id: 1, disk_size: 20, image: 'ubuntu:24.04' };

/** A client of a simulator. */
interface Pair {
  readonly simulator: OctaSimulator;
  readonly client: OctaClient;
}

function pair(options: OctaClientOptions, world: OctaSimulatorOptions = {}): Pair {
  const simulator = new OctaSimulator({ machines: [{ node_id: 1 }], ...world });
  return { simulator, client: new OctaClient({ apiKey: 'key', fetch: simulator.fetch, ...options }) };
}

/** A client whose requests for the network always meet a fault. */
function faulty(fault: Fault, options: OctaClientOptions): Pair {
  const made = pair(options);
  made.simulator.fail('getNetwork', fault, Number.POSITIVE_INFINITY);
  return made;
}

/** How long a call takes to fail, in virtual time. Unit: ms. */
async function failsAfter({ simulator, client }: Pair, call: RequestOptions = {}): Promise<number> {
  const begin = simulator.now;
  const failed = client.network.get(call).then(
    () => Number.NaN,
    () => simulator.now - begin,
  );
  // Limits alone do not make time move.
  await simulator.advance(300_000);
  return failed;
}

async function attempts({ simulator, client }: Pair, call: RequestOptions = {}): Promise<number> {
  await endOf(() => client.network.get(call));
  return simulator.requests.length;
}

/** The waits between the attempts of a call. Unit: ms. */
async function waits(options: OctaClientOptions): Promise<number[]> {
  const delays: number[] = [];
  const { client } = faulty(
    { status: 503 },
    {
      retries: 6,
      maxRetryDelayMs: 1_000_000,
      totalTimeoutMs: 0,
      onRetry: ({ delayMs }) => void delays.push(delayMs),
      ...options,
    },
  );
  await endOf(() => client.network.get());
  return delays;
}

/** A hook that counts, and what it counted. */
function counting(): { readonly hook: () => void; readonly take: () => number } {
  let count = 0;
  const take = () => {
    const taken = count;
    count = 0;
    return taken;
  };
  return { hook: () => void count++, take };
}

const [requests, responses, retries, drifts, lines] = [counting(), counting(), counting(), counting(), counting()];
const logger = { error: lines.hook, warn: lines.hook, info: lines.hook, debug: lines.hook };

/** An answer of the API with one field of another type. */
async function withDrift(options: OctaClientOptions): Promise<string> {
  const { simulator, client } = pair(options);
  simulator.fail('getNetwork', { status: 200, body: { market_price: 'free' } });
  return endOf(() => client.network.get());
}

async function withGlobal<Result>(name: string, value: unknown, work: () => Promise<Result>): Promise<Result> {
  vi.stubGlobal(name, value);
  try {
    return await work();
  } finally {
    vi.unstubAllGlobals();
  }
}

function answering(market_price: number): () => Promise<Response> {
  return async () =>
    new Response(JSON.stringify({ market_price }), { headers: { 'content-type': 'application/json' } });
}

const stall: Fault = { stall: 'headers' };
/** Its time moves by waits alone. */
const ownClock = new OctaSimulator({ latencyMs: 0, machines: [{ node_id: 1 }] });

/** Not known for a simulator's, so the client has another clock, and believes that something is sent. */
const wrapped = (...request: Parameters<typeof ownClock.fetch>) => ownClock.fetch(...request);

async function headerOf(name: string, options: OctaClientOptions): Promise<string | undefined> {
  const { simulator, client } = pair(options);
  await client.network.get();
  return simulator.requests[0]?.headers[name];
}

export const clientBehaviours: Behaviours<OctaClientOptions> = {
  ...leaseClientBehaviours,
  apiKey: {
    given: 'key',
    see: (options) => {
      const client = new OctaClient({ fetch: new OctaSimulator().fetch, ...options });
      return endOf(() => client.accounts.balance());
    },
    without: 'OctaAuthenticationError',
    with: 'ok',
  },
  baseUrl: {
    given: 'https://other.example',
    see: async (options) => {
      const { simulator, client } = pair(options);
      await client.network.get();
      return simulator.requests[0]?.url;
    },
    without: 'https://api.octa.computer/network',
    with: 'https://other.example/network',
  },
  baseUrls: {
    given: ['https://a.example', 'https://b.example'],
    see: async (options) => {
      const { simulator, client } = pair(options);
      await client.network.get();
      await client.network.get();
      return simulator.requests.map(({ url }) => new URL(url).host);
    },
    without: ['api.octa.computer', 'api.octa.computer'],
    with: ['a.example', 'b.example'],
  },
  timeoutMs: {
    given: 1_000,
    see: (options) => failsAfter(faulty(stall, { retries: 0, ...options })),
    without: 30_000,
    with: 1_000,
  },
  totalTimeoutMs: {
    given: 5_000,
    see: (options) => failsAfter(faulty(stall, { timeoutMs: 0, ...options })),
    without: 120_000,
    with: 5_000,
  },
  retries: {
    given: 4,
    see: (options) => attempts(faulty({ status: 503 }, options)),
    without: 3,
    with: 5,
  },
  retryDelayMs: {
    given: 0,
    see: async (options) => (await waits(options)).some((ms) => ms > 0),
    without: true,
    with: false,
  },
  backoffFactor: {
    given: 1,
    see: async (options) => Math.max(...(await waits(options))) > 500,
    without: true,
    with: false,
  },
  maxRetryDelayMs: {
    given: 10,
    see: async (options) => {
      const delays = await waits({ maxRetryDelayMs: undefined, retryDelayMs: 60_000, ...options });
      return { within10: Math.max(...delays) <= 10, within10000: Math.max(...delays) <= 10_000 };
    },
    without: { within10: false, within10000: true },
    with: { within10: true, within10000: true },
  },
  maxRetryAfterMs: {
    given: 5_000,
    see: (options) => attempts(faulty({ status: 429, headers: { 'retry-after': '20' } }, options)),
    without: 3,
    with: 1,
  },
  cooldownMs: {
    given: 0,
    see: async (options) => {
      const { simulator, client } = pair({ baseUrls: ['https://a.example', 'https://b.example'], ...options });
      simulator.fail('getNetwork', { lost: 'before' });
      await client.network.get();
      return client.transportStats().baseUrls[0]?.restsForMs !== 0;
    },
    without: true,
    with: false,
  },
  maxResponseBytes: {
    given: 10,
    see: (options) => endOf(() => pair(options).client.network.get()),
    without: 'ok',
    with: 'OctaResponseError',
  },
  allowBillableInBrowser: {
    given: true,
    see: (options) => {
      const start = () => new OctaClient({ apiKey: 'key', fetch: wrapped, ...options }).services.mr.start(order);
      return withGlobal('document', {}, () => endOf(start));
    },
    without: 'OctaConfigurationError',
    with: 'ok',
  },
  fetch: {
    given: answering(2),
    see: (options) => {
      return withGlobal('fetch', answering(1), async () => (await new OctaClient(options).network.get()).market_price);
    },
    without: 1,
    with: 2,
  },
  clock: {
    given: ownClock.clock,
    see: async (options) => {
      const begin = ownClock.now;
      ownClock.fail('getNetwork', { status: 503 });
      await new OctaClient({ fetch: wrapped, retryDelayMs: 50, ...options }).network.get();
      return ownClock.now > begin;
    },
    without: false,
    with: true,
  },
  userAgent: {
    given: 'my-app/1.0',
    see: async (options) => (await headerOf('user-agent', options))?.split('/')[0],
    without: 'octaspace-sdk-js',
    with: 'my-app',
  },
  headers: {
    given: { 'x-mine': 'yes' },
    see: (options) => headerOf('x-mine', options),
    without: undefined,
    with: 'yes',
  },
  onRequest: {
    given: requests.hook,
    see: async (options) => {
      await attempts(faulty({ status: 503 }, options));
      return requests.take();
    },
    without: 0,
    with: 3,
  },
  onResponse: {
    given: responses.hook,
    see: async (options) => {
      await attempts(faulty({ status: 503 }, options));
      return responses.take();
    },
    without: 0,
    with: 3,
  },
  onRetry: {
    given: retries.hook,
    see: async (options) => {
      await attempts(faulty({ status: 503 }, options));
      return retries.take();
    },
    without: 0,
    with: 2,
  },
  onDrift: {
    given: drifts.hook,
    see: async (options) => {
      await withDrift(options);
      return drifts.take() > 0;
    },
    without: false,
    with: true,
  },
  validate: {
    given: validator('strict'),
    see: (options) => withDrift(options),
    without: 'ok',
    with: 'OctaResponseError',
  },
  logger: {
    given: logger,
    see: async (options) => {
      return withGlobal('console', { ...console, debug: () => undefined }, async () => {
        await pair({ logLevel: 'debug', ...options }).client.network.get();
        return lines.take();
      });
    },
    without: 0,
    with: 2,
  },
  logLevel: {
    given: 'debug',
    see: async (options) => {
      await pair({ logger, ...options }).client.network.get();
      return lines.take();
    },
    without: 0,
    with: 2,
  },
};

export const callBehaviours: Behaviours<RequestOptions> = {
  signal: {
    given: AbortSignal.abort(),
    see: (options) => endOf(() => pair({}).client.network.get(options)),
    without: 'ok',
    with: 'OctaAbortError',
  },
  timeoutMs: {
    given: 1_000,
    see: (options) => failsAfter(faulty(stall, { retries: 0, timeoutMs: 9_000 }), options),
    without: 9_000,
    with: 1_000,
  },
  totalTimeoutMs: {
    given: 5_000,
    see: (options) => failsAfter(faulty(stall, { timeoutMs: 0, totalTimeoutMs: 9_000 }), options),
    without: 9_000,
    with: 5_000,
  },
  retries: {
    given: 0,
    see: (options) => attempts(faulty({ status: 503 }, {}), options),
    without: 3,
    with: 1,
  },
  headers: {
    given: { 'x-mine': 'yes' },
    see: async (options) => {
      const { simulator, client } = pair({ headers: { 'x-mine': 'no' } });
      await client.network.get(options);
      return simulator.requests[0]?.headers['x-mine'];
    },
    without: 'no',
    with: 'yes',
  },
  query: {
    given: { fresh: 1 },
    see: async (options) => {
      const { simulator, client } = pair({});
      await client.network.get(options);
      return simulator.requests[0]?.path;
    },
    without: '/network',
    with: '/network?fresh=1',
  },
  body: {
    given: { priority: 'high' },
    see: async (options) => {
      const { simulator, client } = pair({});
      await client.services.mr.start(order, options);
      return JSON.stringify(simulator.requests[0]?.body).includes('"priority":"high"');
    },
    without: false,
    with: true,
  },
};
