/** What to rent, and how. */
import type { Row } from '../core/call-types.ts';
import { aBoolean, type Checks, milliseconds } from '../core/checks.ts';
import { type GuardLimits, guardChecks } from './guard-limits.ts';
import type { Service } from './lease.ts';
import { type WaitOptions, waitChecks } from './wait.ts';

/** Options of `rent`. `maxDurationMs`, `maxSpend`, `unknownCharge` and `onError` set a guard from the start on. */
export interface LeaseOptions
  extends WaitOptions,
    Pick<GuardLimits, 'maxDurationMs' | 'maxSpend' | 'unknownCharge' | 'onError'> {
  /**
   * How long to search for the session of a start whose response was lost. If none appears, `rent` throws the error of the start, and
   * starts nothing else. Unit: ms. Default 60 000.
   */
  readonly adoptionTimeoutMs?: number | undefined;
  /**
   * Whether to adopt a suspect, if it is the only one, after the response to a start was lost and the API shows no marks: for VPN
   * sessions, and if the API hides `user_envs`. Use it only if a single program uses the account, with one rental at a time on a node.
   * Default false: `suspects` of the error lists such sessions.
   */
  readonly adoptUnmarked?: boolean | undefined;
  /** Lease id, which must be unique for each rental; 1 to 200 visible ASCII characters. Default: a random UUID. */
  readonly id?: string | undefined;
}

/** Checks of the options of a rental. */
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

/** What to rent. */
export interface Order {
  readonly row: Row<StartId>;
  readonly service: Service;
  readonly nodes: readonly number[];
  readonly kind: string | undefined;
  readonly body: (node: number) => unknown;
}
