/** The states and the log lines of a session, until it ends. */
import type { ServiceInfo } from '../../../generated/models.ts';
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

/** Reads what is new; says whether the session is over. */
async function readOn(
  { calls }: LiveSession,
  reader: LogReader,
  { poller, request }: Watch,
): Promise<{ readonly lines: readonly LogLine[]; readonly over: boolean }> {
  let lines: readonly LogLine[] = [];
  try {
    lines = reader.read(await calls.logs(request));
  } catch (error) {
    if (!(error instanceof OctaNotFoundError)) {
      poller.failed(error);
      return { lines, over: false };
    }
  }
  if (lines.length > 0) {
    // Where there is something new, the session is not asked after.
    poller.heard();
    return { lines, over: false };
  }
  const found = await poller.ask();
  return { lines, over: found?.state === 'ended' };
}

/** The lines that came last; the log of a session that has ended has to be asked for as such. */
async function readRest({ calls }: LiveSession, reader: LogReader, watched: Watch): Promise<readonly LogLine[]> {
  const { poller, request, insist } = watched;
  for (;;) {
    try {
      return [...reader.read(await calls.logs({ ...request, recent: true })), ...reader.end()];
    } catch (error) {
      // Nothing is left to read of a session that nobody knows any more.
      if (error instanceof OctaNotFoundError) return reader.end();
      poller.failed(error);
      insist();
      await poller.pause();
    }
  }
}

/** `session.followLogs`. */
export async function* followLogs(session: LiveSession, given: WatchOptions = {}): AsyncGenerator<LogLine, void, void> {
  const watched = begin(session, given, 'followLogs');
  const reader = new LogReader();
  for (;;) {
    const { lines, over } = await readOn(session, reader, watched);
    yield* lines;
    if (over) break;
    watched.insist();
    await watched.poller.pause();
  }
  yield* await readRest(session, reader, watched);
}
