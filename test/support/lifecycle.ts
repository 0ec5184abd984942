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

/** What a stop tells. */
export interface StopOutcome {
  readonly confirmed: boolean;
  readonly alreadyStopped: boolean;
}

export interface Guard {
  readonly done: Promise<{ readonly reason: string }>;
  release(): void;
}

/** A session as these tests use it, with options that are not checked at compile time. */
export interface Rented extends AsyncDisposable {
  readonly uuid: string;
  readonly guards: readonly Guard[];
  info(): PromiseLike<Readonly<Record<string, unknown>>>;
  stop(options?: object): PromiseLike<StopOutcome>;
  waitUntilReady(options?: object): Promise<Readonly<Record<string, unknown>>>;
  watch(options?: object): AsyncIterable<Readonly<Record<string, unknown>>>;
  followLogs(options?: object): AsyncIterable<{ readonly source: string; readonly text: string }>;
  guard(limits: object): Guard;
  keep(): this;
}

interface Starter {
  start(order: object, options?: object): PromiseLike<Rented>;
  rent(order: object, lease?: object): Promise<Rented>;
}

/** The client as these tests use it. */
export interface LifecycleClient {
  readonly services: {
    readonly mr: Starter & {
      startMany(
        orders: readonly object[],
        options?: object,
      ): PromiseLike<readonly { readonly status: string; readonly session?: Rented }[]>;
      rentMany(orders: readonly object[], lease?: object): Promise<readonly Rented[]>;
    };
    readonly render: Starter;
    readonly vpn: Starter;
    session(uuid: string): Rented;
  };
  readonly sessions: {
    list(options?: object): PromiseLike<readonly Readonly<Record<string, unknown>>[]>;
    find(prefix: string, options?: object): PromiseLike<Rented>;
    stopAll(options?: object): Promise<{ readonly stopped: readonly { readonly uuid: string }[] }>;
  };
  close(options?: object): Promise<void>;
}

export interface LifecycleOptions extends Omit<MarketplaceOptions, 'clock'> {
  /** Milliseconds of the clock in a real one. Default 100. */
  readonly speed?: number;
  /** Options of the client, besides those that it always has. */
  readonly client?: object;
}

export interface Lifecycle extends AsyncDisposable {
  readonly clock: FastClock;
  readonly market: Marketplace;
  readonly client: LifecycleClient;
  /** What the clients have logged: level and text. */
  readonly log: readonly string[];
  /** Another client of the same account. */
  another(options?: object): LifecycleClient;
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
  const clients: LifecycleClient[] = [];
  const another = (more: object = {}): LifecycleClient => {
    const all = { apiKey: 'octa-test-key-0001', baseUrl: market.url, clock, logger: loggerOf(log), ...more };
    // The tests name options and methods that the types of the client do not have yet.
    const client = new OctaClient(all as OctaClientOptions) as unknown as LifecycleClient;
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
