/** Sends starts, and searches for sessions whose start got no usable response. */
import type { Session } from '../../generated/models.ts';
import type { CallArguments } from '../core/call-types.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { Answer } from '../core/promise.ts';
import { attachLease } from '../errors/attach.ts';
import { OctaError } from '../errors/errors.ts';
import type { Attempt } from './attempt.ts';
import type { Context } from './context.ts';
import { Deadline } from './deadline.ts';
import { keyOf, markOf, withMarks } from './identity.ts';
import { lookBack, seek, tellLate } from './late.ts';
import type { Lease } from './lease.ts';
import { outcomesOf, refusedError, rejectionOf, resultsIn, uuidsIn } from './start-answer.ts';

/** First and longest wait between two looks of a search. The wait doubles each time. Unit: ms. */
const firstLookMs = 1_000;
const longestLookMs = 8_000;
/** Longest wait for one response. Unit: ms. */
const oneLookMs = 5_000;

/** What a start sends, and how its result is handled. */
export interface StartInit {
  readonly body: () => unknown;
  readonly options: RequestOptions | undefined;
  /** Receives sessions in the response to a batch that cannot be assigned to an item. */
  readonly others?: string[];
  /** Searches for the sessions of a start that got no usable response. Returns whether it found any. */
  readonly rescue?: () => Promise<boolean>;
}

function orderedPorts(item: unknown, name: 'ports' | 'http_ports'): boolean {
  const ports: unknown = typeof item === 'object' && item !== null ? Reflect.get(item, name) : undefined;
  return Array.isArray(ports) && ports.length > 0;
}

/** Updates the attempts from the response. */
function takeAnswer(context: Context, attempts: readonly Attempt[], value: unknown): readonly string[] {
  const results = resultsIn(value);
  const [first] = attempts;
  if (attempts.length === 1 && first !== undefined) {
    const [uuid, ...others] = uuidsIn(results);
    if (uuid !== undefined) context.begin(first, uuid);
    else first.state = results.some((result) => rejectionOf(result) !== undefined) ? 'refused' : 'unknown';
    if (first.state === 'refused') context.ledger?.remove(first.id);
    if (first.state === 'unknown' && !first.byRent) seek(context);
    for (const other of others) takeExtra(context, first, other);
    return [];
  }
  const { items, others } = outcomesOf(results, attempts.length);
  for (const [index, attempt] of attempts.entries()) {
    const outcome = items[index];
    if (outcome === undefined) continue;
    if ('uuid' in outcome) context.begin(attempt, outcome.uuid);
    else {
      attempt.state = 'refused';
      context.ledger?.remove(attempt.id);
    }
  }
  return others;
}

/** Handles a second session of one start. For `rent`, it is stopped once a list shows its mark; otherwise it is only reported. */
function takeExtra(context: Context, attempt: Attempt, uuid: string): void {
  if (attempt.byRent && attempt.service !== 'vpn' && context.variable !== false) {
    attempt.extras.add(keyOf(uuid));
    // Until a list shows its mark, only the response mentions the session, so store it now.
    const { id, service, nodeId, kind } = attempt;
    context.ledger?.note({ id: `${id}/${keyOf(uuid)}`, service, nodeId, kind, uuid });
    seek(context);
    return;
  }
  attempt.keys.add(keyOf(uuid));
  tellLate(context, { session: uuid, leaseId: attempt.id, node_id: attempt.nodeId, action: 'running' });
}

/** Updates the attempts after the call failed. */
function takeError(context: Context, attempts: readonly Attempt[], error: unknown): void {
  const outcome = error instanceof OctaError ? error.outcome : 'unknown';
  for (const attempt of attempts) {
    if (outcome === 'not-sent') context.attempts.delete(attempt.id);
    attempt.state = outcome === 'unknown' ? 'unknown' : 'refused';
    attempt.wasLost = outcome === 'unknown';
    if (attempt.state === 'refused') context.ledger?.remove(attempt.id);
  }
  context.changed();
}

