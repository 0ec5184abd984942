/** The leases of a client, created on first use. */
import { callerOf, type OctaCore } from '../core/octa-core.ts';
import { causeText } from '../errors/errors.ts';
import { Context } from './context.ts';
import { endLease } from './ending.ts';
import { lookForYoung, takeStray } from './late.ts';
import type { Lease } from './lease.ts';
import { guardReserved } from './reserved-guard.ts';

const contexts = /* @__PURE__ */ new WeakMap<OctaCore, Context>();

/** The lease context of a client; all its resources share it. */
export function contextOf(core: OctaCore): Context {
  const known = contexts.get(core);
  if (known !== undefined) return known;
  const context = new Context(callerOf(core));
  context.onStray = (session, attempt) => takeStray(context, session, attempt);
  if (context.totalSpend !== undefined) {
    context.totalSpend.guard = (lease) => guardReserved(context, lease);
    context.totalSpend.look = (lease, at) => context.lookAt(lease, at);
  }
  context.caller.onClose(({ stopSessions }) => {
    if (stopSessions) context.background.run(stopHeld(context), () => unstopped(context));
  });
  contexts.set(core, context);
  return context;
}

function unstopped(context: Context): string | undefined {
  const uuids = context.unkept().map(({ uuid }) => uuid);
  return uuids.length === 0
    ? undefined
    : `the client was closed, but these sessions may still run: ${uuids.join(', ')}`;
}

/** Stops all sessions that are not kept, including those of starts in progress. */
async function stopHeld(context: Context): Promise<void> {
  const { caller, attempts, closing } = context;
  // Rentals in progress stop their own sessions.
  closing.abort(new Error('the client was closed'));
  const ended = new Set<Lease>();
  let hasLooked = false;
  const isStarting = () => [...attempts.values()].some(({ state, byRent }) => state === 'sent' && !byRent);
  for (;;) {
    const left = context.unkept().filter((lease) => !ended.has(lease));
    const end = async (lease: Lease) => {
      ended.add(lease);
      await endLease(context, lease).catch((error: unknown) =>
        caller.log('error', causeText(error), { session: lease.uuid, error }),
      );
    };
    await Promise.all(left.map(end));
    if (left.length > 0) continue;
    if (isStarting()) await caller.time.sleep(100);
    else if (hasLooked) return;
    else {
      hasLooked = true;
      await lookForYoung(context);
    }
  }
}
