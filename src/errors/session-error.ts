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
 * - `total-spend`: it could have passed `maxTotalSpend` of the client, so it was not started.
 */
export type SessionFailure =
  | 'timeout'
  | 'ended'
  | 'limit'
  | 'not-stopped'
  | 'incomplete'
  | 'idle'
  | 'not-run'
  | 'total-spend';

/** What the sessions of a client have cost, and may still cost, within the window of `maxTotalSpend`. */
export interface TotalSpending {
  /** `maxTotalSpend` of the client. Unit: Wei. */
  readonly limit: bigint;
  /** Its window. Unit: ms. */
  readonly windowMs: number;
  /** What sessions have cost: those that ended within the window, and those that run. Unit: Wei. */
  readonly spent: bigint;
  /** What sessions that run, or that may have been started, may cost in addition. Unit: Wei. */
  readonly reserved: bigint;
  /** What further sessions may cost: the limit without the other two, 0 or more. Unit: Wei. */
  readonly left: bigint;
}

/** Why a start was refused by `maxTotalSpend`. */
export interface TotalSpendRefusal extends TotalSpending {
  /** What all sessions of the call may have cost. Unit: Wei. */
  readonly wanted: bigint;
  /** When so much will be left even if what runs now runs on; undefined if sessions have to end for it. Unit: ms from now. */
  readonly freesInMs: number | undefined;
}

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
  readonly totalSpend?: TotalSpendRefusal;
}

/** A session was not ready in time, ended too early, could not be stopped, or could have cost too much. */
export class OctaSessionError extends OctaError {
  static override readonly className: string = 'OctaSessionError';
  /**
   * `timeout`: not ready in time. `ended`: ended before it was ready, or before its job was done. `limit`: reached a limit of its lease
   * before that, and was stopped. `not-stopped`: could not be stopped, and may still cost money. `incomplete`: too few orders of
   * `rentMany` succeeded. `idle`: its job printed nothing for too long. `not-run`: the container did not run the command of its job.
   * `total-spend`: could have passed `maxTotalSpend` of the client, so nothing was started.
   */
  readonly reason: SessionFailure;
  /** UUID of the session; of the first one, when it is about several; empty when there is none. */
  readonly session: string;
  /** The last that was heard of it; absent when nothing was. */
  declare readonly info: ServiceInfo | undefined;
  /** UUIDs of sessions that may still be running, and costing money. Stop them. */
  readonly running: readonly string[];
  /** What was tried to stop them, and failed. */
  readonly stopFailures: readonly StopFailure[];
  /** UUIDs of sessions that `stopAll`, or `rentMany`, stopped nevertheless. */
  readonly stopped: readonly string[];
  /** The figures, for the reason `total-spend`; absent for every other reason. */
  declare readonly totalSpend?: TotalSpendRefusal;

  constructor(init: OctaSessionErrorInit) {
    super({ outcome: 'unknown', ...init });
    this.reason = init.reason;
    this.session = init.session;
    // Whoever prints an error must not print the keys of a VPN, which are in `config`.
    Object.defineProperty(this, 'info', { value: init.info, enumerable: false });
    this.running = init.running ?? [];
    this.stopFailures = init.stopFailures ?? [];
    this.stopped = init.stopped ?? [];
    // JSON has no amounts, and the message has the figures.
    if ('totalSpend' in init) Object.defineProperty(this, 'totalSpend', { value: init.totalSpend });
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
