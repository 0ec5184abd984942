/** The query that polls a session until it is ready or over. */
import type { OctaClient, RequestOptions, ServiceInfo, SessionResource } from '@octaspace/sdk';
import { isNotFound } from '../errors/guards.ts';
import { type Evidence, firstEvidence, isOver as isEnded, isStale, type Sighting, see } from '../leases/evidence.ts';
import { waitAfterFailures } from '../leases/failures.ts';
import { keyOf } from '../leases/identity.ts';
import { isConfigured } from '../leases/readiness.ts';
import { queryOf } from './query.ts';
import { refuse } from './refuse.ts';
import type { OctaQuery, OctaQueryKey, QueryRequestOptions } from './types.ts';

/** Minimum time between two polls. Unit: ms. */
const leastIntervalMs = 50;

/** Options of the query `watch` of a session. */
export interface WatchQueryOptions extends QueryRequestOptions {
  /** Time between two polls; longer after failures. Unit: ms; at least 50. Default 3 000. */
  readonly pollIntervalMs?: number | undefined;
  /** When polling stops: when the session has `ended`, or when it is `ready` (or has ended before that). Default `ended`. */
  readonly until?: 'ready' | 'ended' | undefined;
}

/** The part of a query that decides whether to poll again. */
export interface WatchedQuery {
  /** The state of the query. */
  readonly state: { readonly data: ServiceInfo | undefined };
}

/** A query that polls until the session is ready or over. */
export interface OctaWatchQuery extends OctaQuery<ServiceInfo> {
  /** Time until the next poll; false if there is none. Unit: ms. */
  readonly refetchInterval: (query: WatchedQuery) => number | false;
}

/** The results of the polls of one session. */
interface Polls {
  /** Number of consecutive failures. */
  readonly failures: number;
  readonly evidence: Evidence;
  /** Remembers the letter case of the UUID that the API uses. */
  readonly session: SessionResource;
}

/**
 * The results of polls that are not in the data. Stored by client, because adapters create a new query for each rendering.
 */
const allPolls = new WeakMap<OctaClient, Map<string, Polls>>();

function pollsOf(client: OctaClient): Map<string, Polls> {
  const polls = allPolls.get(client) ?? new Map<string, Polls>();
  allPolls.set(client, polls);
  return polls;
}

/** Whether the API says that the session does not exist, or no longer exists. */
function isMissing(error: unknown): boolean {
  return isNotFound(error) || Reflect.get(Object(error), 'status') === 410;
}

/** Reads the recent list and, unless it shows the end, the active list. Returns the entries of the session. */
async function readLists(
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

/** Reads the session, and the lists if that is not enough. Also returns the error if the response was 404. */
async function sight(
  client: OctaClient,
  { session, before }: { readonly session: SessionResource; readonly before: Evidence },
  options: RequestOptions,
): Promise<[Sighting, unknown?]> {
  const at = Date.now();
  try {
    const info = await session.info(options);
    // The API may still return unchanged info after the session has ended.
    if (!isStale(see(before, { at, info }), at)) return [{ at, info }];
    return [{ at, info, ...(await readLists(client, session.uuid, options)) }];
  } catch (error) {
    if (!isMissing(error)) throw error;
    return [{ at, info: 'missing', ...(await readLists(client, session.uuid, options)) }, error];
  }
}

/** Polls the session once. Returns its state or, after its end, its entry in the recent list. Throws the 404 if it is not found. */
async function poll(client: OctaClient, uuid: string, options: RequestOptions): Promise<ServiceInfo> {
  const [polls, key] = [pollsOf(client), keyOf(uuid)];
  const known = polls.get(key) ?? { failures: 0, evidence: firstEvidence(), session: client.services.session(uuid) };
  const { failures, evidence: before, session } = known;
  const [sighting, error] = await sight(client, { session, before }, options).catch((thrown: unknown) => {
    // A cancelled poll does not count as a failure.
    if (!options.signal?.aborted) polls.set(key, { ...known, failures: failures + 1 });
    throw thrown;
  });
  const evidence = see(before, sighting);
  polls.set(key, { failures: 0, evidence, session });
  const found = [sighting.info, sighting.active].find((each) => typeof each === 'object');
  const info = evidence.verdict === 'finished' ? evidence.record : found;
  if (typeof info !== 'object') throw error;
  return info;
}

/** Whether the data itself shows the end, such as data from a persisted cache. */
function hasEnded(data: ServiceInfo): boolean {
  return see(firstEvidence(), { at: 0, info: data }).verdict === 'finished';
}

/** The query `watch` of one session. Throws OctaConfigurationError if `pollIntervalMs` or `until` is wrong. */
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
    ...queryOf([...key, 'watch'], options, (request) => poll(client, uuid, request)),
    refetchInterval: ({ state: { data } }) => {
      const { failures = 0, evidence = firstEvidence() } = pollsOf(client).get(keyOf(uuid)) ?? {};
      if (isEnded(evidence) || (data !== undefined && isOver(data))) return false;
      return waitAfterFailures(failures, Math.max(leastIntervalMs, pollIntervalMs));
    },
  };
}
