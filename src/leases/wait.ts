/** Waiting until a session can be used. */
import type { ServiceInfo } from '../../generated/models.ts';
import type { Caller } from '../core/call-types.ts';
import {
  aFunction,
  type Checks,
  checkAll,
  milliseconds,
  oneOf,
  requestChecks,
  requestOptionsOf,
} from '../core/checks.ts';
import type { RequestOptions } from '../core/option-types.ts';
import { errorFromReason } from '../errors/from-failure.ts';
import { OctaSessionError, type SessionFailure } from '../errors/session-error.ts';
import type { Context } from './context.ts';
import type { Lease } from './lease.ts';
import { aProbe, isUsable, isVpn, type Probe, type ReadyWhen, tryProbe } from './readiness.ts';
import { Watcher } from './watcher.ts';

/** One step of a wait or a rental. */
export interface Progress {
  /**
   * What happens: `starting` on a node; `refused` by a node; `adopted`: found the session of a start whose response was lost; `waiting`:
   * not ready yet; `probing`: ready by its state, but the probe failed; `ready`; `stopping` the session because the rental failed.
   */
  readonly step: 'starting' | 'refused' | 'adopted' | 'waiting' | 'probing' | 'ready' | 'stopping';
  /** UUID of the session, once it is known. */
  readonly session?: string;
  /** Node of this step. */
  readonly node_id?: number;
  /** The session as the API returned it; absent if there was no request or no response. */
  readonly info?: ServiceInfo;
  /** Why a node refused, why the request for the session failed, or why a probe failed. */
  readonly error?: unknown;
  /** Time since the wait, or the rental, began. Unit: ms. */
  readonly elapsedMs: number;
}

/** Options of `session.waitUntilReady`. */
export interface WaitOptions extends RequestOptions {
  /** How long to wait. Unit: ms; 0 is no limit. Default 120 000. */
  readonly readyTimeoutMs?: number | undefined;
  /** Time between polls; longer while they fail. Unit: ms. Default 3 000. */
  readonly pollIntervalMs?: number | undefined;
  /**
   * What counts as ready: `usable`, a ready state and the ordered addresses (`ssh_direct`, `ssh_proxy` or `ports_matrix` for `ports`,
   * `urls` for `http_ports`), as far as this client knows the order; or `status`, a ready state alone. Default `usable`.
   */
  readonly ready?: ReadyWhen | undefined;
  /**
   * Tests repeatedly whether the session responds, before it counts as ready: a request to one of its HTTP ports, or a function, such as
   * `tcp(22)` from `@octaspace/sdk/node`. Default: none.
   *
   * @example
   * await session.waitUntilReady({ probe: { http: { port: 8888, path: '/health', status: 200 } } });
   */
  readonly probe?: Probe | undefined;
  /** Called with every step. Errors that it throws are logged. */
  readonly onProgress?: ((progress: Progress) => void | Promise<void>) | undefined;
}

/** Checks of the options of a wait. */
export const waitChecks = {
  ...requestChecks,
  readyTimeoutMs: milliseconds,
  pollIntervalMs: milliseconds,
  ready: oneOf(['usable', 'status']),
  probe: aProbe,
  onProgress: aFunction,
} satisfies Checks<WaitOptions>;

/** Options of a wait, with defaults. */
export interface ResolvedWait {
  readonly readyTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly ready: ReadyWhen;
  readonly probe: Probe | undefined;
  readonly request: RequestOptions;
  readonly report: (step: Omit<Progress, 'elapsedMs'>) => void;
}

/** Adds the defaults to checked options of a wait. */
export function resolveWait(given: WaitOptions, { time, quietly }: Pick<Caller, 'time' | 'quietly'>): ResolvedWait {
  const { readyTimeoutMs = 120_000, pollIntervalMs = 3_000, onProgress, ready = 'usable', probe } = given;
  const startedAt = time.now();
  return {
    readyTimeoutMs: readyTimeoutMs === 0 ? Number.POSITIVE_INFINITY : readyTimeoutMs,
    pollIntervalMs,
    ready,
    probe,
    request: requestOptionsOf(given),
    report: (step) => {
      const elapsedMs = time.now() - startedAt;
      if (onProgress !== undefined) quietly('onProgress', () => onProgress({ ...step, elapsedMs }));
    },
  };
}

