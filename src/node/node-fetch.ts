/** `nodeFetch()`: a fetch for Node with a pool of connections, time limits for each step, and figures. */
import { asyncDispose } from '../disposal.ts';
import { nodeOptionsFromEnv } from '../env.ts';
import { type OwnInit, type OwnTransport, type SendHints, transportMark } from '../transport/own-transport.ts';
import { installedUndici } from './load.ts';
import { type NodeFetchOptions, resolveNodeOptions } from './options.ts';
import type { NodeFetchStats } from './stats.ts';
import { Transport } from './transport.ts';

/** A fetch with connections of its own. Closes at the end of an `await using` scope. */
export interface NodeFetch extends OwnTransport {
  /**
   * Sends a request as `fetch` does, except that redirects are never followed. Without `hints` it counts as one that must
   * not be sent twice: it goes out once, on a connection that nobody used before.
   */
  (url: string, init?: OwnInit, hints?: SendHints): Promise<Response>;
  /** What its connections do just now, and what it did so far. */
  stats(): NodeFetchStats;
  /** Takes no more requests, lets those under way finish, then closes every connection. May be called more than once. */
  close(): Promise<void>;
  /** The same as `close`. */
  [asyncDispose](): Promise<void>;
}

/**
 * Makes a transport for the `fetch` option of the client, over the optional package undici 7. Make one and keep it.
 * Throws OctaConfigurationError for a wrong or unknown option; without undici every request rejects with one.
 *
 * @example
 * const client = new OctaClient({ apiKey, fetch: nodeFetch({ maxConnections: 50 }) });
 */
export function nodeFetch(options?: NodeFetchOptions): NodeFetch {
  const transport = new Transport(resolveNodeOptions(options), installedUndici);
  const send = (url: string, init: OwnInit = {}, hints: SendHints = { repeatable: false }) =>
    transport.send(url, init, hints);
  const close = () => transport.close();
  return Object.assign(send, {
    [transportMark]: true as const,
    stats: () => transport.stats(),
    close,
    [asyncDispose]: close,
  });
}

/**
 * A transport whose options come from OCTA_* variables, such as `OCTA_POOL_SIZE`; `overrides` win. Throws
 * OctaConfigurationError for a wrong override, and for a variable that cannot be read.
 *
 * @example
 * const client = OctaClient.fromEnv({ fetch: nodeFetch.fromEnv() });
 */
nodeFetch.fromEnv = function fromEnv(overrides: NodeFetchOptions = {}): NodeFetch {
  // Checked first: an error over what the caller wrote comes before one over the surroundings.
  resolveNodeOptions(overrides);
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return nodeFetch({ ...nodeOptionsFromEnv(), ...Object.fromEntries(given) });
};
