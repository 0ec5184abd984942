import type {
  AccountsResource,
  AppsResource,
  IdleJobsResource,
  MrResource,
  NetworkResource,
  NodesResource,
  OctaClient,
  RenderResource,
  SessionResource,
  SessionsResource,
  VpnResource,
} from '@octaspace/sdk';
import { OctaConfigurationError } from '../errors/errors.ts';
import { branch } from './query.ts';
import { checkCount, refuse } from './refuse.ts';
import type { OctaQueryKey, QueriesOf, QueryBranch } from './types.ts';
import { type OctaWatchQuery, type WatchQueryOptions, watchQuery } from './watch.ts';

/** Options of `octaQueries`. */
export interface OctaQueriesOptions {
  /**
   * The second part of every key. Queries with the same scope share data, so use a different scope for each account. Set it if keys must
   * be the same in another process, for server-side rendering or a persisted cache. It must not contain the API key. Default: a random
   * string for each client.
   */
  readonly scope?: string | undefined;
}

/** Queries about one session. */
export interface SessionQueries extends QueryBranch, QueriesOf<SessionResource, 'info' | 'logs'> {
  /** UUID of the session. */
  readonly uuid: string;
  /**
   * Polls the session every `pollIntervalMs` until it is over or, with `until: 'ready'`, can be used. After its end, the data is its
   * entry in the recent list, with the full charge. Polling also stops if the session is not found in at least three polls over 60 s.
   *
   * @example
   * const { data } = useQuery(queries.services.session(uuid).watch({ pollIntervalMs: 5_000 }));
   */
  watch(options?: WatchQueryOptions): OctaWatchQuery;
}

/** Queries for machines, render nodes, VPN relays and sessions. */
export interface ServicesQueries extends QueryBranch {
  /** Machines. */
  readonly mr: QueryBranch & QueriesOf<MrResource, 'available' | 'find'>;
  /** Render nodes. */
  readonly render: QueryBranch & QueriesOf<RenderResource, 'available' | 'find'>;
  /** VPN relays. */
  readonly vpn: QueryBranch & QueriesOf<VpnResource, 'available' | 'find'>;
  /** One session by its full UUID. */
  session(uuid: string): SessionQueries;
}

/** The read methods of a client as queries, with the same names and arguments. */
export interface OctaQueries extends QueryBranch {
  /** The account that the API key belongs to. */
  readonly accounts: QueryBranch & QueriesOf<AccountsResource, 'get' | 'balance'>;
  /** Application templates. */
  readonly apps: QueryBranch & QueriesOf<AppsResource, 'list' | 'get'>;
  /** Jobs that a node runs while it is not rented. */
  readonly idleJobs: QueryBranch & QueriesOf<IdleJobsResource, 'get' | 'logs'>;
  /** Public figures of the network. */
  readonly network: QueryBranch & QueriesOf<NetworkResource, 'get'>;
  /** Nodes, and files of your own nodes. */
  readonly nodes: QueryBranch & QueriesOf<NodesResource, 'list' | 'get' | 'downloadIdent' | 'downloadLogs'>;
  /** Machines, render nodes, VPN relays and sessions. */
  readonly services: ServicesQueries;
  /** The active and the recent sessions of the account. */
  readonly sessions: QueryBranch & QueriesOf<SessionsResource, 'list'>;
}

/** The default scope of each client. */
const scopes = new WeakMap<OctaClient, string>();

/** A random string, which is unique even across processes and page loads, unlike a counter. It is not a secret. */
function scopeOf(client: OctaClient): string {
  const known = scopes.get(client) ?? Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2);
  scopes.set(client, known);
  return known;
}

const resources = ['accounts', 'apps', 'idleJobs', 'network', 'nodes', 'services', 'sessions'] as const;

/** Throws if it is not a client. Checks the properties, because another copy of the package has another class. */
function checkClient(client: unknown): void {
  const missing = resources.find((name) => typeof Reflect.get(Object(client), name) !== 'object');
  if (missing === undefined) return;
  const isThere = client !== undefined && client !== null;
  refuse('client', isThere ? `of type ${typeof client}, without ${missing}` : client, 'an OctaClient');
}

function servicesQueries(client: OctaClient, key: OctaQueryKey): ServicesQueries {
  const { mr, render, vpn } = client.services;
  const catalogue = { available: 0, find: 0 } as const;
  return {
    key,
    mr: branch([...key, 'mr'], mr, catalogue),
    render: branch([...key, 'render'], render, catalogue),
    vpn: branch([...key, 'vpn'], vpn, catalogue),
    session: (uuid) => {
      const place = { uuid, key: [...key, 'session', uuid] } as const;
      return {
        ...branch(place.key, client.services.session(uuid), { info: 0, logs: 0 }),
        uuid,
        watch: (...given) => {
          checkCount('watch', given, 1);
          return watchQuery(client, place, given[0]);
        },
      };
    },
  };
}

/**
 * The read methods of a client as options for TanStack Query 5: for `useQuery` of React, Vue, Solid, Svelte or Angular Query, and for
 * `fetchQuery`, `ensureQueryData` and `getQueryData` of the `QueryClient`. Methods that start, stop or change something are not
 * included; call them from mutations.
 *
 * Clients share data only if they have the same `scope`. Reuse the client: a new one with the same options starts without cached data.
 *
 * @throws OctaConfigurationError if `client` is not a client, or `scope` is not a non-empty string.
 * @example
 * const queries = octaQueries(client);
 * const { data } = useQuery(queries.nodes.list({ country: 'DE' }));
 * await queryClient.invalidateQueries({ queryKey: queries.nodes.key });
 */
export function octaQueries(client: OctaClient, { scope }: OctaQueriesOptions = {}): OctaQueries {
  checkClient(client);
  if (scope !== undefined && (typeof scope !== 'string' || scope === '')) {
    throw new OctaConfigurationError({ message: 'scope must be a non-empty string' });
  }
  const key: OctaQueryKey = ['octaspace', scope ?? scopeOf(client)];
  return {
    key,
    accounts: branch([...key, 'accounts'], client.accounts, { get: 0, balance: 0 }),
    apps: branch([...key, 'apps'], client.apps, { list: 0, get: 1 }),
    idleJobs: branch([...key, 'idleJobs'], client.idleJobs, { get: 2, logs: 2 }),
    network: branch([...key, 'network'], client.network, { get: 0 }),
    nodes: branch([...key, 'nodes'], client.nodes, { list: 0, get: 1, downloadIdent: 1, downloadLogs: 1 }),
    services: servicesQueries(client, [...key, 'services']),
    sessions: branch([...key, 'sessions'], client.sessions, { list: 0 }),
  };
}
