/** Polls a session until it ends. */
import type { ServiceInfo } from '../../generated/models.ts';
import { type Checks, checkAll, milliseconds, requestChecks, requestOptionsOf } from '../core/checks.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { Context } from './context.ts';
import type { Lease } from './lease.ts';
import { Watcher } from './watcher.ts';

/** Options of `session.watch` and `session.followLogs`. */
export interface WatchOptions extends RequestOptions {
  /** Time between polls; longer while they fail. Unit: ms. Default 3 000. */
  readonly pollIntervalMs?: number | undefined;
  /**
   * How long polls may fail before the last error is thrown. Unit: ms; 0 is no limit, except that the logs of a session that is over are
   * tried for two minutes. Default 120 000.
   */
  readonly maxSilenceMs?: number | undefined;
}

const watchChecks = {
  ...requestChecks,
  pollIntervalMs: milliseconds,
  maxSilenceMs: milliseconds,
} satisfies Checks<WatchOptions>;

/** A watch in progress. */
export interface Watching {
  readonly watcher: Watcher;
  readonly request: RequestOptions;
  /** Throws the last error if polls have failed for `maxSilenceMs`. */
  readonly insist: () => void;
}

/** Begins to watch a session. The caller must close the watcher. */
export function beginWatch(context: Context, lease: Lease, [operation, given]: [string, WatchOptions]): Watching {
  checkAll(given, watchChecks, `options of ${operation}`);
  const { pollIntervalMs: intervalMs = 3_000, maxSilenceMs = 120_000 } = given;
  const request = requestOptionsOf(given);
  const watcher = new Watcher(context, lease, { operation, intervalMs, request });
  const insist = () => {
    if (maxSilenceMs > 0 && watcher.failingForMs >= maxSilenceMs) throw watcher.lastError;
  };
  return { watcher, request, insist };
}

/** `session.watch`. */
export async function* watch(
  context: Context,
  lease: Lease,
  given: WatchOptions = {},
): AsyncGenerator<ServiceInfo, void, void> {
  const { watcher, insist } = beginWatch(context, lease, ['watch', given]);
  try {
    for (;;) {
      const found = await watcher.look();
      if (found?.info !== undefined) yield found.info;
      if (lease.isOver) return;
      insist();
      await watcher.pause();
    }
  } finally {
    watcher.close();
  }
}
