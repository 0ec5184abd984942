/** What to rent, and how. */
import type { Row } from '../core/call-types.ts';
import { aBoolean, type Checks, milliseconds } from '../core/checks.ts';
import type { Hold } from './attempt.ts';
import { guardChecks } from './guard-limits.ts';
import type { Lease, Service } from './lease.ts';
import { type WaitOptions, waitChecks } from './wait.ts';

/** Options of `rent`. `maxDurationMs` and `maxSpend` add a guard from the start; `unknownCharge` and `onError` configure that guard. */
export interface LeaseOptions extends WaitOptions {
  /** How long the session may run, counted from its start. Unit: ms; more than 0. Default: no limit of time. */
  readonly maxDurationMs?: number | undefined;
  /**
   * What the session may cost in total. The guard stops it before the next second would exceed that, at the highest rate seen so far.
   * While the API does not report the charge, the guard estimates it from that rate. Unit: Wei; more than 0. Default: no limit of money.
   */
  readonly maxSpend?: bigint | undefined;
  /**
   * What to do about `maxSpend` if the API has not reported the charge for 60 s: `warn` calls `onError` and continues, `stop` stops the
   * session. Default `warn`.
   */
  readonly unknownCharge?: 'warn' | 'stop' | undefined;
  /** Called with every failed poll or stop of the guard, which continues. What it throws is logged. Default: log the failures. */
  readonly onError?: ((error: unknown) => void | Promise<void>) | undefined;
  /**
   * How long to search for the session of a start whose response was lost. If no session appears, `rent` throws the error of the start,
   * and starts nothing else. Unit: ms. Default 60 000.
   */
  readonly adoptionTimeoutMs?: number | undefined;
  /**
   * Whether to adopt the only suspect if the response to a start was lost and the API shows no marks. The API shows none for VPN
   * sessions, and none if it hides `user_envs`. Use this only if a single program uses the account, with one rental at a time on a node.
   * Default false: `suspects` of the error lists such sessions.
   */
  readonly adoptUnmarked?: boolean | undefined;
  /** Lease id, which must be unique for each rental; 1 to 200 visible ASCII characters. Default: a random UUID. */
  readonly id?: string | undefined;
}

/** Checks of the options of a rental. */
export const leaseChecks = {
  ...waitChecks,
  ...guardChecks,
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
  /** What to do with the session once it is ready; the session is stopped afterwards. Default: the caller uses it. */
  readonly use?: (lease: Lease, signal: AbortSignal | undefined) => Promise<void>;
  /** What is already reserved for it, if the client has `maxTotalSpend`. */
  readonly hold?: Hold | undefined;
}
