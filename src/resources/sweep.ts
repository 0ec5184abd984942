/** Stopping many sessions, and hearing of each that goes on. */
import type { Session } from '../../generated/models.ts';
import { aBoolean, type Checks, checkAll, milliseconds, requestChecks, someText, wholeNumber } from '../core/checks.ts';
import type { RequestOptions } from '../core/option-types.ts';
import { OctaSessionError, type StopFailure } from '../errors/session-error.ts';

/** Which sessions `sessions.stopAll` stops, together with the options of its calls. Without any filter: all of them. */
export interface StopAllOptions extends RequestOptions {
  /** Only those of this service: `mr`, `render` or `vpn`. */
  readonly service?: string | undefined;
  /** Only those on this node. Unit: identifier. */
  readonly node_id?: number | undefined;
  /** Only those that have been running at least as long; one that does not say how long it has been is left alone. Unit: ms. */
  readonly olderThanMs?: number | undefined;
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
  service: someText,
  node_id: wholeNumber,
  olderThanMs: milliseconds,
  dryRun: aBoolean,
} satisfies Checks<StopAllOptions>;

/** How many stops are under way at a time. */
const atOnce = 8;

function isMeant(session: Session, { service, node_id, olderThanMs }: StopAllOptions): boolean {
  if (service !== undefined && session.service !== service) return false;
  if (node_id !== undefined && session.node_id !== node_id) return false;
  if (olderThanMs === undefined) return true;
  return session.duration !== undefined && session.duration * 1000 >= olderThanMs;
}

/** What a sweep works with. */
export interface SweepTools {
  readonly active: (options: RequestOptions) => PromiseLike<readonly Session[]>;
  readonly stop: (uuid: string) => Promise<void>;
}

async function stopEach(sessions: readonly Session[], stop: SweepTools['stop']): Promise<StopFailure[]> {
  const failures: StopFailure[] = [];
  const queue = sessions.values();
  const work = async (): Promise<void> => {
    // All workers take from one queue.
    for (const { uuid } of queue) {
      await stop(uuid).catch((error: unknown) => failures.push({ session: uuid, error }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failures;
}

/** `sessions.stopAll`. */
export async function stopAll({ active, stop }: SweepTools, given: StopAllOptions = {}): Promise<StopAllResult> {
  checkAll(given, checks, 'options of stopAll');
  const { service: _, node_id: __, olderThanMs: ___, dryRun = false, ...options } = given;
  const meant = (await active(options)).filter((session) => isMeant(session, given));
  if (dryRun) return { stopped: meant };
  const stopFailures = await stopEach(meant, stop);
  const [first] = stopFailures;
  if (first === undefined) return { stopped: meant };
  const running = stopFailures.map(({ session }) => session);
  throw new OctaSessionError({
    message: `stopAll: ${running.length} of ${meant.length} sessions could not be stopped, and may cost money on: ${running.join(', ')}`,
    reason: 'not-stopped',
    session: first.session,
    running,
    stopFailures,
    cause: first.error,
  });
}
