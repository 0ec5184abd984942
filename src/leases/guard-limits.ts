/** The limits of a guard. */
import type { ServiceInfo } from '../../generated/models.ts';
import { aFunction, type Check, type Checks, checkAll, milliseconds, numberFrom, oneOf } from '../core/checks.ts';
import { OctaConfigurationError } from '../errors/errors.ts';

/** Limits of `session.guard`; at least one of the first two is needed. */
export interface GuardLimits {
  /** How long the session may run, from its start. Unit: ms; more than 0. */
  readonly maxDurationMs?: number | undefined;
  /**
   * What it may cost in all. It is stopped before the next second would cost more, at the highest rate that was seen; if the API
   * does not say what it costs just now, by what it will have cost at that rate. Unit: Wei; more than 0.
   */
  readonly maxSpend?: bigint | undefined;
  /**
   * What to do about `maxSpend` when the API has not said for 60 s what the session costs: `warn` tells `onError` and goes on, `stop`
   * stops the session. Default `warn`.
   */
  readonly unknownCharge?: 'warn' | 'stop' | undefined;
  /** Time between two looks: less as a limit comes near, more while looking fails. Unit: ms. Default 10 000. */
  readonly pollIntervalMs?: number | undefined;
  /** Told of every failed look and every failed stop; the guard goes on. Without it they are logged. What it throws is logged. */
  readonly onError?: ((error: unknown) => void | Promise<void>) | undefined;
}

/** How a guard ended. */
export interface GuardResult {
  /**
   * Which limit stopped the session (`duration`, `spend`); `ended`: it ended otherwise; `released`: the guard was let go, the session
   * goes on; `closed`: the client was closed, so nobody guards the session any more.
   */
  readonly reason: 'duration' | 'spend' | 'ended' | 'released' | 'closed';
  /** The last that was heard of the session. */
  readonly info: ServiceInfo | undefined;
}

const wei: Check = (value) =>
  typeof value === 'bigint' && value > 0n ? undefined : 'a bigint of Wei, 1n or more, such as parseOcta gives';

/** What limits of a guard may be. */
export const guardChecks = {
  maxDurationMs: numberFrom(Number.MIN_VALUE, 'a number of milliseconds, more than 0'),
  maxSpend: wei,
  unknownCharge: oneOf(['warn', 'stop']),
  pollIntervalMs: milliseconds,
  onError: aFunction,
} satisfies Checks<GuardLimits>;

/** Throws OctaConfigurationError for a wrong limit, or none. */
export function checkLimits(limits: GuardLimits): void {
  checkAll(limits, guardChecks, 'limits of a guard');
  if (limits.maxDurationMs !== undefined || limits.maxSpend !== undefined) return;
  throw new OctaConfigurationError({ message: 'a guard needs a limit: maxDurationMs, maxSpend or both' });
}

/** The strictest limits of several guards, as they are written down. */
export function limitsOf(all: readonly GuardLimits[]): { maxDurationMs?: number; maxSpend?: string } {
  const maxDurationMs = Math.min(...all.map((each) => each.maxDurationMs ?? Number.POSITIVE_INFINITY));
  const [maxSpend] = all.flatMap((each) => each.maxSpend ?? []).sort((one, other) => (one < other ? -1 : 1));
  return {
    ...(maxDurationMs === Number.POSITIVE_INFINITY ? {} : { maxDurationMs }),
    ...(maxSpend === undefined ? {} : { maxSpend: String(maxSpend) }),
  };
}
