/** Follows the log of a job's session until the command has ended. */
import { requestOptionsOf } from '../core/checks.ts';
import { causeText } from '../errors/errors.ts';
import type { Context } from '../leases/context.ts';
import { followLogs } from '../leases/follow.ts';
import type { Lease } from '../leases/lease.ts';
import { endedError, failure } from '../leases/wait.ts';
import type { JobLog } from './job-log.ts';
import type { JobOptions } from './job-options.ts';

/** After this time without a readable log, a warning is logged. Unit: ms. */
const warnAfterMs = 60_000;
/** How long the wrapper may take to begin, once the session is ready. Unit: ms. */
const beginWithinMs = 120_000;
const didNotRun =
  'its log shows no sign of the command; the image needs sh, base64, a writable working directory, and no entrypoint that ignores the command';

/** A job whose session is ready. */
export interface Job {
  readonly options: JobOptions;
  readonly log: JobLog;
  /** Ends the job. */
  readonly signal: AbortSignal | undefined;
}

/** Returns a function that logs one warning if the log of a job cannot be read for a minute. */
function warner({ caller }: Context, { uuid }: Lease): (error: unknown, forMs: number) => void {
  let hasWarned = false;
  return (error, forMs) => {
    if (hasWarned || forMs < warnAfterMs) return;
    hasWarned = true;
    const message = `run: the log of session ${uuid} cannot be read, so the end of its command is unknown; it runs until the limit: ${causeText(error)}`;
    caller.log('warn', message, { session: uuid, error });
  };
}

/** Follows the log until the command has ended. Throws if the session ended, printed nothing for too long, or did not run the command. */
export async function followJob(context: Context, lease: Lease, { options, log, signal }: Job): Promise<void> {
  const { idleTimeoutMs = Number.POSITIVE_INFINITY, pollIntervalMs = 3_000 } = options;
  const { time } = context.caller;
  const readyAt = time.now();
  let heardAt = readyAt;
  // Called only after a successful read: a log that cannot be read does not show that the job is idle.
  const onRead = () => {
    const now = time.now();
    const isStuck = !log.begun && now - readyAt >= beginWithinMs;
    if (!isStuck && now - heardAt < idleTimeoutMs) return;
    const why = isStuck ? didNotRun : `its job printed nothing for ${idleTimeoutMs} ms (idleTimeoutMs)`;
    throw failure(lease, isStuck ? 'not-run' : 'idle', { message: `was stopped: ${why}` });
  };
  // The caller's query and body apply to the start only.
  const request = { ...requestOptionsOf(options), query: undefined, body: undefined, signal };
  const watch = {
    ...request,
    pollIntervalMs: Math.min(pollIntervalMs, idleTimeoutMs / 2),
    // The limits of the lease decide how long a job may take, even if its log cannot be read for a while.
    maxSilenceMs: 0,
  };
  const init = { operation: 'run', options: watch, onRead, onUnread: warner(context, lease) };
  try {
    for await (const line of followLogs(context, lease, init)) {
      if (line.source === 'container') heardAt = time.now();
      log.take(line);
      if (log.exitCode !== undefined) return;
    }
  } catch (error) {
    // Without its log, only the end of the session is known.
    if (!lease.isOver || signal?.aborted) throw error;
    throw endedError(lease, 'its job was done', error);
  }
  throw endedError(lease, 'its job was done');
}
