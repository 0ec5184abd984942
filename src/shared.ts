/** The shared client of the process, for application code. */
import { OctaClient } from './client.ts';
import type { OctaClientOptions } from './core/option-types.ts';
import { mergeOptions, resolveOptions } from './core/options.ts';
import { isOwnTransport, type OwnTransport, transportMark } from './transport/own-transport.ts';

/** The state that the whole process shares. Other versions of the package may use it too, so only add fields. */
interface Shared {
  /** Options passed to `configure`. A function, so that printing the state does not print the API key. */
  configuration: () => OctaClientOptions;
  /** The client that `sharedClient` returns. */
  client: OctaClient | undefined;
  /** The clients that the next shutdown closes: the current one and earlier ones. */
  readonly clients: Set<OctaClient>;
  /** Configured transports of these clients; the next shutdown also closes them. */
  readonly transports: Set<OwnTransport>;
  /** Shutdowns in progress. */
  readonly closing: Set<Promise<void>>;
}

// Not a module variable: a process may load this module several times, as ESM and CommonJS, or on each reload of a dev server.
const slot = Symbol.for('@octaspace/sdk/shared');

function shared(): Shared {
  const present: unknown = Reflect.get(globalThis, slot);
  // Only this package writes this property.
  if (present !== undefined) return present as Shared;
  const state: Shared = {
    configuration: () => ({}),
    client: undefined,
    clients: new Set(),
    transports: new Set(),
    closing: new Set(),
  };
  Object.defineProperty(globalThis, slot, { value: state });
  return state;
}

function replaceConfiguration(options: OctaClientOptions): void {
  const state = shared();
  state.configuration = () => options;
  state.client = undefined;
}

/**
 * Sets options of the shared client. They override those of earlier calls and OCTA_* variables; undefined removes an option.
 * Existing clients do not change; the next `sharedClient()` creates a new one.
 *
 * @throws OctaConfigurationError if an option is wrong or unknown. Then nothing changes.
 */
export function configure(options: OctaClientOptions): void {
  resolveOptions(options);
  const kept = Object.entries(shared().configuration()).filter(([name]) => !Object.hasOwn(options, name));
  replaceConfiguration(mergeOptions(Object.fromEntries(kept), options));
}

/** Removes all options set by `configure`. The next shared client uses only OCTA_* variables and defaults. */
export function resetConfiguration(): void {
  replaceConfiguration({});
}

/** Wraps a transport so that closing a client does not close it, because other clients use it too. */
function lend(transport: OwnTransport): OwnTransport {
  const send = (...request: Parameters<OwnTransport>): Promise<Response> => transport(...request);
  const close = async (): Promise<void> => undefined;
  return Object.assign(send, { [transportMark]: true as const, stats: () => transport.stats(), close });
}

/** Creates a client from the configuration and these overrides. */
function makeClient(overrides: OctaClientOptions): OctaClient {
  const state = shared();
  const options = mergeOptions(state.configuration(), overrides);
  if (!isOwnTransport(options.fetch) || overrides.fetch !== undefined) return OctaClient.fromEnv(options);
  const client = OctaClient.fromEnv({ ...options, fetch: lend(options.fetch) });
  state.transports.add(options.fetch);
  return client;
}

/**
 * Returns the client that the whole process shares, and creates it on the first call. Do not close it; call `shutdownSharedClient`.
 * With overrides: creates a separate client from the same configuration and these options. The caller must close that one.
 *
 * @throws OctaConfigurationError if an option or an OCTA_* variable is wrong.
 */
export function sharedClient(overrides?: OctaClientOptions): OctaClient {
  if (overrides !== undefined) {
    resolveOptions(overrides);
    return makeClient(overrides);
  }
  const state = shared();
  // A closed client is of no use to anyone, so it is replaced.
  if (state.client === undefined || state.client.closed) state.client = makeClient({});
  state.clients.add(state.client);
  return state.client;
}

/** Waits for all of them, then throws the first error. */
async function settle(work: Iterable<Promise<void>>): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') throw result.reason;
  }
}

/** Closes clients, then the transports that they shared. */
function closeAll(clients: readonly OctaClient[], transports: readonly OwnTransport[]): Promise<void> {
  const closed = settle(clients.map((client) => client.close()));
  return closed.finally(() => settle(transports.map((transport) => transport.close())));
}

/**
 * Waits for calls in progress, then closes the shared client, earlier shared clients, and the connections of a configured
 * `nodeFetch()`. A second call waits for the first. Without a client it does nothing. The next `sharedClient()` creates a new one.
 */
export async function shutdownSharedClient(): Promise<void> {
  const state = shared();
  const closing = closeAll([...state.clients], [...state.transports]).finally(() => state.closing.delete(closing));
  state.closing.add(closing);
  state.client = undefined;
  state.clients.clear();
  state.transports.clear();
  await settle(state.closing);
}
