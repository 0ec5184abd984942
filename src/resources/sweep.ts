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
import { isVpn } from './services/state.ts';

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

/** What a sweep works with. */
export interface SweepTools {
  readonly active: (options: RequestOptions) => PromiseLike<readonly Session[]>;
  readonly stop: (uuid: string) => Promise<void>;
}

/** Stops each, but begins no more once the caller has given up; gives those that may run on, in their order. */
async function stopEach(
  sessions: readonly Session[],
  stop: SweepTools['stop'],
  signal: AbortSignal | undefined,
): Promise<StopFailure[]> {
  const failures = new Map<string, StopFailure>();
  const queue = sessions.values();
  const work = async (): Promise<void> => {
    // All workers take from one queue.
    for (const { uuid } of queue) {
      const stopped = signal?.aborted
        ? Promise.reject(errorFromReason('stopAll', signal.reason, { outcome: 'not-sent' }))
        : stop(uuid);
      await stopped.catch((error: unknown) => failures.set(uuid, { session: uuid, error }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return sessions.flatMap(({ uuid }) => failures.get(uuid) ?? []);
}

/** `sessions.stopAll`. */
export async function stopAll({ active, stop }: SweepTools, given: StopAllOptions = {}): Promise<StopAllResult> {
  checkFilters(given);
  const meant = (await active(requestOptionsOf(given))).filter((session) => isMeant(session, given));
  if (given.dryRun) return { stopped: meant };
  const stopFailures = await stopEach(meant, stop, given.signal);
  const [first] = stopFailures;
  if (first === undefined) return { stopped: meant };
  const running = stopFailures.map(({ session }) => session);
  throw new OctaSessionError({
    message: `stopAll: ${running.length} of ${meant.length} sessions could not be stopped, and may cost money on: ${running.join(', ')}`,
    reason: 'not-stopped',
    session: first.session,
    running,
    stopped: meant.map(({ uuid }) => uuid).filter((uuid) => !running.includes(uuid)),
    stopFailures,
    cause: first.error,
  });
}
