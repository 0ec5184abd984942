/** A client and a marketplace that share a fast clock, for tests of the lifecycle of sessions. */
import { OctaClient, type OctaClientOptions } from '../../src/index.ts';
import {
  type FastClock,
  fastClock,
  type Marketplace,
  type MarketplaceOptions,
  type MarketSession,
  serveMarketplace,
} from './marketplace/index.ts';

export interface LifecycleOptions extends Omit<MarketplaceOptions, 'clock'> {
  /** Milliseconds of the clock per real millisecond. Default 100. */
  readonly speed?: number;
  /** Additional options of the client. */
  readonly client?: OctaClientOptions;
}

export interface Lifecycle extends AsyncDisposable {
  readonly clock: FastClock;
  readonly market: Marketplace;
  readonly client: OctaClient;
  /** The log of the clients: level and text. */
  readonly log: readonly string[];
  /** Another client of the same account. */
  another(options?: OctaClientOptions): OctaClient;
}

/** The fields of a machine rental. */
export const order = { node_id: 9010, disk_size: 10, image: 'ubuntu:24.04' };

/** How long a client may take to close. */
const closesWithinMs = 60_000;

function loggerOf(log: string[]): OctaClientOptions['logger'] {
  const at = (level: string) => (message: unknown) => void log.push(`${level} ${String(message)}`);
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

/** Opens a marketplace with a client. */
export async function openLifecycle(options: LifecycleOptions = {}): Promise<Lifecycle> {
  const { speed = 100, client: given = {}, ...rest } = options;
  const clock = fastClock(speed);
  const market = await serveMarketplace({ clock, ...rest });
  // The first request of a process takes many times longer than any other.
  await fetch(`${market.url}/network`);
  const log: string[] = [];
  const clients: OctaClient[] = [];
  const another = (more: OctaClientOptions = {}): OctaClient => {
    const all = { apiKey: 'octa-test-key-0001', baseUrl: market.url, clock, logger: loggerOf(log), ...more };
    const client = new OctaClient(all);
    clients.push(client);
    return client;
  };
  return {
    ...{ clock, market, log, another, client: another(given) },
    async [Symbol.asyncDispose]() {
      const closing = Promise.all(clients.map((client) => client.close())).then(() => true);
      const closed = await Promise.race([closing, clock.sleep(closesWithinMs).then(() => false)]);
      await market[Symbol.asyncDispose]();
      if (!closed) throw new Error(`a client did not close within ${closesWithinMs} ms`);
    },
  };
}

/** The first value of a generator; undefined if there is none. */
export async function firstOf<Value>(values: AsyncIterable<Value>): Promise<Value | undefined> {
  for await (const value of values) return value;
  return undefined;
}

/** The state of a promise, without waiting for it. */
export interface Ending<Value> {
  done: boolean;
  value?: Value;
  error?: unknown;
}

/** Follows a promise. */
export function endingOf<Value>(promise: PromiseLike<Value>): Ending<Value> {
  const ending: Ending<Value> = { done: false };
  promise.then(
    (value) => Object.assign(ending, { done: true, value }),
    (error: unknown) => Object.assign(ending, { done: true, error }),
  );
  return ending;
}

/** The rejection reason of a promise as plain fields; fails if it is fulfilled. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<Readonly<Record<string, unknown>>> {
  try {
    await promise;
  } catch (error) {
    return Object(error);
  }
  throw new Error('it was fulfilled, but had to reject');
}

/** Every text in a value, with UUIDs in lower case. */
export function textOf(told: unknown): string {
  const seen = new WeakSet<object>();
  const replace = (_: string, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return undefined;
    seen.add(value);
    return value instanceof Error ? { ...value, message: value.message, cause: value.cause } : value;
  };
  return (JSON.stringify(told, replace) ?? '').toLowerCase();
}

/** A session of the marketplace by its position in the order of beginning. */
export function begun({ sessions }: Marketplace, nth = 0): MarketSession {
  const session = sessions[nth];
  if (session === undefined) throw new Error(`no session number ${nth} has begun`);
  return session;
}

/** How many stops reached sessions of other programs. */
export function stopsOfOthers({ sessions }: Marketplace): number {
  return sessions.filter(({ owner }) => owner === 'foreign').reduce((sum, { stops }) => sum + stops.length, 0);
}
