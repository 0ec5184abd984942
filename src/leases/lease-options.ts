/** What is rented, and how. */
import type { Row } from '../core/call-types.ts';
import { aBoolean, type Checks, milliseconds } from '../core/checks.ts';
import { type GuardLimits, guardChecks } from './guard-limits.ts';
import type { Service } from './lease.ts';
import { type WaitOptions, waitChecks } from './wait.ts';

/** Options of `rent`. `maxDurationMs`, `maxSpend`, `unknownCharge` and `onError` are those of a guard, which watches from the start on. */
export interface LeaseOptions
  extends WaitOptions,
    Pick<GuardLimits, 'maxDurationMs' | 'maxSpend' | 'unknownCharge' | 'onError'> {
  /**
   * How long to look for the session of a start whose answer was lost. If none appears, the error of the start is thrown, and
   * nothing else is started. Unit: ms. Default 60 000.
   */
  readonly adoptionTimeoutMs?: number | undefined;
  /**
   * Whether a lone new session on the node may be taken for that of a start whose answer was lost, where the API does not show which
   * start it came from: VPN sessions, and an API without `user_envs`. Only for accounts that a single program uses, one rental at a time
   * on a node. Default false: such sessions are named in `suspects` of the error.
   */
  readonly adoptUnmarked?: boolean | undefined;
  /** Id of the start, by which its session is recognised; 1 to 200 visible ASCII characters, a new one for each rental. Default: a random one. */
  readonly id?: string | undefined;
}

/** What options of a rental may be. */
export const leaseChecks = {
  ...waitChecks,
  maxDurationMs: guardChecks.maxDurationMs,
  maxSpend: guardChecks.maxSpend,
  unknownCharge: guardChecks.unknownCharge,
  onError: guardChecks.onError,
  adoptionTimeoutMs: milliseconds,
  adoptUnmarked: aBoolean,
  id: (value) =>
    typeof value === 'string' && /^[!-~]{1,200}$/.test(value) ? undefined : '1 to 200 visible ASCII characters',
} satisfies Checks<LeaseOptions>;

/** Operations that start something. */
export type StartId = 'startMr' | 'startRender' | 'startVpn';

/** What is rented. */
export interface Order {
  readonly row: Row<StartId>;
  readonly service: Service;
  readonly nodes: readonly number[];
  readonly kind: string | undefined;
  readonly body: (node: number) => unknown;
}
