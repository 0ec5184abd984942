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
 * The client. Make one and keep it; it is safe for concurrent use.
 *
 * @example
 * const client = new OctaClient({ apiKey: process.env.OCTA_API_KEY });
 * const machines = await client.services.mr.available();
 */
export class OctaClient extends OctaCore {
  /** The account that the API key belongs to. */
  readonly accounts: AccountsResource;
  /** Templates of applications. */
  readonly apps: AppsResource;
  /** Jobs that a node runs while nobody rents it. */
  readonly idleJobs: IdleJobsResource;
  /** What the ledger has about sessions, and what became of them; needs the option `ledger`. */
  readonly leases: LeasesResource;
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

  /** Throws OctaConfigurationError for a wrong or unknown option, naming it. */
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
   * A client whose options come from OCTA_* variables; `overrides` win. Variables for the connections of Node need
   * `fetch: nodeFetch.fromEnv()`; a warning names them where they have no effect. Throws OctaConfigurationError for a
   * variable that cannot be read.
   *
   * @example
   * const client = OctaClient.fromEnv({ logLevel: 'info' });
   */
  static fromEnv(overrides?: OctaClientOptions): OctaClient;
  static fromEnv(...given: [OctaClientOptions?]): OctaClient {
    checkCount('OctaClient.fromEnv', given, 1);
    const [overrides = {}] = given;
    // Checked first, for an error over what the caller wrote comes before one over the surroundings.
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
