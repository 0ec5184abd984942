/** `nodeFetch()`: a fetch for Node with a connection pool, time limits for each step, and statistics. */
import { asyncDispose } from '../disposal.ts';
import { nodeOptionsFromEnv } from '../env.ts';
import { type OwnInit, type OwnTransport, type SendHints, transportMark } from '../transport/own-transport.ts';
import { installedUndici } from './load.ts';
import { type NodeFetchOptions, resolveNodeOptions } from './options.ts';
import type { NodeFetchStats } from './stats.ts';
import { Transport } from './transport.ts';

/** A fetch with its own connections. Can be used with `await using`. */
export interface NodeFetch extends OwnTransport {
  /**
   * Sends a request like `fetch`, but never follows redirects. Without `hints`, the request is treated as one that must not be sent
   * twice: it is sent once, on a new connection.
   */
  (url: string, init?: OwnInit, hints?: SendHints): Promise<Response>;
  /** The state of its connections, and totals since its creation. */
  stats(): NodeFetchStats;
  /** Accepts no more requests, waits for those in progress, then closes every connection. May be called more than once. */
  close(): Promise<void>;
  /** Calls `close()`. */
  [asyncDispose](): Promise<void>;
}

/**
 * Creates a transport for the `fetch` option of the client. Create one and reuse it. Requires the optional package undici 7; without it,
 * every request rejects with OctaConfigurationError.
 *
 * @throws OctaConfigurationError if an option is wrong or unknown.
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
 * Creates a transport with options from OCTA_* environment variables, such as `OCTA_POOL_SIZE`; `overrides` take precedence.
 *
 * @throws OctaConfigurationError if an override or a variable has a value that is not allowed.
 * @example
 * const client = OctaClient.fromEnv({ fetch: nodeFetch.fromEnv() });
 */
nodeFetch.fromEnv = function fromEnv(overrides: NodeFetchOptions = {}): NodeFetch {
  // Checked first: an error in the caller's own options is reported before one in the environment.
  resolveNodeOptions(overrides);
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return nodeFetch({ ...nodeOptionsFromEnv(), ...Object.fromEntries(given) });
};
