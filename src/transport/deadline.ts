/** How long is left of a call: the one place that knows both of its limits. */
import type { PassedLimit } from '../errors/from-failure.ts';
import type { Call } from './types.ts';

type Limits = Pick<Call, 'timeoutMs' | 'totalTimeoutMs' | 'endsAt'>;

/** When a call that begins now has to be over; never, when there is no limit. Unit: ms of the clock. */
export function endOf(totalTimeoutMs: number, now: number): number {
  return totalTimeoutMs === 0 ? Number.POSITIVE_INFINITY : now + totalTimeoutMs;
}

/** What is left of the whole call; infinite when there is no limit. Unit: ms. */
export function timeLeft({ endsAt }: Pick<Call, 'endsAt'>, now: number): number {
  return endsAt - now;
}

/** The limit that an attempt beginning now would pass first, and in how many ms; undefined when there is none. */
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
