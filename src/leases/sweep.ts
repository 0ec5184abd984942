/** Stopping many sessions, and hearing of each that goes on. */
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
 * Which sessions `sessions.stopAll` stops, together with the options of its calls. Without any filter: all of them; a filter that is
 * undefined is refused, lest it be one by accident.
 */
export interface StopAllOptions extends RequestOptions {
  /** Only those of this service. */
  readonly service?: 'mr' | 'render' | 'vpn';
  /** Only those on this node. Unit: identifier. */
  readonly node_id?: number;
  /** Only those that have been running at least as long; one that does not say how long it has been is left alone. Unit: ms. */
  readonly olderThanMs?: number;
  /** True: stops nothing, and says what it would stop. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** What `sessions.stopAll` did. */
export interface StopAllResult {
  /** The sessions that were stopped or, with `dryRun`, would have been, as they were before. */
  readonly stopped: readonly Session[];
}

const checks = {
  ...requestChecks,
  service: oneOf(['mr', 'render', 'vpn']),
  node_id: wholeNumber,
  olderThanMs: milliseconds,
  dryRun: aBoolean,
} satisfies Checks<StopAllOptions>;

/** How many stops are under way at a time. */
const atOnce = 8;
/** When to look again before it is believed that nothing runs. Unit: ms. */
const secondLookMs = 2_000;

/** A filter that turns out to be undefined would make all sessions of some. Throws OctaConfigurationError. */
function checkFilters(given: StopAllOptions): void {
  checkAll(given, checks, 'options of stopAll');
  const missing = (['service', 'node_id', 'olderThanMs'] as const).find(
    (name) => Object.hasOwn(given, name) && given[name] === undefined,
  );
  if (missing === undefined) return;
  throw new OctaConfigurationError({
    message: `${missing} is undefined; leave it out to stop sessions whatever theirs is`,
  });
}

function isOf(session: Session, service: string): boolean {
  return session.service === service || (service === 'vpn' && isVpn(session));
}

function isMeant(session: Session, { service, node_id, olderThanMs }: StopAllOptions): boolean {
  // Nobody can stop what has no name.
  if (!session.uuid) return false;
  if (service !== undefined && !isOf(session, service)) return false;
  if (node_id !== undefined && session.node_id !== node_id) return false;
  if (olderThanMs === undefined) return true;
  return session.duration !== undefined && session.duration * 1000 >= olderThanMs;
}

/** Stops each, but begins no more once the caller has given up; gives those that may run on, in their order. */
async function stopEach(
  context: Context,
  leases: readonly Lease[],
  signal: AbortSignal | undefined,
): Promise<StopFailure[]> {
  const failures = new Map<Lease, StopFailure>();
  const queue = leases.values();
  const work = async (): Promise<void> => {
    // All workers take from one queue.
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

/** Sessions of a sweep, as they are known before it, and whether the API has listed any of them. */
interface Meant {
  readonly found: readonly { readonly session: Session; readonly lease: Lease }[];
  readonly isListed: boolean;
}

/** Sessions that the API lists, and those that this client has started, which it may not list yet. */
async function findMeant(context: Context, given: StopAllOptions): Promise<Meant> {
  const request = requestOptionsOf(given);
  const { headers } = request;
  const { value } = await context.api.list(false, request);
  context.saw(value);
  const now = context.caller.time.now();
  // What the API says of a session goes before what is known of it here.
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
    // One empty list among full ones must not pass for the truth.
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
    message: `stopAll: ${running.length} of ${found.length} sessions could not be stopped, and may cost money: ${running.join(', ')}`,
    reason: 'not-stopped',
    session: first.session,
    running,
    stopped: leases.map(({ uuid }) => uuid).filter((uuid) => !running.includes(uuid)),
    stopFailures,
    cause: first.error,
  });
}
