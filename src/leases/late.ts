/** Looks for sessions of failed starts, stops them if `rent` made the start, and reports them. */
import type { Session } from '../../generated/models.ts';
import type { LateSession } from '../core/lease-types.ts';
import { causeText } from '../errors/errors.ts';
import type { Attempt } from './attempt.ts';
import type { Context } from './context.ts';
import { endLease } from './ending.ts';
import { appearsWithinMs, lateWithinMs, missesBelieved } from './evidence.ts';
import { keyOf } from './identity.ts';
import type { Lease } from './lease.ts';

/** First and longest wait between two looks. The wait doubles each time. Unit: ms. */
const firstLookMs = 1_000;
const longestSeekMs = 30_000;
/** How long to look for a second session of a start when the first is known. Unit: ms. */
const secondWithinMs = 120_000;

/** How much longer to wait for second sessions, so that all starts within this time share their lists. Unit: ms. */
const sharedForMs = 30_000;

/** Attempts whose sessions are being searched for. */
const sought = /* @__PURE__ */ new WeakSet<Attempt>();

/** Sessions that the response to an attempt named, and that no list has shown with its mark yet. */
function unseenOf({ extras, keys }: Attempt): string[] {
  return [...extras].filter((key) => !keys.has(key));
}

function isUnfinished(attempt: Attempt): boolean {
  return attempt.state === 'unknown' || unseenOf(attempt).length > 0;
}

/**
 * Looks in the background for the sessions of starts whose outcome is unknown, as long as they may still appear. When it has found one,
 * it continues for a while, because a start whose response is lost may have begun two.
 */
export function seek(context: Context): void {
  const { caller, background, variable } = context;
  const { time, ended } = caller;
  const isOpen = (attempt: Attempt) => {
    const withinMs = isUnfinished(attempt) ? lateWithinMs : attempt.wasLost === true ? secondWithinMs : 0;
    return attempt.service !== 'vpn' && attempt.madeAt > time.now() - withinMs;
  };
  // A call that still searches for its own attempt calls `seek` when it has finished.
  const isFree = (attempt: Attempt) => attempt.state !== 'sent' && !sought.has(attempt);
  const fresh = [...context.attempts.values()].filter((attempt) => isOpen(attempt) && isFree(attempt));
  if (variable === false || fresh.length === 0) return;
  for (const attempt of fresh) sought.add(attempt);
  const open = () => fresh.filter(isOpen);
  let waitMs = firstLookMs;
  const lookWhile = async (isSought: (attempt: Attempt) => boolean): Promise<void> => {
    for (; open().some(isSought) && !ended(); waitMs = Math.min(2 * waitMs, longestSeekMs)) {
      // Searches share their lists.
      const since = time.now() + waitMs / 2;
      await background.rest(waitMs);
      if (ended()) break;
      for (const attempt of open()) await lookFor(context, attempt, since);
    }
  };
  const lookForAll = async (): Promise<void> => {
    await lookWhile(() => true);
    for (const attempt of fresh) sought.delete(attempt);
  };
  // The client waits only until the outcome of each start is known.
  const known = lookWhile(isUnfinished);
  known.then(lookForAll);
  background.run(known, () => unfinished(open()));
}

/** Whether the API has responded to an attempt with a mark, so that only sessions beyond its response may still be unknown. */
function isAnswered({ state, service }: Attempt): boolean {
  return (state === 'started' || state === 'refused') && service !== 'vpn';
}

/**
 * Looks for a session that the response to a start did not name: a second one, or one of a start that the API refused. Begins once all parts
 * of the API must know the session. Reads several lists, because one that lacks it proves nothing. Does not hold up the end of the client.
 */
