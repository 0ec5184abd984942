/** Sessions that turn up after their start had failed: they are looked for, stopped if they are of `rent`, and told. */
import type { Session } from '../../generated/models.ts';
import type { LateSession } from '../core/lease-types.ts';
import { causeText } from '../errors/errors.ts';
import { type Attempt, type Context, lateWithinMs } from './context.ts';
import { endLease } from './ending.ts';
import { keyOf } from './identity.ts';
import type { Lease } from './lease.ts';

/** Waits between two looks: the first, which doubles, and the longest. Unit: ms. */
const firstLookMs = 1_000;
const longestSeekMs = 30_000;

const seeking = /* @__PURE__ */ new WeakMap<Context, Promise<void>>();
/** Attempts that are looked for, or were. */
const sought = /* @__PURE__ */ new WeakSet<Attempt>();

/** Sessions of an attempt that its answer named, and no list has shown with its mark yet. */
function unseenOf({ extras, keys }: Attempt): string[] {
  return [...extras].filter((key) => !keys.has(key));
}

/** Looks in the background for the sessions of all starts of which nobody knows what became, as long as they may still turn up. */
export function seek(context: Context): void {
  const { caller, background } = context;
  const isOpen = (attempt: Attempt) => {
    const isSought = attempt.state === 'unknown' || unseenOf(attempt).length > 0;
    return isSought && attempt.service !== 'vpn' && attempt.madeAt > caller.time.now() - lateWithinMs;
  };
  const open = () => (context.variable === false ? [] : [...context.attempts.values()].filter(isOpen));
  const fresh = open().filter((attempt) => !sought.has(attempt));
  for (const attempt of fresh) sought.add(attempt);
  if (open().length === 0 || (seeking.has(context) && fresh.length === 0)) return;
  const work = async (): Promise<void> => {
    for (let waitMs = firstLookMs; open().length > 0 && !caller.ended(); waitMs = Math.min(2 * waitMs, longestSeekMs)) {
      await background.rest(waitMs);
      if (caller.ended()) break;
      for (const headers of new Set(open().map((attempt) => attempt.headers))) {
        const view = context.viewOf({ facts: { headers } });
        await view.list(false, caller.time.now()).catch(() => undefined);
      }
    }
  };
  const looking = seeking.get(context) ?? work().finally(() => seeking.delete(context));
  seeking.set(context, looking);
  background.run(looking, () => unfinished(fresh.filter(isOpen)));
}

/** What to say of starts of which nobody knows what became. */
function unfinished(open: readonly Attempt[]): string | undefined {
  const names = open.map((attempt) => [attempt.id, `(node ${attempt.nodeId})`, ...unseenOf(attempt)].join(' '));
  return names.length === 0
    ? undefined
    : `it is not known whether these starts began a session that runs on: ${names.join(', ')}`;
}

/** Deals with a session that turned up although nobody waits for it: one of `rent` is stopped, and all are told of. */
export function takeStray(context: Context, session: Session, attempt: Attempt): void {
  const { caller, background, ledger } = context;
  const { id: leaseId, byRent, nodeId, service, kind, headers, state } = attempt;
  const { uuid } = session;
  const isFirst = state !== 'started';
  attempt.state = 'started';
  if (byRent) {
    // A second session has a record of its own: that of the first goes when the first is over.
    const id = isFirst ? leaseId : `${leaseId}/${keyOf(uuid)}`;
    const facts = { leaseId: isFirst || ledger !== undefined ? id : undefined, service, nodeId, headers };
    const lease = context.hold(uuid, facts);
    ledger?.note({ id, service, nodeId, kind, uuid });
    const work = endLease(context, lease).catch((error: unknown) => caller.log('error', causeText(error)));
    background.run(work);
  } else if (isFirst) claimLate(context, session, attempt);
  tellLate(context, { session: uuid, leaseId, node_id: nodeId, action: byRent ? 'stopping' : 'running' });
}

/** Has the client look after the session of a plain start that turned up late, as if its answer had not been lost. */
export function claimLate(context: Context, session: Session, attempt: Attempt): Lease {
  const { id, service, nodeId, kind } = attempt;
  const { uuid } = session;
  const lease = context.begin(attempt, uuid);
  // The record of a start that was refused is gone.
  context.ledger?.note({ id, service, nodeId, kind, uuid });
  lease.see({ at: context.caller.time.now(), info: session });
  return lease;
}

/** Says that a session turned up late. */
export function tellLate({ caller }: Context, late: LateSession): void {
  const { onLateSession } = caller.leases;
  if (onLateSession !== undefined) {
    caller.quietly('onLateSession', () => onLateSession(late));
    return;
  }
  const what = late.action === 'stopping' ? 'it is being stopped' : 'it runs on, and costs money, until you stop it';
  caller.log('warn', `session ${late.session} turned up after its start (lease ${late.leaseId}) had failed; ${what}`);
}
