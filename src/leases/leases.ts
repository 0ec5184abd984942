/** The leases of a client, created on first use. */
import { callerOf, type OctaCore } from '../core/octa-core.ts';
import { causeText } from '../errors/errors.ts';
import { clientClosed } from '../errors/from-failure.ts';
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
    if (stopSessions) stopAllHeld(context);
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

function isStarting({ attempts }: Context): boolean {
  return [...attempts.values()].some(({ state }) => state === 'sent');
}

/** Stops all sessions that are not kept when the client is closed. Those of starts in progress follow when their outcome is known. */
async function stopAllHeld(context: Context): Promise<void> {
  const { caller, background, closing } = context;
  // Rentals in progress stop their own sessions.
  closing.abort(clientClosed);
  const stop = () => background.run(stopHeld(context), () => unstopped(context));
  stop();
  if (isStarting(context)) {
    const leave = caller.hold('leases', true);
    while (isStarting(context)) await caller.time.sleep(100);
    stop();
    leave();
  }
  background.expire();
}

/** Stops the sessions that are known and not kept, and those that a last look finds. */
async function stopHeld(context: Context): Promise<void> {
  const { caller } = context;
  const end = (lease: Lease) =>
    endLease(context, lease).catch((error: unknown) =>
      caller.log('error', causeText(error), { session: lease.uuid, error }),
    );
  await Promise.all(context.unkept().map(end));
  await lookForYoung(context);
}
