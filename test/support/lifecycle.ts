/** A client and a marketplace that share one fast clock, for tests of what becomes of sessions. */
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
  /** Milliseconds of the clock in a real one. Default 100. */
  readonly speed?: number;
  /** Options of the client, besides those that it always has. */
  readonly client?: OctaClientOptions;
}

export interface Lifecycle extends AsyncDisposable {
  readonly clock: FastClock;
  readonly market: Marketplace;
  readonly client: OctaClient;
  /** What the clients have logged: level and text. */
  readonly log: readonly string[];
  /** Another client of the same account. */
  another(options?: OctaClientOptions): OctaClient;
}

/** What a machine is rented with. */
export const order = { node_id: 9010, disk_size: 10, image: 'ubuntu:24.04' };

/** How long a client may take to close. */
const closesWithinMs = 60_000;

function loggerOf(log: string[]): OctaClientOptions['logger'] {
  const at = (level: string) => (message: unknown) => void log.push(`${level} ${String(message)}`);
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

/** Opens a marketplace, and a client of it. */
export async function openLifecycle(options: LifecycleOptions = {}): Promise<Lifecycle> {
  const { speed = 100, client: given = {}, ...rest } = options;
  const clock = fastClock(speed);
  const market = await serveMarketplace({ clock, ...rest });
  // The first request of a process takes many times as long as any other.
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

/** The first of what comes; undefined when nothing does. */
export async function firstOf<Value>(values: AsyncIterable<Value>): Promise<Value | undefined> {
  for await (const value of values) return value;
  return undefined;
}

/** How something ended, seen from outside without waiting for it. */
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

/** What a promise rejects with, as plain fields; fails when it is fulfilled. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<Readonly<Record<string, unknown>>> {
  try {
    await promise;
  } catch (error) {
    return Object(error);
  }
  throw new Error('it was fulfilled, but had to reject');
}

/** Every text that something is told with, UUIDs in lower case. */
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

/** A session of the marketplace by its place in the order of beginning. */
export function begun({ sessions }: Marketplace, nth = 0): MarketSession {
  const session = sessions[nth];
  if (session === undefined) throw new Error(`no session number ${nth} has begun`);
  return session;
}

/** How many stops reached sessions of other people. */
export function stopsOfOthers({ sessions }: Marketplace): number {
  return sessions.filter(({ owner }) => owner === 'foreign').reduce((sum, { stops }) => sum + stops.length, 0);
}
