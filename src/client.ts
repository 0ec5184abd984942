import { createCaller } from './core/call.ts';
import type { Caller } from './core/call-types.ts';
import type { OctaApi } from './core/openapi.ts';
import type { OctaClientOptions } from './core/option-types.ts';
import { mergeOptions, resolveOptions } from './core/options.ts';
import type { TransportStats } from './core/transport.ts';
import { asyncDispose } from './disposal.ts';
import { nodeVariablesSet, optionsFromEnv } from './env.ts';
import { AccountsResource } from './resources/accounts.ts';
import { AppsResource } from './resources/apps.ts';
import { IdleJobsResource } from './resources/idle-jobs.ts';
import { NetworkResource } from './resources/network.ts';
import { NodesResource } from './resources/nodes.ts';
import { ServicesResource } from './resources/services/index.ts';
import { SessionsResource } from './resources/sessions.ts';

/**
 * The client. Make one and keep it; it is safe for concurrent use.
 *
 * @example
 * const client = new OctaClient({ apiKey: process.env.OCTA_API_KEY });
 * const machines = await client.services.mr.available();
 */
export class OctaClient {
  /** The account that the API key belongs to. */
  readonly accounts: AccountsResource;
  /** Templates of applications. */
  readonly apps: AppsResource;
  /** Jobs that a node runs while nobody rents it. */
  readonly idleJobs: IdleJobsResource;
  /** Public figures of the network; needs no key. */
  readonly network: NetworkResource;
  /** Nodes and, for their operators, their prices and files. */
  readonly nodes: NodesResource;
  /** What can be rented, and what is rented. */
  readonly services: ServicesResource;
  /** What the account rents now, and rented lately. */
  readonly sessions: SessionsResource;
  /**
   * The API by path, fully typed, through openapi-fetch: same key, retries, hooks and exact amounts. An error status
   * comes back as `{ error, response }`; anything else that goes wrong throws as it does everywhere.
   *
   * @example
   * const { data, error } = await client.api.GET('/nodes/{node_id}', { params: { path: { node_id: 42 } } });
   */
  readonly api: OctaApi;

  readonly #caller: Caller;

  /** Throws OctaConfigurationError for a wrong or unknown option, naming it. */
  constructor(options?: OctaClientOptions) {
    const caller = createCaller(resolveOptions(options));
    this.#caller = caller;
    this.accounts = new AccountsResource(caller);
    this.apps = new AppsResource(caller);
    this.idleJobs = new IdleJobsResource(caller);
    this.network = new NetworkResource(caller);
    this.nodes = new NodesResource(caller);
    this.services = new ServicesResource(caller);
    this.sessions = new SessionsResource(caller);
    this.api = caller.api;
  }

  /**
   * A client whose options come from OCTA_* variables; `overrides` win. Variables for the connections of Node need
   * `fetch: nodeFetch.fromEnv()`; a warning names them where they have no effect. Throws OctaConfigurationError for a
   * variable that cannot be read.
   *
   * @example
   * const client = OctaClient.fromEnv({ logLevel: 'info' });
   */
  static fromEnv(overrides: OctaClientOptions = {}): OctaClient {
    // Checked first, for an error over what the caller wrote comes before one over the surroundings.
    resolveOptions(overrides);
    const client = new OctaClient(mergeOptions(optionsFromEnv(), overrides));
    const idle = overrides.fetch === undefined ? nodeVariablesSet() : [];
    if (idle.length > 0) {
      const advice = 'no effect without fetch: nodeFetch.fromEnv() from @octaspace/sdk/node';
      client.#caller.log('warn', `${idle.join(', ')}: ${advice}`);
    }
    return client;
  }

  /** How the base URLs are, what is left for retries, and, with `nodeFetch()`, its connections. */
  transportStats(): TransportStats {
    return this.#caller.stats();
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#caller.closed();
  }

  /**
   * Waits for calls and rentals under way, then closes what the client holds open: the connections of `nodeFetch()`, if it was
   * given one. Calls made later throw OctaConfigurationError. Sessions go on running, and costing money; guards end at once, and
   * say so. So end sessions first, as scopes do that were entered later.
   */
  close(): Promise<void> {
    return this.#caller.close();
  }

  /** The same as `close`, at the end of an `await using` scope. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }
}
