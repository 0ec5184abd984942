/** The states and the log lines of a session, until it ends. */
import type { ServiceInfo, SessionLogs } from '../../../generated/models.ts';
import { type Checks, checkAll, milliseconds, requestChecks } from '../../core/checks.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import { OctaNotFoundError } from '../../errors/errors.ts';
import { type LogLine, LogReader } from '../../leases/log-lines.ts';
import type { LiveSession } from './live-session.ts';
import { Poller } from './polling.ts';

/** Options of `session.watch` and `session.followLogs`. */
export interface WatchOptions extends RequestOptions {
  /** Time between two looks; longer while looking fails. Unit: ms. Default 3 000. */
  readonly pollIntervalMs?: number | undefined;
  /** How long asking may fail before the last error is thrown. Unit: ms; 0 is for ever. Default 120 000. */
  readonly maxSilenceMs?: number | undefined;
}

const watchChecks = {
  ...requestChecks,
  pollIntervalMs: milliseconds,
  maxSilenceMs: milliseconds,
} satisfies Checks<WatchOptions>;

/**
 * How many turns in a row may bring new log lines before the session is asked after all the same: a log that is never the
 * same twice must not hide that the session has ended.
 */
const mostBusyTurns = 5;

const noLogs: SessionLogs = { system: [] };

interface Watch {
  readonly poller: Poller;
  readonly request: RequestOptions;
  /** Throws when the API has been silent for too long. */
  readonly insist: () => void;
}

function begin(session: LiveSession, given: WatchOptions, method: string): Watch {
  checkAll(given, watchChecks, `options of ${method}`);
  const { pollIntervalMs: intervalMs = 3_000, maxSilenceMs = 120_000, ...request } = given;
  const poller = new Poller(session, { operation: method, intervalMs, request });
  const insist = () => {
    if (maxSilenceMs > 0 && poller.failingForMs >= maxSilenceMs) throw poller.lastError;
  };
  return { poller, request, insist };
}

/** `session.watch`. */
export async function* watch(session: LiveSession, given: WatchOptions = {}): AsyncGenerator<ServiceInfo, void, void> {
  const { poller, insist } = begin(session, given, 'watch');
  for (;;) {
    const found = await poller.ask();
    if (found?.info !== undefined) yield found.info;
    if (found?.state === 'ended') return;
    insist();
    await poller.pause();
  }
}

/** The logs as they are; undefined when they cannot be read just now. */
async function logsNow({ calls }: LiveSession, { poller, request }: Watch): Promise<SessionLogs | undefined> {
  try {
    return await calls.logs(request);
  } catch (error) {
    // Whether the session is over is for its state to say.
    return error instanceof OctaNotFoundError ? noLogs : poller.failed(error);
  }
}

/** The logs of a session that has ended; they have to be asked for as such. */
async function lastLogs({ calls }: LiveSession, { poller, request, insist }: Watch): Promise<SessionLogs> {
  for (;;) {
    try {
      return await calls.logs({ ...request, recent: true });
    } catch (error) {
      // Nothing is left to read of a session that nobody knows any more.
      if (error instanceof OctaNotFoundError) return noLogs;
      poller.failed(error);
      insist();
      await poller.pause();
    }
  }
}

/** `session.followLogs`. */
export async function* followLogs(session: LiveSession, given: WatchOptions = {}): AsyncGenerator<LogLine, void, void> {
  const watched = begin(session, given, 'followLogs');
  const { poller, insist } = watched;
  const reader = new LogReader();
  for (let busyTurns = 0; ; ) {
    const logs = await logsNow(session, watched);
    let isBusy = false;
    for (const line of reader.read(logs ?? noLogs)) {
      isBusy = true;
      yield line;
    }
    if (isBusy) busyTurns++;
    const isDue = logs && (!isBusy || busyTurns > mostBusyTurns);
    // New lines show that the session is alive, but not for ever.
    if (isBusy && (!isDue || poller.failingForMs > 0)) poller.heard();
    const found = isDue ? await poller.ask() : undefined;
    if (found?.state === 'ended') break;
    if (found) busyTurns = 0;
    insist();
    await poller.pause();
  }
  yield* reader.read(await lastLogs(session, watched));
  yield* reader.end();
}
