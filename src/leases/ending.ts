/** Ending a session: it is stopped until its end is proven, and what cannot be proven at once goes on in the background. */
import { checkAll, requestChecks, wholeNumber } from '../core/checks.ts';
import { causeText, OctaTimeoutError } from '../errors/errors.ts';
import { errorFromReason } from '../errors/from-failure.ts';
import { OctaSessionError } from '../errors/session-error.ts';
import { isMissing, lookTimeoutMs, type StopResult, type StopSessionOptions } from './api.ts';
import type { Context } from './context.ts';
import { Deadline } from './deadline.ts';
import { appearsWithinMs } from './evidence.ts';
import { askedWaitMs } from './failures.ts';
import type { Lease } from './lease.ts';

/** How long whoever ends a session waits for an answer or a proof, whatever the caller's own limits are. Unit: ms. */
const endWithinMs = 15_000;
/** When to look beside a stop that has no answer yet, and how often. Unit: ms. */
const lookBesideMs = 2_000;
/** First wait between two tries, which doubles, and the longest. Unit: ms. */
const firstWaitMs = 250;
const longestWaitMs = 1_000;
/**
 * First and longest wait between two looks in the background, and time between two stops: of a session for which none was answered yet,
 * and of one that goes on although it was. Unit: ms.
 */
const firstProofMs = 2_000;
const longestProofMs = 30_000;
const tryStopMs = 5_000;
const stopAgainMs = 30_000;
/** How long `stop({ verify: true })` waits for the proof, unless its options say otherwise. Unit: ms. */
const verifyWithinMs = 120_000;
/** Time that is kept for a last look before the end of that. Unit: ms. */
const lastLookMs = 1_000;

/** How a session is ended. */
export interface EndOptions {
  /** Ends the waiting; a stop that was sent cannot be taken back. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for an answer or a proof. Unit: ms. Default 15 000. */
  readonly withinMs?: number | undefined;
  /** Told of what goes wrong later, in the background. Default: a warning in the log. */
  readonly tell?: ((error: unknown) => void) | undefined;
}

/** Sends one stop; gives what went wrong, if anything. */
async function sendStop({ api, caller }: Context, lease: Lease): Promise<unknown> {
  try {
    await api.stop(lease, { retries: 0 });
    return undefined;
  } catch (error) {
    lease.stopError = error;
    lease.stopNotBefore = caller.time.now() + askedWaitMs(error);
    return error;
  }
}

/** Whether the lists still show a session; undefined when they cannot be read just now. */
async function isListed(context: Context, lease: Lease): Promise<boolean | undefined> {
  const at = context.caller.time.now();
  try {
    const lists = await context.viewOf(lease).lists(lease, at, { withinMs: lookTimeoutMs / 2 });
    lease.see({ at, ...lists });
    return typeof lists.active === 'object';
  } catch {
    return undefined;
  }
}

/** Sends one stop, and looks at the session as long as there is no answer; gives what went wrong, if anything. */
async function stopAndLook(context: Context, lease: Lease, endsAt: number): Promise<unknown> {
  const { time } = context.caller;
  const answer = sendStop(context, lease).then((error) => ({ error }));
  for (;;) {
    const pause = new AbortController();
    const tooLong = time.sleep(lookBesideMs, { signal: pause.signal }).catch(() => undefined);
    const answered = await Promise.race([answer, tooLong]);
    pause.abort();
    if (answered) return answered.error;
    await isListed(context, lease);
    if (lease.isOver) return undefined;
    if (time.now() < endsAt) continue;
    const message = `stopSession: no answer within ${endWithinMs} ms`;
    return new OctaTimeoutError({ message, outcome: 'unknown', timeout: 'runtime' });
  }
}

/** Whether the API may not know it everywhere yet, so that a 404 says nothing. */
function isYoung({ evidence: { aliveAt } }: Lease, now: number): boolean {
  return aliveAt !== undefined && now - aliveAt < appearsWithinMs;
}

/**
 * Stops a session. Resolves when its end is proven, or when a stop was answered and the lists do not show it any more; the rest of the
 * proof is left to the background. Throws what the last stop threw when 15 s brought neither an answer nor a proof; even then the
 * background goes on.
 */
export async function endLease(context: Context, lease: Lease, options: EndOptions = {}): Promise<void> {
  const { signal, tell, withinMs = endWithinMs } = options;
  const { time, ended } = context.caller;
  const endsAt = time.now() + Math.min(withinMs, endWithinMs);
  const leave = context.viewOf(lease).join(lease, longestWaitMs);
  let trouble: unknown;
  try {
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      const mayStop = !lease.isOver && !lease.stopAccepted && time.now() >= lease.stopNotBefore;
      if (mayStop) trouble = await stopAndLook(context, lease, endsAt);
      const isAnswered = lease.stopAccepted || (isMissing(trouble) && !isYoung(lease, time.now()));
      const listed = lease.isOver || (!lease.stopAccepted && !isMissing(trouble)) || (await isListed(context, lease));
      if (lease.isOver || (isAnswered && listed === false)) return;
      const leftMs = endsAt - time.now();
      if (leftMs <= waitMs || ended()) break;
      await time.sleep(Math.min(Math.max(waitMs, lease.stopNotBefore - time.now()), leftMs), { signal });
    }
    if (!lease.stopAccepted) throw trouble ?? lease.stopError;
  } finally {
    leave();
    prove(context, lease, { signal, tell });
  }
}

