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
/** How long to try to read the logs of a session that is over. Unit: ms. */
const lastLogsWithinMs = 120_000;

function logsOf(
  { caller }: Context,
  lease: Lease,
  [recent, given]: [boolean, RequestOptions],
): PromiseLike<SessionLogs> {
  const options = withHeaders(given, lease.facts);
  const call = { ...pathOf(lease), query: recentQuery(recent), options, vital: true };
  return caller.call(getSessionLogs, call, (logs) => logs);
}

/** The final logs; the API returns those of an ended session only with `recent`. Throws if they cannot be read for two minutes. */
async function logsAtEnd({ context, lease, watching }: Following): Promise<SessionLogs> {
  const { watcher, request, insist } = watching;
  const { time } = context.caller;
  const endsAt = time.now() + lastLogsWithinMs;
  for (;;) {
    try {
      return await logsOf(context, lease, [true, request]);
    } catch (error) {
      // The API no longer has logs of this session.
      if (isMissing(error)) return noLogs;
      watcher.failed(error);
      insist();
      if (time.now() >= endsAt) throw error;
      await watcher.pause();
    }
  }
}

/** The current logs; undefined if they cannot be read now. */
async function logsNow({ context, lease, watching, onUnread }: Following): Promise<SessionLogs | undefined> {
  const { watcher, request } = watching;
  try {
    return await logsOf(context, lease, [false, request]);
  } catch (error) {
    // Only the evidence decides whether the session is over.
    if (isMissing(error)) return noLogs;
    watcher.failed(error);
    onUnread?.(error, watcher.failingForMs);
    return undefined;
  }
}

/** How to follow logs, and for which method. */
export interface FollowInit {
  readonly operation?: string;
  readonly options?: WatchOptions | undefined;
  /** Called whenever all lines so far were yielded. An error that it throws ends the generator. */
  readonly onRead?: () => void;
  /** Called whenever the logs cannot be read, with the error and for how long it has been so. Unit: ms. */
  readonly onUnread?: (error: unknown, forMs: number) => void;
}

/** A session whose logs are followed. */
interface Following extends Pick<FollowInit, 'onUnread'> {
  readonly context: Context;
  readonly lease: Lease;
  readonly watching: Watching;
}

/** `session.followLogs`. */
export async function* followLogs(
  context: Context,
  lease: Lease,
  { operation = 'followLogs', options = {}, onRead, ...init }: FollowInit = {},
): AsyncGenerator<LogLine, void, void> {
  const watching = beginWatch(context, lease, [operation, options]);
  const { watcher, insist } = watching;
  const following = { context, lease, watching, ...init };
  const reader = new LogReader();
  try {
    for (let busyTurns = 0; !lease.isOver; ) {
      const logs = await logsNow(following);
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
    yield* reader.read(await logsAtEnd(following));
    yield* reader.end();
  } finally {
    watcher.close();
  }
}
