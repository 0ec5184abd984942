/** Stopping for certain: until the API says that the session is over, or will never say so. */
import { OctaNotFoundError } from '../../errors/errors.ts';
import { OctaSessionError } from '../../errors/session-error.ts';
import { mayPass } from './failures.ts';
import type { LiveSession } from './live-session.ts';

/** How long a clean-up may take, whatever the caller's own limits are. Unit: ms. */
export const stopTimeoutMs = 15_000;
/** Longest wait for one answer, so that a silent API is asked more than once. Unit: ms. */
const oneStopMs = 5_000;
/** First wait between two tries; it doubles. Unit: ms. */
const firstWaitMs = 250;

/**
 * Stops a session within `stopTimeoutMs`; one that is gone is stopped. Throws what the last try threw. It takes no signal: it
 * is what happens when a caller has given up.
 */
export async function stopSurely({ calls, time, over }: LiveSession): Promise<void> {
  const endsAt = time.now() + stopTimeoutMs;
  for (let waitMs = firstWaitMs; ; waitMs *= 2) {
    const left = Math.max(1, endsAt - time.now());
    try {
      await calls.stop({ timeoutMs: Math.min(oneStopMs, left), totalTimeoutMs: left });
      return over();
    } catch (error) {
      if (error instanceof OctaNotFoundError) return over();
      if (!mayPass(error) || time.now() + waitMs >= endsAt) throw error;
    }
    await time.sleep(waitMs);
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
