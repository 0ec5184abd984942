import type { ServiceInfo } from '../../generated/models.ts';
import { causeText, OctaError, type OctaErrorInit } from './errors.ts';

/**
 * Why a session could not be started or could not be stopped.
 *
 * - `timeout`: it was not ready in time.
 * - `ended`: it ended before it was ready.
 * - `limit`: its lease reached a limit before it was ready, so it was stopped.
 * - `not-stopped`: it could not be stopped. It may still run and cost money.
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

/** What the sessions of a client have cost and may still cost within the window of `maxTotalSpend`. */
export interface TotalSpending {
  /** `maxTotalSpend` of the client. Unit: Wei. */
  readonly limit: bigint;
  /** Its window. Unit: ms. */
  readonly windowMs: number;
  /** The cost so far of sessions that ended within the window, and of running sessions. Unit: Wei. */
  readonly spent: bigint;
  /** What running sessions, and sessions that may have been started, may cost in addition. Unit: Wei. */
  readonly reserved: bigint;
  /** What further sessions may cost: `limit` minus `spent` and `reserved`, at least 0. Unit: Wei. */
  readonly left: bigint;
}

/** Why `maxTotalSpend` refused a start. */
export interface TotalSpendRefusal extends TotalSpending {
  /** The most that all sessions of the call could have cost. Unit: Wei. */
  readonly wanted: bigint;
  /** When `wanted` will be available even if running sessions continue; undefined if sessions must end first. Unit: ms from now. */
  readonly freesInMs: number | undefined;
}

/** One session that could not be stopped, and why. */
export interface StopFailure {
  /** UUID of the session. */
  readonly session: string;
  /** The error of the last attempt to stop it. */
  readonly error: unknown;
}

/** Arguments of an {@link OctaSessionError}. */
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
  /** UUID of the session; of the first one if there are several; empty if there is none. */
  readonly session: string;
  /** The last known information about the session; undefined if there is none. */
  declare readonly info: ServiceInfo | undefined;
  /** UUIDs of sessions that may still run and cost money. Stop them. */
  readonly running: readonly string[];
  /** The failed attempts to stop them. */
  readonly stopFailures: readonly StopFailure[];
  /** UUIDs of the sessions that `stopAll` or `rentMany` did stop. */
  readonly stopped: readonly string[];
  /** The figures, for the reason `total-spend`; absent for every other reason. */
  declare readonly totalSpend?: TotalSpendRefusal;

  constructor(init: OctaSessionErrorInit) {
    super({ outcome: 'unknown', ...init });
    this.reason = init.reason;
    this.session = init.session;
    // Not enumerable: printing the error must not print the VPN keys in `config`.
    Object.defineProperty(this, 'info', { value: init.info, enumerable: false });
    this.running = init.running ?? [];
    this.stopFailures = init.stopFailures ?? [];
    this.stopped = init.stopped ?? [];
    // Not enumerable: JSON has no bigints, and the message contains the figures.
    if ('totalSpend' in init) Object.defineProperty(this, 'totalSpend', { value: init.totalSpend });
  }

  /** A plain object for logs: all fields except the stack, without the API key and without secrets of the session's `config`. */
  override toJSON(): Record<string, unknown> {
    const { info, stopFailures } = this;
    const failures = stopFailures.map(({ session, error }) => ({ session, error: causeText(error) }));
    return { ...super.toJSON(), info: info === undefined ? undefined : stateOf(info), stopFailures: failures };
  }
}

/** The fields of a session that may be logged: its state, but nothing that gives access to it. */
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

/** Updates an error once its sessions no longer run. */
export function markStopped(error: OctaSessionError): void {
  Object.assign(error, { running: [] });
}