export async function lookBack(context: Context, attempts: readonly Attempt[]): Promise<void> {
  const { caller, background, variable } = context;
  const answered = attempts.find(isAnswered);
  if (answered === undefined || variable === false) return;
  let since = caller.time.now() + appearsWithinMs;
  let waitMs = appearsWithinMs + sharedForMs;
  for (let looks = 0; looks < missesBelieved && (await background.outlives(waitMs)); ) {
    const isRead = await lookFor(context, answered, since);
    if (isRead) looks++;
    since = caller.time.now();
    if (since - answered.madeAt > lateWithinMs) return;
    waitMs = isRead ? sharedForMs : 2 * waitMs;
  }
}

/** Looks for such sessions at once, if their starts are too young for `lookBack`. */
export async function lookForYoung(context: Context): Promise<void> {
  const { attempts, caller, variable } = context;
  const now = caller.time.now();
  const isYoung = ({ madeAt }: Attempt) => now - madeAt < appearsWithinMs + sharedForMs;
  const young = [...attempts.values()].filter((attempt) => isAnswered(attempt) && isYoung(attempt));
  if (variable === false) return;
  // One after another, so that they share a list on Cloudflare Workers too.
  for (const attempt of young) await lookFor(context, attempt, now);
}

/** Reads the active list; the context handles the sessions in it. Returns whether it could be read. */
async function lookFor(context: Context, { headers }: Attempt, since: number): Promise<boolean> {
  const list = context.viewOf({ facts: { headers } }).list(false, since);
  return await list.then(
    () => true,
    () => false,
  );
}

/** The message about starts whose outcome is unknown. */
function unfinished(open: readonly Attempt[]): string | undefined {
  const names = open
    .filter(isUnfinished)
    .map((attempt) => [attempt.id, `(node ${attempt.nodeId})`, ...unseenOf(attempt)].join(' '));
  return names.length === 0
    ? undefined
    : `the outcome of these starts is unknown; each may have begun a session that still runs: ${names.join(', ')}`;
}

/** Handles a stray: stops it if `rent` made its start, or if the client stops all its sessions; reports it in any case. */
export function takeStray(context: Context, session: Session, attempt: Attempt): void {
  const { caller, background, ledger } = context;
  const { id: leaseId, byRent, nodeId, service, kind, headers, state, hold } = attempt;
  const { uuid } = session;
  const isFirst = state !== 'started';
  const isStopping = byRent || context.closing.signal.aborted;
  attempt.state = 'started';
  if (isStopping) {
    // A second session needs its own record, because the record of the first is deleted when the first is over.
    const id = isFirst ? leaseId : `${leaseId}/${keyOf(uuid)}`;
    const facts = { leaseId: isFirst || ledger !== undefined ? id : undefined, service, nodeId, headers };
    const lease = context.hold(uuid, facts);
    ledger?.note({ id, service, nodeId, kind, uuid, hold: isFirst ? hold : undefined });
    if (isFirst) context.totalSpend?.began(attempt, lease);
    const work = endLease(context, lease).catch((error: unknown) =>
      caller.log('error', causeText(error), { session: uuid, leaseId, error }),
    );
    background.run(work);
  } else if (isFirst) claimLate(context, session, attempt);
  tellLate(context, { session: uuid, leaseId, node_id: nodeId, action: isStopping ? 'stopping' : 'running' });
}

/** Makes this client hold the session of a plain start that appeared late, as if its response had not been lost. */
export function claimLate(context: Context, session: Session, attempt: Attempt): Lease {
  const { uuid } = session;
  const lease = context.begin(attempt, uuid);
  // If the start was refused, its record was deleted.
  context.ledger?.note({ ...attempt, uuid });
  lease.see({ at: context.caller.time.now(), info: session });
  return lease;
}

/** Reports a session that appeared late. */
export function tellLate({ caller }: Context, late: LateSession): void {
  const { onLateSession } = caller.leases;
  if (onLateSession !== undefined) {
    caller.quietly('onLateSession', () => onLateSession(late));
    return;
  }
  const what = late.action === 'stopping' ? 'stopping it' : 'it costs money until you stop it';
  caller.log('warn', `session ${late.session} appeared after its start (lease ${late.leaseId}) had failed; ${what}`, {
    session: late.session,
    leaseId: late.leaseId,
  });
}
