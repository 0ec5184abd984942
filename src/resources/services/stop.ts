/** Stopping for certain: until the API says that the session is over, or time is up. */
import { OctaNotFoundError } from '../../errors/errors.ts';
import { OctaSessionError } from '../../errors/session-error.ts';
import { Deadline } from './deadline.ts';
import type { LiveSession } from './live-session.ts';

/** How long a clean-up may take, whatever the caller's own limits are. Unit: ms. */
const stopTimeoutMs = 15_000;
/** Longest wait for one answer, so that a silent API is asked more than once. Unit: ms. */
const oneStopMs = 5_000;
/** How long a new session may take to be known everywhere; until then a 404 does not say that it is gone. Unit: ms. */
const appearsWithinMs = 10_000;
/** First wait between two tries, which doubles, and the longest. Unit: ms. */
const firstWaitMs = 250;
const longestWaitMs = 2_000;

/**
 * Stops a session within `stopTimeoutMs`; one that is gone is stopped, unless it was started just now. Whatever fails is tried again, because not stopping costs
 * money; throws what the last try threw. It is what happens when a caller has given up; only its own signal ends it early.
 */
export async function stopSurely(session: LiveSession, signal?: AbortSignal): Promise<void> {
  const { calls, time, over, ended, startedAt = Number.NEGATIVE_INFINITY } = session;
  const deadline = new Deadline(time, stopTimeoutMs);
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      await calls.stop(deadline.bound({}, oneStopMs));
      return over();
    } catch (error) {
      const believed = time.now() - startedAt >= appearsWithinMs;
      if (error instanceof OctaNotFoundError && (believed || deadline.leftMs <= waitMs)) return over();
      if (ended() || deadline.leftMs <= waitMs) throw error;
    }
    await time.sleep(waitMs, { signal });
  }
}

/** The error for a session that goes on although it should not. `cause` is why it should have been stopped, if it failed. */
export function notStoppedError(session: string, stopError: unknown, cause: unknown = stopError): OctaSessionError {
  return new OctaSessionError({
    message: `session ${session} could not be stopped; it may still be running, and costing money`,
    reason: 'not-stopped',
    session,
    running: [session],
    stopFailures: [{ session, error: stopError }],
    cause,
  });
}
