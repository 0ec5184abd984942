/** Combines the two time limits of a call. */
import type { PassedLimit } from '../errors/from-failure.ts';
import type { Call } from './types.ts';

type Limits = Pick<Call, 'timeoutMs' | 'totalTimeoutMs' | 'endsAt'>;

/** The deadline of a call that begins now; infinite without a limit. Unit: ms of the clock. */
export function endOf(totalTimeoutMs: number, now: number): number {
  return totalTimeoutMs === 0 ? Number.POSITIVE_INFINITY : now + totalTimeoutMs;
}

/** The remaining time of the whole call; infinite without a limit. Unit: ms. */
export function timeLeft({ endsAt }: Pick<Call, 'endsAt'>, now: number): number {
  return endsAt - now;
}

/** The limit that an attempt would reach first, and in how many ms; undefined without a limit. */
export function nextLimit(
  call: Limits,
  now: number,
): { readonly inMs: number; readonly limit: PassedLimit } | undefined {
  const left = timeLeft(call, now);
  if (call.timeoutMs > 0 && call.timeoutMs <= left) {
    return { inMs: call.timeoutMs, limit: { option: 'timeoutMs', ms: call.timeoutMs } };
  }
  return left === Number.POSITIVE_INFINITY ? undefined : { inMs: left, limit: wholeCall(call) };
}

/** The limit of the whole call. */
export function wholeCall({ totalTimeoutMs }: Pick<Call, 'totalTimeoutMs'>): PassedLimit {
  return { option: 'totalTimeoutMs', ms: totalTimeoutMs };
}
