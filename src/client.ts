import { createCaller } from './core/call.ts';
import type { OctaApi } from './core/openapi.ts';
import type { OctaClientOptions } from './core/option-types.ts';
import { resolveOptions } from './core/options.ts';
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

  /** Throws OctaConfigurationError for a wrong or unknown option, naming it. */
  constructor(options?: OctaClientOptions) {
    const caller = createCaller(resolveOptions(options));
    this.accounts = new AccountsResource(caller);
    this.apps = new AppsResource(caller);
    this.idleJobs = new IdleJobsResource(caller);
    this.network = new NetworkResource(caller);
    this.nodes = new NodesResource(caller);
    this.services = new ServicesResource(caller);
    this.sessions = new SessionsResource(caller);
    this.api = caller.api;
  }
}
