import { createApi } from './core/api.ts';
import type { OctaApi } from './core/api-types.ts';
import { checkCount } from './core/arguments.ts';
import { callerOf, OctaCore } from './core/octa-core.ts';
import type { OctaClientOptions } from './core/option-types.ts';
import { mergeOptions, resolveOptions } from './core/options.ts';
import { nodeVariablesSet, optionsFromEnv } from './env.ts';
import { AccountsResource } from './resources/accounts.ts';
import { AppsResource } from './resources/apps.ts';
import { IdleJobsResource } from './resources/idle-jobs.ts';
import { LeasesResource } from './resources/leases.ts';
import { NetworkResource } from './resources/network.ts';
import { NodesResource } from './resources/nodes.ts';
import { ServicesResource } from './resources/services/index.ts';
import { SessionsResource } from './resources/sessions.ts';

/**
 * The client for the OctaSpace API. Create one and reuse it; it is safe for concurrent use.
 *
 * @example
 * const client = new OctaClient({ apiKey: process.env.OCTA_API_KEY });
 * const machines = await client.services.mr.available();
 */
export class OctaClient extends OctaCore {
  /** The account that the API key belongs to. */
  readonly accounts: AccountsResource;
  /** Application templates. */
  readonly apps: AppsResource;
  /** Jobs that a node runs while it is not rented. */
  readonly idleJobs: IdleJobsResource;
  /** The leases in the ledger, and what became of their sessions. Requires the option `ledger`. */
  readonly leases: LeasesResource;
  /** Public figures of the network. Requires no API key. */
  readonly network: NetworkResource;
  /** Nodes. Their operators can also change prices and download files. */
  readonly nodes: NodesResource;
  /** Find, rent and use machines, render nodes and VPN relays. */
  readonly services: ServicesResource;
  /** The active and the recent sessions of the account. */
  readonly sessions: SessionsResource;
  /**
   * Fully typed requests by path, through openapi-fetch, with the same key, retries, hooks and exact amounts. An error status
   * returns `{ error, response }`; every other failure throws, as in all methods.
   *
   * @example
   * const { data, error } = await client.api.GET('/nodes/{node_id}', { params: { path: { node_id: 42 } } });
   */
  readonly api: OctaApi;

  /** @throws OctaConfigurationError if an option is wrong or unknown; the message names it. */
  constructor(options?: OctaClientOptions);
  constructor(...given: [OctaClientOptions?]) {
    super(...given);
    this.accounts = new AccountsResource(this);
    this.apps = new AppsResource(this);
    this.idleJobs = new IdleJobsResource(this);
    this.leases = new LeasesResource(this);
    this.network = new NetworkResource(this);
    this.nodes = new NodesResource(this);
    this.services = new ServicesResource(this);
    this.sessions = new SessionsResource(this);
    this.api = createApi(callerOf(this));
  }

  /**
   * Creates a client with options from OCTA_* environment variables; `overrides` take precedence. Variables for the
   * connections of Node require `fetch: nodeFetch.fromEnv()`; without it, a warning lists the ignored ones.
   *
   * @throws OctaConfigurationError if an option or a variable has a value that is not allowed.
   *
   * @example
   * const client = OctaClient.fromEnv({ logLevel: 'info' });
   */
  static fromEnv(overrides?: OctaClientOptions): OctaClient;
  static fromEnv(...given: [OctaClientOptions?]): OctaClient {
    checkCount('OctaClient.fromEnv', given, 1);
    const [overrides = {}] = given;
    // Checked first: an error in the caller's own options is reported before one in the environment.
    resolveOptions(overrides);
    const client = new OctaClient(mergeOptions(optionsFromEnv(), overrides));
    const idle = overrides.fetch === undefined ? nodeVariablesSet() : [];
    if (idle.length > 0) {
      const advice = 'ignored unless you pass fetch: nodeFetch.fromEnv() from @octaspace/sdk/node';
      callerOf(client).log('warn', `${idle.join(', ')}: ${advice}`);
    }
    return client;
  }
}
