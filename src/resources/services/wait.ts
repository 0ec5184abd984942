/** Waiting until a session can be used. */
import type { ServiceInfo } from '../../../generated/models.ts';
import { aFunction, type Checks, checkAll, milliseconds, requestChecks, requestOptionsOf } from '../../core/checks.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import { OctaSessionError, type SessionFailure } from '../../errors/session-error.ts';
import { Deadline } from './deadline.ts';
import type { LiveSession } from './live-session.ts';
import { Poller } from './polling.ts';
import { isReady } from './state.ts';

/** How a wait, or a rental, is getting on. */
export interface Progress {
  /**
   * What happens: `starting` on a node, `refused` by a node, `adopted` a session whose start got no answer, `waiting` until it
   * is ready, `ready`, `stopping` because it failed.
   */
  readonly step: 'starting' | 'refused' | 'adopted' | 'waiting' | 'ready' | 'stopping';
  /** UUID of the session, once there is one. */
  readonly session?: string;
  /** Node that it is about. */
  readonly node_id?: number;
  /** The session as it was found; absent when it was not asked after, or did not answer. */
  readonly info?: ServiceInfo;
  /** Why a node refused, or why the API could not say how the session is just now. */
  readonly error?: unknown;
  /** Since the wait, or the rental, began. Unit: ms. */
  readonly elapsedMs: number;
}

/** Options of `session.waitUntilReady`. */
export interface WaitOptions extends RequestOptions {
  /** How long to wait. Unit: ms; 0 is no limit. Default 120 000. */
  readonly readyTimeoutMs?: number | undefined;
  /** Time between two looks; longer while looking fails. Unit: ms. Default 3 000. */
  readonly pollIntervalMs?: number | undefined;
  /** Told of every step. What it throws is logged. */
  readonly onProgress?: ((progress: Progress) => void | Promise<void>) | undefined;
}

/** What the options of a wait may be. */
export const waitChecks = {
  ...requestChecks,
  readyTimeoutMs: milliseconds,
  pollIntervalMs: milliseconds,
  onProgress: aFunction,
} satisfies Checks<WaitOptions>;

/** Options of a wait, complete. */
export interface ResolvedWait {
  readonly readyTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly request: RequestOptions;
  readonly report: (step: Omit<Progress, 'elapsedMs'>) => void;
}

/** Completes options of a wait that were checked. */
export function resolveWait(
  given: WaitOptions,
  { time, quietly }: Pick<LiveSession, 'time' | 'quietly'>,
): ResolvedWait {
  const { readyTimeoutMs = 120_000, pollIntervalMs = 3_000, onProgress } = given;
  const startedAt = time.now();
  return {
    readyTimeoutMs: readyTimeoutMs === 0 ? Number.POSITIVE_INFINITY : readyTimeoutMs,
    pollIntervalMs,
    request: requestOptionsOf(given),
    report: (step) => {
      const elapsedMs = time.now() - startedAt;
      if (onProgress !== undefined) quietly('onProgress', () => onProgress({ ...step, elapsedMs }));
    },
  };
}

function failure(
  { calls }: LiveSession,
  reason: SessionFailure & ('timeout' | 'ended'),
  { message, info, cause }: { message: string; info: ServiceInfo | undefined; cause?: unknown },
): OctaSessionError {
  const { uuid } = calls;
  const running = reason === 'ended' ? [] : [uuid];
  const init = { message: `session ${uuid} ${message}`, reason, session: uuid, info, running };
  return new OctaSessionError(cause === undefined ? init : { ...init, cause });
}

function endedError(session: LiveSession, info: ServiceInfo | undefined): OctaSessionError {
  const code = info?.termination_reason;
  const why = code === undefined ? '' : ` (termination_reason ${code})`;
  return failure(session, 'ended', { message: `ended before it was ready${why}`, info });
}

function timeoutError(
  session: LiveSession,
  readyTimeoutMs: number,
  { info, cause }: { info: ServiceInfo | undefined; cause: unknown },
): OctaSessionError {
  const state = info?.progress === undefined ? '' : `; its last progress was ${JSON.stringify(info.progress)}`;
  return failure(session, 'timeout', {
    message: `was not ready within ${readyTimeoutMs} ms (readyTimeoutMs)${state}`,
    info,
    cause,
  });
}

/** Time that is kept for a last look before the end. Unit: ms. */
const lastLookMs = 500;

/** Polls until the session is ready. Throws OctaSessionError when it ended first, or was not ready in time. */
export async function pollUntilReady(
  session: LiveSession,
  operation: string,
  { readyTimeoutMs, pollIntervalMs, request, report }: ResolvedWait,
): Promise<ServiceInfo> {
  const { time, calls, service } = session;
  const deadline = new Deadline(time, readyTimeoutMs);
  const poller = new Poller(session, { operation, intervalMs: pollIntervalMs, request });
  let info: ServiceInfo | undefined;
  for (;;) {
    const found = await poller.ask(deadline);
    if (found?.state === 'ended') throw endedError(session, found.info ?? info);
    info = found?.info ?? info;
    if (found !== undefined && isReady(found.info, service)) {
      report({ step: 'ready', session: calls.uuid, info: found.info });
      return found.info;
    }
    const seen = found === undefined ? { error: poller.lastError } : { info: found.info };
    report({ step: 'waiting', session: calls.uuid, ...seen });
    const untilLastLookMs = deadline.leftMs - Math.min(lastLookMs, readyTimeoutMs / 10);
    if (untilLastLookMs <= 0) throw timeoutError(session, readyTimeoutMs, { info, cause: poller.lastError });
    await poller.pause(Math.min(poller.intervalMs, untilLastLookMs));
  }
}

/** `session.waitUntilReady`. */
export async function waitUntilReady(session: LiveSession, given: WaitOptions = {}): Promise<ServiceInfo> {
  checkAll(given, waitChecks, 'options of waitUntilReady');
  return pollUntilReady(session, 'waitUntilReady', resolveWait(given, session));
}
