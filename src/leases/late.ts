/** Sessions that turn up after their start had failed: they are looked for, stopped if they are of `rent`, and told. */
import type { Session } from '../../generated/models.ts';
import type { LateSession } from '../core/lease-types.ts';
import { causeText } from '../errors/errors.ts';
import { type Attempt, type Context, lateWithinMs } from './context.ts';
import { endLease } from './ending.ts';

/** Waits between two looks: the first, which doubles, and the longest. Unit: ms. */
const firstLookMs = 1_000;
const longestSeekMs = 30_000;

const seeking = /* @__PURE__ */ new WeakSet<Context>();

/** Looks in the background for the sessions of all starts of which nobody knows what became, as long as they may still turn up. */
export function seek(context: Context): void {
  const { caller, background } = context;
  const open = () => {
    const since = caller.time.now() - lateWithinMs;
    const isOpen = ({ state, service, madeAt, extras, keys }: Attempt) => {
      const isSought = state === 'unknown' || [...extras].some((key) => !keys.has(key));
      return isSought && service !== 'vpn' && madeAt > since;
    };
    return context.variable === false ? [] : [...context.attempts.values()].filter(isOpen);
  };
  if (seeking.has(context) || open().length === 0) return;
  seeking.add(context);
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
  const unfinished = () => {
    const ids = open().map(({ id, nodeId }) => `${id} (node ${nodeId})`);
    return ids.length === 0 ? undefined : `it is not known whether these starts began a session: ${ids.join(', ')}`;
  };
  background.run(
    work().finally(() => seeking.delete(context)),
    unfinished,
  );
}

/** Deals with a session that turned up although nobody waits for it: one of `rent` is stopped, and all are told of. */
export function takeStray(context: Context, session: Session, attempt: Attempt): void {
  const { caller, background, ledger } = context;
  const { id: leaseId, byRent, nodeId, service, headers, state } = attempt;
  const { uuid } = session;
  const isFirst = state !== 'started';
  attempt.state = 'started';
  if (isFirst) ledger?.change(leaseId, { state: 'running', uuid });
  if (byRent) {
    const lease = context.hold(uuid, { leaseId: isFirst ? leaseId : undefined, service, nodeId, headers });
    const work = endLease(context, lease).catch((error: unknown) => caller.log('error', causeText(error)));
    background.run(work);
  }
  tellLate(context, { session: uuid, leaseId, node_id: nodeId, action: byRent ? 'stopping' : 'running' });
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