/** The arguments of the call that sends a start. */
export function startArguments(context: Context, attempts: readonly Attempt[], init: StartInit): CallArguments {
  const { variable, ledger, totalSpend } = context;
  const { body, options, rescue, others } = init;
  const seal = (made: unknown): unknown => {
    for (const [index, item] of [made].flat().entries()) {
      const attempt = attempts[index];
      if (attempt === undefined) continue;
      attempt.ports = orderedPorts(item, 'ports');
      attempt.httpPorts = orderedPorts(item, 'http_ports');
    }
    const isMarked = variable !== false && attempts[0]?.service !== 'vpn';
    return isMarked
      ? withMarks(
          made,
          variable,
          attempts.map(({ id }) => id),
        )
      : made;
  };
  const beforeSend = async (): Promise<void> => {
    await totalSpend?.cover(attempts);
    await Promise.all(attempts.map((attempt) => ledger?.ready(attempt)));
    await totalSpend?.confirm(attempts);
  };
  const onError = (error: unknown): Promise<unknown> | undefined => {
    takeError(context, attempts, error);
    const [first] = attempts;
    if (first === undefined || first.state === 'refused') return undefined;
    attachLease(error, first.id);
    if (rescue !== undefined) return rescue().then((found) => (found ? [] : undefined));
    if (!first.byRent) seek(context);
    return undefined;
  };
  const onEnd = (value: unknown): void => {
    const extra = value === undefined ? [] : takeAnswer(context, attempts, value);
    others?.push(...extra);
    // A caller that takes the raw response is responsible for the session in it.
    if (value === undefined && attempts.every(({ state }) => state === 'sent'))
      for (const { id } of attempts) context.attempts.delete(id);
    lookBack(context, attempts);
  };
  const given = { body, options, seal, onError, onEnd };
  return ledger === undefined && totalSpend === undefined ? given : { ...given, beforeSend };
}

/** The session of an attempt that has a response. Throws if the response has no session. */
export function startedLease(
  context: Context,
  attempt: Attempt,
  [operation, answer, outcome]: [operation: string, answer: unknown, outcome: Answer],
): Lease {
  const results = resultsIn(answer);
  // If the caller took the raw response first, the session is not known yet.
  const [uuid] = attempt.lease === undefined ? uuidsIn(results) : [];
  const lease = uuid === undefined ? attempt.lease : context.begin(attempt, uuid);
  if (lease !== undefined) return lease;
  const error = refusedError(operation, results, outcome);
  if (attempt.state === 'unknown') attachLease(error, attempt.id);
  throw error;
}

/** What a search looks for, and for how long. */
export interface Search {
  readonly attempts: readonly Attempt[];
  /** Unit: ms. */
  readonly withinMs: number;
  /** After its abort, the search continues for `afterAbortMs` at most. Unit: ms. Default 10 000. */
  readonly signal?: AbortSignal | undefined;
  readonly afterAbortMs?: number;
  /** Called with each list, after the attempts were updated from it; true ends the search. */
  readonly onList?: (sessions: readonly Session[]) => boolean;
}

/** Searches the active list for the sessions of attempts, by their marks. Returns whether the last list could be read. */
export async function search(context: Context, { attempts, withinMs, signal, ...rest }: Search): Promise<boolean> {
  const { time } = context.caller;
  const { afterAbortMs = 10_000, onList } = rest;
  let deadline = new Deadline(time, withinMs);
  let isCut = false;
  for (let waitMs = firstLookMs; ; waitMs = Math.min(2 * waitMs, longestLookMs)) {
    const options = deadline.bound({ headers: attempts[0]?.headers, retries: 0 }, oneLookMs);
    const answer = await Promise.resolve(context.api.list(false, options)).catch(() => undefined);
    for (const session of answer?.value ?? []) {
      const mark = markOf(session, context.variable);
      const attempt = attempts.find(({ id, state }) => id === mark && state !== 'started');
      if (attempt !== undefined && session.uuid) context.begin(attempt, session.uuid);
    }
    // The same list may show a second session of one start.
    context.saw(answer?.value ?? []);
    const done = answer !== undefined && onList?.(answer.value) === true;
    if (done || attempts.every(({ state }) => state === 'started')) return true;
    if (signal?.aborted && !isCut) {
      isCut = true;
      deadline = new Deadline(time, Math.min(deadline.leftMs, afterAbortMs));
    }
    const leftMs = deadline.leftMs - Math.min(firstLookMs, withinMs / 4);
    if (leftMs <= 0) return answer !== undefined;
    await time.sleep(Math.min(waitMs, leftMs), { signal: isCut ? undefined : signal }).catch(() => undefined);
  }
}

/** How long `startMany` searches for items that its response does not mention. Unit: ms. */
const itemsWithinMs = 15_000;

/** Searches for the unknown sessions of a batch. Returns whether any session of the batch is known. */
export async function searchItems(
  context: Context,
  attempts: readonly Attempt[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const open = attempts.filter(({ lease, state }) => lease === undefined && state !== 'refused');
  if (open.length > 0 && context.variable !== false) {
    for (const attempt of open) attempt.state = 'sent';
    await search(context, { attempts: open, withinMs: itemsWithinMs, signal });
    for (const attempt of open) if (attempt.lease === undefined) attempt.state = 'unknown';
    seek(context);
  }
  return attempts.some(({ lease }) => lease !== undefined);
}
