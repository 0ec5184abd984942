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
   * Whose data it is: the second part of every key. Give one where keys have to be the same in another process, for rendering on
   * a server or a cache that is kept, and another one for each account: data of the same scope is shared. It must not be, or
   * tell, the API key. Default: text of its own for each client, made at random.
   */
  readonly scope?: string | undefined;
}

/** Queries about one session. */
export interface SessionQueries extends QueryBranch, QueriesOf<SessionResource, 'info' | 'logs'> {
  /** UUID of the session. */
  readonly uuid: string;
  /**
   * The state of the session, asked for every `pollIntervalMs` until it is over or, with `until: 'ready'`, can be used. When it has
   * ended, the data is its record among the recent sessions, with the whole charge. One that is found nowhere, at three looks or
   * more over 60 s, is not asked after any more.
   *
   * @example
   * const { data } = useQuery(queries.services.session(uuid).watch({ pollIntervalMs: 5_000 }));
   */
  watch(options?: WatchQueryOptions): OctaWatchQuery;
}

/** Queries about what can be rented, and what is rented. */
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

/** The reads of a client as queries, at the same places and with the same arguments as its methods. */
export interface OctaQueries extends QueryBranch {
  /** The account that the API key belongs to. */
  readonly accounts: QueryBranch & QueriesOf<AccountsResource, 'get' | 'balance'>;
  /** Templates of applications. */
  readonly apps: QueryBranch & QueriesOf<AppsResource, 'list' | 'get'>;
  /** Jobs that a node runs while nobody rents it. */
  readonly idleJobs: QueryBranch & QueriesOf<IdleJobsResource, 'get' | 'logs'>;
  /** Public figures of the network. */
  readonly network: QueryBranch & QueriesOf<NetworkResource, 'get'>;
  /** Nodes, and files of those that are yours. */
  readonly nodes: QueryBranch & QueriesOf<NodesResource, 'list' | 'get' | 'downloadIdent' | 'downloadLogs'>;
  /** What can be rented, and what is rented. */
  readonly services: ServicesQueries;
  /** What the account rents now, and rented lately. */
  readonly sessions: QueryBranch & QueriesOf<SessionsResource, 'list'>;
}

/** The scope of each client that was given none; forgotten with the client. */
const scopes = new WeakMap<OctaClient, string>();

/** Text that no other client has, in this process or another: a counter would begin anew with each page. It is no secret. */
function scopeOf(client: OctaClient): string {
  const known = scopes.get(client) ?? Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2);
  scopes.set(client, known);
  return known;
}

const resources = ['accounts', 'apps', 'idleJobs', 'network', 'nodes', 'services', 'sessions'] as const;

/** Refuses what is no client. Another copy of the package has another class, so it is known by what it has. */
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
 * Every read of a client as options for TanStack Query 5: for `useQuery` of React, Vue, Solid, Svelte or Angular Query, and for
 * `fetchQuery`, `ensureQueryData`, `getQueryData` of the `QueryClient`. What starts, stops or changes something is no query; make
 * mutations of the client's methods.
 *
 * Clients never share data, unless they are given the same `scope`. Keep the client: another one, although made alike, begins with
 * nothing.
 *
 * @throws OctaConfigurationError without a client, and for a scope that is no text, or empty.
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
