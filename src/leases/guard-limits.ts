/** The limits of a guard. */
import type { ServiceInfo } from '../../generated/models.ts';
import { aFunction, type Check, type Checks, checkAll, milliseconds, numberFrom, oneOf } from '../core/checks.ts';
import { OctaConfigurationError } from '../errors/errors.ts';

/** Options of every guard. */
export interface GuardOptions {
  /**
   * What to do about `maxSpend` if the API has not reported the charge for 60 s: `warn` calls `onError` and continues, `stop` stops the
   * session. Default `warn`.
   */
  readonly unknownCharge?: 'warn' | 'stop' | undefined;
  /** Time between polls: shorter close to a limit, longer while polls fail. Unit: ms. Default 10 000. */
  readonly pollIntervalMs?: number | undefined;
  /** Called with every failed poll or stop; the guard continues. Errors that it throws are logged. Default: log the failures. */
  readonly onError?: ((error: unknown) => void | Promise<void>) | undefined;
}

/** A limit of money. */
export interface SpendLimit {
  /**
   * What the session may cost in total. The guard stops it before the next second would exceed that, at the highest rate seen so far.
   * While the API does not report the charge, the guard estimates it from that rate. Unit: Wei; more than 0.
   */
  readonly maxSpend: bigint;
}

/** A limit of time. */
export interface DurationLimit {
  /** How long the session may run, counted from its start. Unit: ms; more than 0. */
  readonly maxDurationMs: number;
}

/** At least one limit: `maxDurationMs`, `maxSpend` or both. */
export type SomeLimit =
  | (SpendLimit & { readonly maxDurationMs?: undefined })
  | (DurationLimit & { readonly maxSpend?: undefined })
  | (SpendLimit & DurationLimit);

/** Limits of `session.guard`. Set `maxDurationMs`, `maxSpend` or both. */
export type GuardLimits = GuardOptions & SomeLimit;

/** Limits of a guard, before it was checked that at least one is set. */
export interface GivenLimits extends GuardOptions {
  readonly maxDurationMs?: number | undefined;
  readonly maxSpend?: bigint | undefined;
}

/** How a guard ended. */
export interface GuardResult {
  /**
   * `duration` or `spend`: the guard stopped the session at this limit. `ended`: the session ended otherwise. `released`: the guard was
   * released, and the session keeps running. `closed`: the client was closed, and the session keeps running without a guard.
   */
  readonly reason: 'duration' | 'spend' | 'ended' | 'released' | 'closed';
  /** The latest state of the session. */
  readonly info: ServiceInfo | undefined;
}

const wei: Check = (value) =>
  typeof value === 'bigint' && value > 0n ? undefined : 'a bigint of Wei, 1n or more, such as parseOcta("1.5") returns';

/** Checks of the limits of a guard. */
export const guardChecks = {
  maxDurationMs: numberFrom(Number.MIN_VALUE, 'a number of milliseconds, more than 0'),
  maxSpend: wei,
  unknownCharge: oneOf(['warn', 'stop']),
  pollIntervalMs: milliseconds,
  onError: aFunction,
} satisfies Checks<GivenLimits>;

/** Throws OctaConfigurationError if a limit is wrong, or none is set. */
export function checkLimits(limits: GivenLimits): void {
  checkAll(limits, guardChecks, 'limits of a guard');
  demandLimit(limits, 'a guard');
}

/** Throws OctaConfigurationError if there is no limit. */
export function demandLimit({ maxDurationMs, maxSpend }: GivenLimits, what: string): void {
  if (maxDurationMs !== undefined || maxSpend !== undefined) return;
  const message = `${what} requires a limit: maxSpend, maxDurationMs or both, such as { maxDurationMs: 600_000 }`;
  throw new OctaConfigurationError({ message });
}

/** The strictest limits of several guards, as a ledger stores them. */
export function limitsOf(all: readonly GivenLimits[]): { maxDurationMs?: number; maxSpend?: string } {
  const maxDurationMs = Math.min(...all.map((each) => each.maxDurationMs ?? Number.POSITIVE_INFINITY));
  const [maxSpend] = all.flatMap((each) => each.maxSpend ?? []).sort((one, other) => (one < other ? -1 : 1));
  return {
    ...(maxDurationMs === Number.POSITIVE_INFINITY ? {} : { maxDurationMs }),
    ...(maxSpend === undefined ? {} : { maxSpend: String(maxSpend) }),
  };
}
