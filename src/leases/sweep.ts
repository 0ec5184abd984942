/** Stops many sessions, and reports each one that could not be stopped. */
import type { Session } from '../../generated/models.ts';
import {
  aBoolean,
  type Checks,
  checkAll,
  milliseconds,
  oneOf,
  requestChecks,
  requestOptionsOf,
  wholeNumber,
} from '../core/checks.ts';
import type { RequestOptions } from '../core/option-types.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { errorFromReason } from '../errors/from-failure.ts';
import { OctaSessionError, type StopFailure } from '../errors/session-error.ts';
import type { Context } from './context.ts';
import { endLease } from './ending.ts';
import { keyOf } from './identity.ts';
import type { Lease } from './lease.ts';
import { isVpn } from './readiness.ts';

/**
 * Which sessions `sessions.stopAll` stops, and options of its requests. Without a filter, it stops all of them. A filter with the value
 * undefined is an error, because it would silently select all sessions.
 */
export interface StopAllOptions extends RequestOptions {
  /** Only sessions of this service. */
  readonly service?: 'mr' | 'render' | 'vpn';
  /** Only sessions on this node. Unit: identifier. */
  readonly node_id?: number;
  /** Only sessions that have run for at least this long; those without a known duration are left alone. Unit: ms. */
  readonly olderThanMs?: number;
  /** True: stops nothing, and returns what it would stop. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** The result of `sessions.stopAll`. */
export interface StopAllResult {
  /** The sessions that it stopped or, with `dryRun`, would stop, as they were before. */
  readonly stopped: readonly Session[];
}

const checks = {
  ...requestChecks,
  service: oneOf(['mr', 'render', 'vpn']),
  node_id: wholeNumber,
  olderThanMs: milliseconds,
  dryRun: aBoolean,
} satisfies Checks<StopAllOptions>;

/** How many stops run at a time. */
const atOnce = 8;
/** Delay before the second look that confirms that nothing runs. Unit: ms. */
const secondLookMs = 2_000;

/** Throws OctaConfigurationError if a filter is undefined, which would select all sessions. */
function checkFilters(given: StopAllOptions): void {
  checkAll(given, checks, 'options of stopAll');
  const missing = (['service', 'node_id', 'olderThanMs'] as const).find(
    (name) => Object.hasOwn(given, name) && given[name] === undefined,
  );
  if (missing === undefined) return;
  throw new OctaConfigurationError({
    message: `${missing} of stopAll is undefined; set it, or leave it out to stop sessions regardless of it`,
  });
}

function isOf(session: Session, service: string): boolean {
  return session.service === service || (service === 'vpn' && isVpn(session));
}

function isMeant(session: Session, { service, node_id, olderThanMs }: StopAllOptions): boolean {
  // A session without a UUID cannot be stopped.
  if (!session.uuid) return false;
  if (service !== undefined && !isOf(session, service)) return false;
  if (node_id !== undefined && session.node_id !== node_id) return false;
  if (olderThanMs === undefined) return true;
  return session.duration !== undefined && session.duration * 1000 >= olderThanMs;
}

/** Stops each session, but sends no more stops after the caller's abort. Returns the failures, in the order of the sessions. */
async function stopEach(
  context: Context,
  leases: readonly Lease[],
  signal: AbortSignal | undefined,
): Promise<StopFailure[]> {
  const failures = new Map<Lease, StopFailure>();
  const queue = leases.values();
  const work = async (): Promise<void> => {
    // All workers share one queue.
    for (const lease of queue) {
      const stopped = signal?.aborted
        ? Promise.reject(errorFromReason('stopAll', signal.reason, { outcome: 'not-sent' }))
        : endLease(context, lease);
      await stopped.catch((error: unknown) => failures.set(lease, { session: lease.uuid, error }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return leases.flatMap((lease) => failures.get(lease) ?? []);
}

/** The sessions to stop, as they were found, and whether the API lists any of them. */
interface Meant {
  readonly found: readonly { readonly session: Session; readonly lease: Lease }[];
  readonly isListed: boolean;
}

/** Sessions that the API lists, and those that this client has started and the API may not list yet. */
async function findMeant(context: Context, given: StopAllOptions): Promise<Meant> {
  const request = requestOptionsOf(given);
  const { headers } = request;
  const { value } = await context.api.list(false, request);
  context.saw(value);
  const now = context.caller.time.now();
  // The API's record of a session takes precedence over our own.
  const listed = new Set(value.map(({ uuid }) => keyOf(uuid)));
  const own = [...context.held.values()].flatMap(({ key, uuid, facts, isOver }) => {
    const { service = '', nodeId = Number.NaN, startedAt = now } = facts;
    if (isOver || listed.has(key)) return [];
    return [{ uuid, service, node_id: nodeId, duration: (now - startedAt) / 1000 } satisfies Session];
  });
  const meant = new Map<string, Meant['found'][number]>();
  for (const session of [...value, ...own]) {
    const key = keyOf(session.uuid);
    if (!isMeant(session, given) || meant.has(key)) continue;
    meant.set(key, { session, lease: context.leaseOf(session.uuid, { headers }) });
  }
  return { found: [...meant.values()], isListed: value.some((session) => isMeant(session, given)) };
}

/** `sessions.stopAll`. */
export async function stopAll(context: Context, given: StopAllOptions = {}): Promise<StopAllResult> {
  checkFilters(given);
  let meant = await findMeant(context, given);
  if (!meant.isListed) {
    // A single empty list may be wrong.
    await context.caller.time.sleep(secondLookMs, { signal: given.signal }).catch(() => undefined);
    meant = await findMeant(context, given);
  }
  const { found } = meant;
  const stopped = found.map(({ session }) => session);
  if (given.dryRun) return { stopped };
  const leases = found.map(({ lease }) => lease);
  const stopFailures = await stopEach(context, leases, given.signal);
  const [first] = stopFailures;
  if (first === undefined) return { stopped };
  const running = stopFailures.map(({ session }) => session);
  throw new OctaSessionError({
    message: `stopAll: ${running.length} of ${found.length} sessions could not be stopped and may still cost money: ${running.join(', ')}`,
    reason: 'not-stopped',
    session: first.session,
    running,
    stopped: leases.map(({ uuid }) => uuid).filter((uuid) => !running.includes(uuid)),
    stopFailures,
    cause: first.error,
  });
}
