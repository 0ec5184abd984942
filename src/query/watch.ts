/** The query of a session that is asked after until it is ready, or over. */
import type { OctaClient, RequestOptions, ServiceInfo } from '@octaspace/sdk';
import { OctaConfigurationError } from '../errors/errors.ts';
import { isNotFound } from '../errors/guards.ts';
import { hasEnded, isReady } from '../resources/services/state.ts';
import { queryOf } from './query.ts';
import type { OctaQuery, OctaQueryKey, QueryRequestOptions } from './types.ts';

/** Options of the query `watch` of a session. */
export interface WatchQueryOptions extends QueryRequestOptions {
  /** Time between two looks. Unit: ms; at least 50. Default 3 000. */
  readonly pollIntervalMs?: number | undefined;
  /** What ends the looks: that the session is `ended`, or that it is `ready` (or has ended before). Default `ended`. */
  readonly until?: 'ready' | 'ended' | undefined;
}

/** What is known about a query, for the decision whether to ask again. */
export interface WatchedQuery {
  readonly state: {
    readonly data: ServiceInfo | undefined;
    readonly error: unknown;
    /** When the last data came. Unit: Unix ms; 0 for never. */
    readonly dataUpdatedAt: number;
    /** When the last error came. Unit: Unix ms; 0 for never. */
    readonly errorUpdatedAt: number;
    /** How many errors there were. Unit: count. */
    readonly errorUpdateCount: number;
  };
}

/** A query that asks again by itself, until there is nothing more to see. */
export interface OctaWatchQuery extends OctaQuery<ServiceInfo> {
  /** Time until the next look; false when there is none. Unit: ms. */
  readonly refetchInterval: (query: WatchedQuery) => number | false;
}

/** Least time between two looks. Unit: ms. */
const leastIntervalMs = 50;
/** How often, and for how long, a session must be missing to count as gone: a new one takes a moment to appear. */
const missesBelieved = 3;
const missingForMs = 10_000;

function isGone({ error, errorUpdateCount, errorUpdatedAt, dataUpdatedAt }: WatchedQuery['state']): boolean {
  return isNotFound(error) && errorUpdateCount >= missesBelieved && errorUpdatedAt - dataUpdatedAt >= missingForMs;
}

function refuse(name: string, value: unknown, allowed: string): never {
  throw new OctaConfigurationError({ message: `${name} is ${String(value)}; allowed: ${allowed}` });
}

/** The session as it is; when it has ended, as it is among the recent ones. */
async function look(client: OctaClient, uuid: string, options: RequestOptions): Promise<ServiceInfo> {
  try {
    return await client.services.session(uuid).info(options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const recent = await client.sessions.list({ ...options, recent: true });
    const ended = recent.find((session) => session.uuid === uuid);
    if (ended === undefined) throw error;
    return ended;
  }
}

/** The query `watch` of one session. Throws OctaConfigurationError for a wrong interval, or a wrong end. */
export function watchQuery(
  client: OctaClient,
  { uuid, key }: { readonly uuid: string; readonly key: OctaQueryKey },
  { pollIntervalMs = 3_000, until = 'ended', ...options }: WatchQueryOptions = {},
): OctaWatchQuery {
  // Not those of `core/checks.ts`, which bring the checks of the client along.
  if (!(Number.isFinite(pollIntervalMs) && pollIntervalMs >= 0))
    refuse('pollIntervalMs', pollIntervalMs, 'a number of milliseconds, 0 or more');
  if (until !== 'ready' && until !== 'ended') refuse('until', until, 'ready or ended');
  const isOver = ({ data }: WatchedQuery['state']): boolean =>
    data !== undefined && (hasEnded(data) || (until === 'ready' && isReady(data, undefined)));
  return {
    ...queryOf([...key, 'watch'], options, (request) => look(client, uuid, request)),
    refetchInterval: ({ state }) =>
      isOver(state) || isGone(state) ? false : Math.max(leastIntervalMs, pollIntervalMs),
  };
}
