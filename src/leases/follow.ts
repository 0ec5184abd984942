/** Follows the logs of a session line by line. */
import type { SessionLogs } from '../../generated/models.ts';
import { getSessionLogs } from '../../generated/operations.ts';
import type { RequestOptions } from '../core/option-types.ts';
import { isMissing, pathOf, recentQuery } from './api.ts';
import type { Context } from './context.ts';
import { type Lease, withHeaders } from './lease.ts';
import { type LogLine, LogReader } from './log-lines.ts';
import { beginWatch, type Watching, type WatchOptions } from './watch.ts';

const noLogs: SessionLogs = { system: [], container: '' };
/** After this many consecutive polls with new lines, the next one also looks at the session. Unit: count. */
const mostBusyTurns = 5;

function logsOf(
  { caller }: Context,
  lease: Lease,
  [recent, given]: [boolean, RequestOptions],
): PromiseLike<SessionLogs> {
  const options = withHeaders(given, lease.facts);
  const call = { ...pathOf(lease), query: recentQuery(recent), options, vital: true };
  return caller.call(getSessionLogs, call, (logs) => logs);
}

/** The final logs; the API returns those of an ended session only with `recent`. */
async function logsAtEnd(context: Context, lease: Lease, watching: Watching): Promise<SessionLogs> {
  const { watcher, request, insist } = watching;
  for (;;) {
    try {
      return await logsOf(context, lease, [true, request]);
    } catch (error) {
      // The API no longer has logs of this session.
      if (isMissing(error)) return noLogs;
      watcher.failed(error);
      insist();
      await watcher.pause();
    }
  }
}

/** The current logs; undefined if they cannot be read now. */
async function logsNow(
  context: Context,
  lease: Lease,
  { watcher, request }: Watching,
): Promise<SessionLogs | undefined> {
  try {
    return await logsOf(context, lease, [false, request]);
  } catch (error) {
    // Only the evidence decides whether the session is over.
    return isMissing(error) ? noLogs : watcher.failed(error);
  }
}

/** How to follow logs, and for which method. */
export interface FollowInit {
  readonly operation?: string;
  readonly options?: WatchOptions | undefined;
  /** Called whenever all lines so far were yielded. An error that it throws ends the generator. */
  readonly onRead?: () => void;
}

/** `session.followLogs`. */
export async function* followLogs(
  context: Context,
  lease: Lease,
  { operation = 'followLogs', options = {}, onRead }: FollowInit = {},
): AsyncGenerator<LogLine, void, void> {
  const watching = beginWatch(context, lease, [operation, options]);
  const { watcher, insist } = watching;
  const reader = new LogReader();
  try {
    for (let busyTurns = 0; !lease.isOver; ) {
      const logs = await logsNow(context, lease, watching);
      let isBusy = false;
      for (const line of reader.read(logs ?? noLogs)) {
        isBusy = true;
        yield line;
      }
      if (logs !== undefined) onRead?.();
      if (isBusy) busyTurns++;
      const isDue = logs && (!isBusy || busyTurns > mostBusyTurns);
      // New lines show that the session is alive, but only for a limited number of polls.
      if (isBusy && (!isDue || watcher.failingForMs > 0)) watcher.heard();
      const found = isDue ? await watcher.look() : undefined;
      if (lease.isOver) break;
      if (found) busyTurns = 0;
      insist();
      await watcher.pause();
    }
    yield* reader.read(await logsAtEnd(context, lease, watching));
    yield* reader.end();
  } finally {
    watcher.close();
  }
}