/** The error for a session that cannot be used, with its latest record. */
export function failure(
  { uuid, evidence }: Lease,
  reason: SessionFailure,
  { message, cause }: { message: string; cause?: unknown },
): OctaSessionError {
  const running = reason === 'ended' ? [] : [uuid];
  const init = { message: `session ${uuid} ${message}`, reason, session: uuid, info: evidence.record, running };
  return new OctaSessionError(cause === undefined ? init : { ...init, cause });
}

/** The error for a session that ended too early. `before` says what it ended before. */
export function endedError(lease: Lease, before = 'it was ready', cause?: unknown): OctaSessionError {
  const { record: info, verdict } = lease.evidence;
  const code = info?.termination_reason;
  const gone = verdict === 'gone' ? ' (the API no longer has it)' : '';
  const why = code === undefined ? gone : ` (termination_reason ${code})`;
  return failure(lease, 'ended', { message: `ended before ${before}${why}`, cause });
}

function timeoutError(lease: Lease, readyTimeoutMs: number, cause: unknown): OctaSessionError {
  const { record: info } = lease.evidence;
  const state = info?.progress === undefined ? '' : `; its last progress was ${JSON.stringify(info.progress)}`;
  const message = `was not ready within ${readyTimeoutMs} ms (readyTimeoutMs)${state}`;
  return failure(lease, 'timeout', { message, cause });
}

/** Time reserved for a last look before the timeout. Unit: ms. */
const lastLookMs = 500;
/** Time for that look if the process was suspended until after the timeout. Unit: ms. */
const lateLookMs = 5_000;

/** Waits until a session is ready. Throws OctaSessionError if it ends first, or is not ready in time. */
export async function pollUntilReady(
  context: Context,
  lease: Lease,
  { operation, ...wait }: ResolvedWait & { readonly operation: string },
): Promise<ServiceInfo> {
  const { readyTimeoutMs, pollIntervalMs: intervalMs, request } = wait;
  const { time } = context.caller;
  const endsAt = time.now() + readyTimeoutMs;
  const needsInfo = (entry: ServiceInfo) => lease.facts.service === 'vpn' || isVpn(entry);
  const watcher = new Watcher(context, lease, { operation, intervalMs, request, needsInfo });
  try {
    for (;;) {
      const leftMs = endsAt - time.now();
      const found = await watcher.look(leftMs > 0 ? leftMs : lateLookMs);
      if (lease.isOver) throw endedError(lease);
      const ready = await readyNow(context, lease, { info: found?.info, error: watcher.lastError, wait, operation });
      if (ready !== undefined) return ready;
      const untilLastLookMs = endsAt - time.now() - Math.min(lastLookMs, readyTimeoutMs / 10);
      if (untilLastLookMs <= 0) throw timeoutError(lease, readyTimeoutMs, watcher.lastError);
      await watcher.pause(Math.min(watcher.intervalMs, untilLastLookMs));
    }
  } finally {
    watcher.close();
  }
}

/** Returns the session if it can be used now, and reports the step. */
async function readyNow(
  { caller }: Context,
  { uuid: session, facts }: Lease,
  {
    info,
    error,
    wait,
    operation,
  }: { info: ServiceInfo | undefined; error: unknown; wait: ResolvedWait; operation: string },
): Promise<ServiceInfo | undefined> {
  const { ready, probe, report, request } = wait;
  if (info === undefined || !isUsable(info, facts, ready)) {
    report({ step: 'waiting', session, ...(info === undefined ? { error } : { info }) });
    return undefined;
  }
  const probing =
    probe === undefined ? undefined : caller.time.orAborted(tryProbe(probe, info, caller), request.signal);
  const seen = await probing?.catch((reason: unknown) => {
    throw errorFromReason(operation, reason, { outcome: 'unknown' });
  });
  if (seen !== undefined) report({ step: 'probing', session, info, error: seen });
  else report({ step: 'ready', session, info });
  return seen === undefined ? info : undefined;
}

/** `session.waitUntilReady`. */
export async function waitUntilReady(context: Context, lease: Lease, given: WaitOptions = {}): Promise<ServiceInfo> {
  checkAll(given, waitChecks, 'options of waitUntilReady');
  return pollUntilReady(context, lease, { operation: 'waitUntilReady', ...resolveWait(given, context.caller) });
}
