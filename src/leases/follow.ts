/** The lines of a session's logs as they come. */
import type { SessionLogs } from '../../generated/models.ts';
import { getSessionLogs } from '../../generated/operations.ts';
import type { RequestOptions } from '../core/option-types.ts';
import { isMissing, recentQuery } from './api.ts';
import type { Context } from './context.ts';
import { type Lease, withHeaders } from './lease.ts';
import { type LogLine, LogReader } from './log-lines.ts';
import { beginWatch, type Watching, type WatchOptions } from './watch.ts';
import type { Watcher } from './watcher.ts';

/** A log that changes all the time must not hide that its session has ended. Unit: ms. */
const lookAtLeastMs = 15_000;

function logsOf(
  { caller }: Context,
  lease: Lease,
  [recent, given]: [boolean, RequestOptions],
): PromiseLike<SessionLogs> {
  const options = withHeaders(given, lease.facts);
  const call = { path: { uuid: lease.uuid }, query: recentQuery(recent), options, vital: true };
  return caller.call(getSessionLogs, call, (logs) => logs);
}

/** The lines that came last; the log of a session that has ended has to be asked for as such. */
async function logsAtEnd(context: Context, lease: Lease, watching: Watching): Promise<SessionLogs | undefined> {
  const { watcher, request, insist } = watching;
  for (;;) {
    try {
      return await logsOf(context, lease, [true, request]);
    } catch (error) {
      // Nothing is left to read of a session that nobody knows any more.
      if (isMissing(error)) return undefined;
      watcher.failed(error);
      insist();
      await watcher.pause();
    }
  }
}

/** Logs, or none when they cannot be had just now. */
async function readable(logs: PromiseLike<SessionLogs>, watcher: Watcher): Promise<SessionLogs> {
  try {
    return await logs;
  } catch (error) {
    if (!isMissing(error)) watcher.failed(error);
    return { system: [], container: '' };
  }
}

/** `session.followLogs`. */
export async function* followLogs(
  context: Context,
  lease: Lease,
  given: WatchOptions = {},
): AsyncGenerator<LogLine, void, void> {
  const watching = beginWatch(context, lease, ['followLogs', given]);
  const { watcher, request, insist } = watching;
  const reader = new LogReader();
  const { time } = context.caller;
  let lookedAt = time.now();
  try {
    while (!lease.isOver) {
      let isNew = false;
      for (const line of reader.read(await readable(logsOf(context, lease, [false, request]), watcher))) {
        isNew = true;
        yield line;
      }
      // Where there is something new, the session need not be asked after each time.
      if (isNew) watcher.heard();
      if (!isNew || time.now() - lookedAt >= lookAtLeastMs) {
        lookedAt = time.now();
        await watcher.look();
      }
      if (lease.isOver) break;
      insist();
      await watcher.pause();
    }
    const rest = await logsAtEnd(context, lease, watching);
    if (rest !== undefined) yield* reader.read(rest);
    yield* reader.end();
  } finally {
    watcher.close();
  }
}
