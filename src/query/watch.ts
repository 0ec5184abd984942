/** The query of a session that is asked after until it is ready, or over. */
import type { OctaClient, RequestOptions, ServiceInfo, SessionResource } from '@octaspace/sdk';
import { isNotFound } from '../errors/guards.ts';
import { type Evidence, firstEvidence, isOver as isEnded, isStale, type Sighting, see } from '../leases/evidence.ts';
import { waitAfterFailures } from '../leases/failures.ts';
import { keyOf } from '../leases/identity.ts';
import { isConfigured } from '../leases/readiness.ts';
import { queryOf } from './query.ts';
import { refuse } from './refuse.ts';
import type { OctaQuery, OctaQueryKey, QueryRequestOptions } from './types.ts';

/** Least time between two looks, whatever the caller says. Unit: ms. */
const leastIntervalMs = 50;

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
  readonly evidence: Evidence;
  /** It remembers the letter case in which the API knows the UUID. */
  readonly session: SessionResource;
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

/** Whether the API says that there is no such session, or not any more. */
function isMissing(error: unknown): boolean {
  return isNotFound(error) || Reflect.get(Object(error), 'status') === 410;
}

/** What the lists say: the recent one first, and no more when that shows the end. */
async function askLists(
  client: OctaClient,
  uuid: string,
  options: RequestOptions,
): Promise<Pick<Sighting, 'recent' | 'active'>> {
  const entry = async (recent: boolean) => {
    const sessions = await client.sessions.list({ ...options, recent });
    return sessions.find((session) => keyOf(session.uuid) === keyOf(uuid)) ?? 'absent';
  };
  const recent = await entry(true);
  const isEnd = see(firstEvidence(), { at: 0, recent }).verdict === 'finished';
  return isEnd ? { recent } : { recent, active: await entry(false) };
}

/** Asks for the session, and for the lists when that does not say enough; gives the 404 as well, if that was the answer. */
async function sight(
  client: OctaClient,
  { session, before }: { readonly session: SessionResource; readonly before: Evidence },
  options: RequestOptions,
): Promise<[Sighting, unknown?]> {
  const at = Date.now();
  try {
    const info = await session.info(options);
    // An answer that does not change any more may outlive its session.
    if (!isStale(see(before, { at, info }), at)) return [{ at, info }];
    return [{ at, info, ...(await askLists(client, session.uuid, options)) }];
  } catch (error) {
    if (!isMissing(error)) throw error;
    return [{ at, info: 'missing', ...(await askLists(client, session.uuid, options)) }, error];
  }
}

/** The session as it is; when it has ended, as it is among the recent ones. Throws the 404 when it is nowhere. */
async function look(client: OctaClient, uuid: string, options: RequestOptions): Promise<ServiceInfo> {
  const [looks, key] = [looksOf(client), keyOf(uuid)];
  const known = looks.get(key) ?? { failures: 0, evidence: firstEvidence(), session: client.services.session(uuid) };
  const { failures, evidence: before, session } = known;
  const [sighting, error] = await sight(client, { session, before }, options).catch((thrown: unknown) => {
    // A look that was cancelled says nothing.
    if (!options.signal?.aborted) looks.set(key, { ...known, failures: failures + 1 });
    throw thrown;
  });
  const evidence = see(before, sighting);
  looks.set(key, { failures: 0, evidence, session });
  const found = [sighting.info, sighting.active].find((each) => typeof each === 'object');
  const info = evidence.verdict === 'finished' ? evidence.record : found;
  if (typeof info !== 'object') throw error;
  return info;
}

/** Whether data shows the end by itself, as when it comes from a cache that was kept. */
function hasEnded(data: ServiceInfo): boolean {
  return see(firstEvidence(), { at: 0, info: data }).verdict === 'finished';
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
  const isOver = (data: ServiceInfo): boolean => hasEnded(data) || (until === 'ready' && isConfigured(data, {}));
  return {
    ...queryOf([...key, 'watch'], options, (request) => look(client, uuid, request)),
    refetchInterval: ({ state: { data } }) => {
      const { failures = 0, evidence = firstEvidence() } = looksOf(client).get(keyOf(uuid)) ?? {};
      if (isEnded(evidence) || (data !== undefined && isOver(data))) return false;
      return waitAfterFailures(failures, Math.max(leastIntervalMs, pollIntervalMs));
    },
  };
}
