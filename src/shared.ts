/** The shared client: one per process, for application code. */
import { OctaClient } from './client.ts';
import type { OctaClientOptions } from './core/option-types.ts';
import { mergeOptions, resolveOptions } from './core/options.ts';
import { isOwnTransport, type OwnTransport, transportMark } from './transport/own-transport.ts';

/** All that there is once per process. Another version of the package may use it too, so its shape can only grow. */
interface Shared {
  /** What `configure` was given. Behind a function, so that nobody who prints the state prints the API key. */
  configuration: () => OctaClientOptions;
  /** The client that `sharedClient` hands out. */
  client: OctaClient | undefined;
  /** What the next shutdown closes: that client, and those before it. */
  readonly clients: Set<OctaClient>;
  /** Configured transports that clients were made with; the next shutdown closes them, too. */
  readonly transports: Set<OwnTransport>;
  /** Shutdowns under way. */
  readonly closing: Set<Promise<void>>;
}

// Not a variable of the module: a process may load it twice, as ESM beside CommonJS or on every reload of a dev server.
const slot = Symbol.for('@octaspace/sdk/shared');

function shared(): Shared {
  const present: unknown = Reflect.get(globalThis, slot);
  // Nobody else writes to this slot.
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
 * Sets options of the shared client, over those of earlier calls and over OCTA_* variables; undefined removes one.
 * A client that was handed out stays as it is; the next `sharedClient()` makes a new one.
 * Throws OctaConfigurationError for a wrong or unknown option, and then changes nothing.
 */
export function configure(options: OctaClientOptions): void {
  resolveOptions(options);
  const kept = Object.entries(shared().configuration()).filter(([name]) => !Object.hasOwn(options, name));
  replaceConfiguration(mergeOptions(Object.fromEntries(kept), options));
}

/** Forgets what `configure` was given; the next shared client is made from OCTA_* variables and defaults alone. */
export function resetConfiguration(): void {
  replaceConfiguration({});
}

/** A transport that its user cannot close, because others use it, too. */
function lend(transport: OwnTransport): OwnTransport {
  const send = (...request: Parameters<OwnTransport>): Promise<Response> => transport(...request);
  const close = async (): Promise<void> => undefined;
  return Object.assign(send, { [transportMark]: true as const, stats: () => transport.stats(), close });
}

/** A new client of the configuration, with these options over it. */
function makeClient(overrides: OctaClientOptions): OctaClient {
  const state = shared();
  const options = mergeOptions(state.configuration(), overrides);
  if (!isOwnTransport(options.fetch) || overrides.fetch !== undefined) return OctaClient.fromEnv(options);
  const client = OctaClient.fromEnv({ ...options, fetch: lend(options.fetch) });
  state.transports.add(options.fetch);
  return client;
}

/**
 * The client that the whole process shares, made at the first call; `shutdownSharedClient` closes it, nobody else should.
 * With overrides: another client, of the same configuration with these options over it, which the caller closes.
 * Throws OctaConfigurationError for a wrong option or OCTA_* variable.
 */
export function sharedClient(overrides?: OctaClientOptions): OctaClient {
  if (overrides !== undefined) {
    resolveOptions(overrides);
    return makeClient(overrides);
  }
  const state = shared();
  // Whoever closed it took it from everybody.
  if (state.client === undefined || state.client.closed) state.client = makeClient({});
  state.clients.add(state.client);
  return state.client;
}

/** Waits for all of them; then throws what went wrong first. */
async function settle(work: Iterable<Promise<void>>): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') throw result.reason;
  }
}

/** Closes clients, and then the transports that they had in common. */
function closeAll(clients: readonly OctaClient[], transports: readonly OwnTransport[]): Promise<void> {
  const closed = settle(clients.map((client) => client.close()));
  return closed.finally(() => settle(transports.map((transport) => transport.close())));
}

/**
 * Waits for calls under way, then closes the shared client, those that a later configuration replaced, and the connections
 * of a configured `nodeFetch()`. A second call waits for the first; without a client there is nothing to do. The next
 * `sharedClient()` makes a new one.
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
