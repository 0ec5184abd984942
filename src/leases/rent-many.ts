/** Renting several sessions at once: all of them, or none. */
import { type Checks, checkAll } from '../core/checks.ts';
import { OctaConfigurationError, OctaError } from '../errors/errors.ts';
import { OctaSessionError } from '../errors/session-error.ts';
import type { Context } from './context.ts';
import { endLease } from './ending.ts';
import type { Lease } from './lease.ts';
import { type LeaseOptions, leaseChecks, type Order } from './lease-options.ts';
import { checkOrder, rent } from './rent.ts';

/** Options of `rentMany`; those of `rent` apply to each session. */
export interface RentManyOptions extends Omit<LeaseOptions, 'id'> {
  /** How many sessions are enough. Unit: count. Default: the number of orders. */
  readonly atLeast?: number | undefined;
  /** Lease ids, one for each order; see `id` of `rent`. Default: random UUIDs. */
  readonly ids?: readonly string[] | undefined;
}

/** Throws OctaConfigurationError if an option or order is wrong, before anything is sent. */
function check(context: Context, orders: readonly Order[], given: RentManyOptions): void {
  const { id: idCheck, ...shared } = leaseChecks;
  const isId = (id: unknown) => idCheck(id) === undefined;
  const checks = {
    ...shared,
    atLeast: (value) => (Number.isInteger(value) && Number(value) >= 1 ? undefined : 'a whole number, 1 or more'),
    ids: (value) => (Array.isArray(value) && value.every(isId) ? undefined : `an array of ids, each ${idCheck('')}`),
  } satisfies Checks<RentManyOptions>;
  checkAll(given, checks, 'options of rentMany');
  const { atLeast, ids } = given;
  const count = orders.length;
  const problem =
    count === 0
      ? 'rentMany requires at least one order'
      : (atLeast ?? 1) > count
        ? `atLeast is ${atLeast}, but there are only ${count} orders`
        : ids !== undefined && new Set(ids).size !== count
          ? `ids must contain ${count} different ids, one for each order`
          : undefined;
  if (problem !== undefined) throw new OctaConfigurationError({ message: problem });
  for (const order of orders) checkOrder(context, order);
}

/** See `services.mr.rentMany`. */
export async function rentMany(
  context: Context,
  orders: readonly Order[],
  given: RentManyOptions = {},
): Promise<readonly Lease[]> {
  check(context, orders, given);
  const { atLeast = orders.length, ids, signal, ...lease } = given;
  const holds = await context.totalSpend?.reserve(lease.maxSpend, orders.length);
  const controller = new AbortController();
  const failures: unknown[] = [];
  let failed = 0;
  const stopListening = context.caller.time.onAbort(signal, () => controller.abort(signal?.reason));
  const rentals = orders.map(async (order, index) => {
    try {
      const hold = holds?.[index];
      return await rent(context, { ...order, hold }, { ...lease, id: ids?.[index], signal: controller.signal });
    } catch (error) {
      failures.push(error);
      // An order that was cancelled because others failed does not count as a failure.
      if (!controller.signal.aborted) failed++;
      // Too few can still succeed, so cancel the rest.
      if (failures.length > orders.length - atLeast) controller.abort(error);
      return undefined;
    }
  });
  const leases = (await Promise.all(rentals)).filter((each) => each !== undefined);
  stopListening();
  const told = leases.length >= atLeast ? failures : failures.slice(1);
  for (const error of told) tellOf(context, error);
  if (leases.length >= atLeast) return leases;
  throw await rollBack(context, leases, {
    failures,
    failed,
    count: orders.length,
    isAborted: signal?.aborted === true,
  });
}

/** Logs what a failure may have left running, for failures that the caller does not receive. */
function tellOf({ caller }: Context, error: unknown): void {
  if (!(error instanceof OctaError)) return;
  const { leaseId, suspects = [], message } = error;
  const running = error instanceof OctaSessionError ? error.running : [];
  if (error.outcome !== 'unknown' || (leaseId === undefined && running.length === 0)) return;
  const names = [...(leaseId === undefined ? [] : [`lease ${leaseId}`]), ...running, ...suspects].join(', ');
  caller.log('warn', `rentMany: an order failed and may have left a session running (${names}): ${message}`, {
    leaseId,
    error,
  });
}

async function rollBack(
  context: Context,
  leases: readonly Lease[],
  {
    failures,
    failed,
    count,
    isAborted,
  }: { failures: readonly unknown[]; failed: number; count: number; isAborted: boolean },
): Promise<unknown> {
  const ends = await Promise.allSettled(leases.map((lease) => endLease(context, lease)));
  const stopFailures = ends.flatMap((end, index) =>
    end.status === 'rejected' ? [{ session: leases[index]?.uuid ?? '', error: end.reason }] : [],
  );
  const alsoRunning = failures.flatMap((error) => (error instanceof OctaSessionError ? error.running : []));
  const running = [...stopFailures.map(({ session }) => session), ...alsoRunning];
  const [cause] = failures;
  if (isAborted && running.length === 0) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `rentMany: ${failed} of ${count} orders failed, so the others were stopped; first error: ${why}`;
  const stopped = leases.map(({ uuid }) => uuid).filter((uuid) => !running.includes(uuid));
  const session = running[0] ?? stopped[0] ?? '';
  return new OctaSessionError({ message, reason: 'incomplete', session, running, stopped, stopFailures, cause });
}
