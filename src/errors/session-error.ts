import type { ServiceInfo } from '../../generated/models.ts';
import { causeText, OctaError, type OctaErrorInit } from './errors.ts';

/**
 * Why a session could not be had, or not be ended.
 *
 * - `timeout`: it was not ready in time.
 * - `ended`: it ended before it was ready.
 * - `limit`: its lease came to a limit before it was ready, so it was stopped.
 * - `not-stopped`: it could not be stopped; it may still be running, and costing money.
 * - `incomplete`: too few orders of `rentMany` could be rented, so the others were stopped.
 * - `idle`: a job printed nothing for `idleTimeoutMs`, so its session was stopped.
 * - `not-run`: the container did not run the command of a job, so its session was stopped.
 */
export type SessionFailure = 'timeout' | 'ended' | 'limit' | 'not-stopped' | 'incomplete' | 'idle' | 'not-run';

/** One session that could not be stopped, and why. */
export interface StopFailure {
  /** UUID of the session. */
  readonly session: string;
  /** What the last attempt to stop it threw. */
  readonly error: unknown;
}

/** What an {@link OctaSessionError} is made of. */
export interface OctaSessionErrorInit extends OctaErrorInit {
  readonly reason: SessionFailure;
  readonly session: string;
  readonly info?: ServiceInfo | undefined;
  readonly running?: readonly string[];
  readonly stopFailures?: readonly StopFailure[];
  readonly stopped?: readonly string[];
}

/** A session was not ready in time, ended too early, or could not be stopped. */
export class OctaSessionError extends OctaError {
  static override readonly className: string = 'OctaSessionError';
  /**
   * `timeout`: not ready in time. `ended`: ended before it was ready, or before its job was done. `limit`: reached a limit of its lease
   * before that, and was stopped. `not-stopped`: could not be stopped, and may still cost money. `incomplete`: too few orders of
   * `rentMany` succeeded. `idle`: its job printed nothing for too long. `not-run`: the container did not run the command of its job.
   */
  readonly reason: SessionFailure;
  /** UUID of the session; of the first one, when it is about several. */
  readonly session: string;
  /** The last that was heard of it; absent when nothing was. */
  declare readonly info: ServiceInfo | undefined;
  /** UUIDs of sessions that may still be running, and costing money. Stop them. */
  readonly running: readonly string[];
  /** What was tried to stop them, and failed. */
  readonly stopFailures: readonly StopFailure[];
  /** UUIDs of sessions that `stopAll`, or `rentMany`, stopped nevertheless. */
  readonly stopped: readonly string[];

  constructor(init: OctaSessionErrorInit) {
    super({ outcome: 'unknown', ...init });
    this.reason = init.reason;
    this.session = init.session;
    // Whoever prints an error must not print the keys of a VPN, which are in `config`.
    Object.defineProperty(this, 'info', { value: init.info, enumerable: false });
    this.running = init.running ?? [];
    this.stopFailures = init.stopFailures ?? [];
    this.stopped = init.stopped ?? [];
  }

  /** A plain object for logs: everything but the stack, without the API key and without secrets of the session's `config`. */
  override toJSON(): Record<string, unknown> {
    const { info, stopFailures } = this;
    const failures = stopFailures.map(({ session, error }) => ({ session, error: causeText(error) }));
    return { ...super.toJSON(), info: info === undefined ? undefined : stateOf(info), stopFailures: failures };
  }
}

/** What may be logged of a session: how it is, not how to get into it. */
function stateOf({
  uuid,
  service,
  node_id,
  progress,
  is_ready,
  charge_amount,
  termination_reason,
}: ServiceInfo): object {
  const charge = charge_amount?.toString();
  return { uuid, service, node_id, progress, is_ready, charge_amount: charge, termination_reason };
}

/** Says of an error over a session that none is running any more, once that is so. */
export function markStopped(error: OctaSessionError): void {
  Object.assign(error, { running: [] });
}
