/** The query of a session that is asked after until it is ready, or over. */
import type { OctaClient, RequestOptions, ServiceInfo } from '@octaspace/sdk';
import { isNotFound } from '../errors/guards.ts';
import {
  isGone,
  leastIntervalMs,
  lookAround,
  type Missing,
  missedAgain,
  waitAfterFailures,
} from '../resources/services/looks.ts';
import { hasEnded, isReady } from '../resources/services/state.ts';
import { queryOf } from './query.ts';
import { refuse } from './refuse.ts';
import type { OctaQuery, OctaQueryKey, QueryRequestOptions } from './types.ts';

/** Options of the query `watch` of a session. */
export interface WatchQueryOptions extends QueryRequestOptions {
  /** Time between two looks, longer while they fail. Unit: ms; at least 50. Default 3 000. */
  readonly pollIntervalMs?: number | undefined;
  /** What ends the looks: that the session is `ended`, or that it is `ready` (or has ended before). Default `ended`. */
  readonly until?: 'ready' | 'ended' | undefined;
}

/** What is known about a query, for the decision whether to ask again. */
export interface WatchedQuery {
  /** What is known of it. */
  readonly state: { readonly data: ServiceInfo | undefined };
}

/** A query that asks again by itself, until there is nothing more to see. */
export interface OctaWatchQuery extends OctaQuery<ServiceInfo> {
  /** Time until the next look; false when there is none. Unit: ms. */
  readonly refetchInterval: (query: WatchedQuery) => number | false;
}

/** What the last looks at one session have come to. */
interface Looks {
  /** Failures in a row. Unit: count. */
  readonly failures: number;
  readonly missing: Missing | undefined;
  readonly over: boolean;
}

/**
 * What looks have come to, where that is not in the data. It is kept with the client, because adapters make the query anew at each
 * rendering.
 */
const allLooks = new WeakMap<OctaClient, Map<string, Looks>>();

function looksOf(client: OctaClient): Map<string, Looks> {
  const looks = allLooks.get(client) ?? new Map<string, Looks>();
  allLooks.set(client, looks);
  return looks;
}

async function search(client: OctaClient, uuid: string, options: RequestOptions) {
  try {
    return { state: 'alive', info: await client.services.session(uuid).info(options) } as const;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const found = await lookAround(uuid, (recent) => client.sessions.list({ ...options, recent }));
    return found ?? ({ state: 'nowhere', error } as const);
  }
}

/** The session as it is; when it has ended, as it is among the recent ones. Throws the 404 when it is nowhere. */
async function look(client: OctaClient, uuid: string, options: RequestOptions): Promise<ServiceInfo> {
  const looks = looksOf(client);
  const before = looks.get(uuid);
  const note = (change: Partial<Looks>) => looks.set(uuid, { failures: 0, missing: undefined, over: false, ...change });
  const found = await search(client, uuid, options).catch((error: unknown) => {
    // A look that was cancelled says nothing.
    if (!options.signal?.aborted) note({ failures: (before?.failures ?? 0) + 1 });
    throw error;
  });
  if (found.state === 'nowhere') {
    const missing = missedAgain(before?.missing, Date.now());
    note({ missing, over: isGone(missing, Date.now()) });
    throw found.error;
  }
  note({ over: found.state === 'ended' });
  return found.info;
}

/** The query `watch` of one session. Throws OctaConfigurationError for a wrong interval, or a wrong end. */
export function watchQuery(
  client: OctaClient,
  { uuid, key }: { readonly uuid: string; readonly key: OctaQueryKey },
  { pollIntervalMs = 3_000, until = 'ended', ...options }: WatchQueryOptions = {},
): OctaWatchQuery {
  if (!(Number.isFinite(pollIntervalMs) && pollIntervalMs >= 0))
    refuse('pollIntervalMs', pollIntervalMs, 'a number of milliseconds, 0 or more');
  if (until !== 'ready' && until !== 'ended') refuse('until', until, 'ready or ended');
  const isOver = (data: ServiceInfo): boolean => hasEnded(data) || (until === 'ready' && isReady(data, undefined));
  return {
    ...queryOf([...key, 'watch'], options, (request) => look(client, uuid, request)),
    refetchInterval: ({ state: { data } }) => {
      const { failures = 0, over = false } = looksOf(client).get(uuid) ?? {};
      if (over || (data !== undefined && isOver(data))) return false;
      return waitAfterFailures(failures, Math.max(leastIntervalMs, pollIntervalMs));
    },
  };
}