/** Looks after a session in the background until its end is proven, and stops it again while it goes on. */
export function prove(context: Context, lease: Lease, options: EndOptions = {}): void {
  const { signal, tell } = options;
  if (lease.isOver || signal?.aborted) return;
  const isProving = lease.proof !== undefined;
  // A guard that is let go ends its own proof, and must not end that of a scope or a rental.
  if (!isProving || signal === undefined || lease.proof?.signal?.aborted) lease.proof = { signal, tell };
  if (isProving) return;
  const work = proveOn(context, lease).finally(() => {
    lease.proof = undefined;
  });
  const { uuid } = lease;
  context.background.run(
    work,
    () => `session ${uuid} was to be stopped, but is not proven to be over; it may cost money`,
  );
}

async function proveOn(context: Context, lease: Lease): Promise<void> {
  const { caller, background } = context;
  const { time, ended, log } = caller;
  const warn = (error: unknown) => (lease.proof?.tell ?? ((each) => log('warn', causeText(each))))(error);
  const isDone = () => lease.isOver || ended() || lease.proof?.signal?.aborted === true;
  const view = context.viewOf(lease);
  const leave = view.join(lease, longestProofMs);
  for (let waitMs = firstProofMs; !isDone(); waitMs = Math.min(2 * waitMs, longestProofMs)) {
    await background.rest(lease.stopAccepted ? waitMs : Math.min(waitMs, tryStopMs));
    if (isDone()) break;
    const options = { maxAgeMs: waitMs, withinMs: lookTimeoutMs };
    await view.look(lease, options).catch(() => undefined);
    if (isDone()) break;
    const { stopSentAt = Number.NEGATIVE_INFINITY, stopNotBefore, stopAccepted, evidence } = lease;
    const goesOn = (evidence.aliveAt ?? 0) > stopSentAt && time.now() - stopSentAt >= stopAgainMs;
    if (time.now() < stopNotBefore || (stopAccepted && !goesOn)) continue;
    const error = await sendStop(context, lease);
    const message = `session ${lease.uuid} runs on although it was stopped; it is stopped again`;
    if (stopAccepted) warn(notStoppedError(lease.uuid, error, { message }));
  }
  leave();
}

/** The error for a session that goes on although it should not. `cause` is why it should have been stopped, if that failed. */
export function notStoppedError(
  session: string,
  stopError: unknown,
  { message, cause = stopError }: { readonly message?: string; readonly cause?: unknown } = {},
): OctaSessionError {
  return new OctaSessionError({
    message: message ?? `session ${session} could not be stopped; it may still be running, and costing money`,
    reason: 'not-stopped',
    session,
    running: [session],
    stopFailures: [{ session, error: stopError }],
    cause,
  });
}

/** `session.stop({ verify: true })`: stops it, and waits until its end is proven. */
export async function stopForCertain(context: Context, lease: Lease, given: StopSessionOptions): Promise<StopResult> {
  checkAll(given, { ...requestChecks, score: wholeNumber }, 'options of stop');
  const { signal, totalTimeoutMs = verifyWithinMs } = given;
  const { time } = context.caller;
  const deadline = new Deadline(time, totalTimeoutMs === 0 ? Number.POSITIVE_INFINITY : totalTimeoutMs);
  const leave = context.caller.hold('stopSession');
  let trouble: unknown;
  try {
    const first = await Promise.resolve(context.api.stop(lease, deadline.bound(given))).catch((error: unknown) => {
      if (!isMissing(error) && signal?.aborted) throw error;
      trouble = error;
    });
    prove(context, lease);
    for (let waitMs = firstWaitMs; !lease.isOver; waitMs = Math.min(2 * waitMs, longestProofMs)) {
      const options = { maxAgeMs: 0, withinMs: Math.max(1, Math.min(deadline.leftMs, lookTimeoutMs)) };
      await context
        .viewOf(lease)
        .look(lease, options)
        .catch(() => undefined);
      if (lease.isOver) break;
      // What is left of the time is not given away: there is one more look at its end.
      const leftMs = deadline.leftMs - lastLookMs;
      if (leftMs <= 0) throw notStoppedError(lease.uuid, trouble);
      await time.sleep(Math.min(waitMs, leftMs), { signal }).catch((reason: unknown) => {
        throw errorFromReason('stopSession', reason, { outcome: 'unknown' });
      });
      if (!lease.isOver && !lease.stopAccepted)
        await endLease(context, lease, { signal, withinMs: deadline.leftMs }).catch((error: unknown) => {
          trouble = error;
        });
    }
    return { confirmed: true, alreadyStopped: first?.alreadyStopped ?? isMissing(trouble) };
  } finally {
    leave();
  }
}
