/** Ending a session: stop it until it is proven over. If that takes longer, background work continues. */
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

/** How long ending a session waits for a response or a proof, independent of the caller's limits. Unit: ms. */
const endWithinMs = 15_000;
/** How often to look while a stop has no response yet. Unit: ms. */
const lookBesideMs = 2_000;
/** First and longest wait between two tries. The wait doubles each time. Unit: ms. */
const firstWaitMs = 250;
const longestWaitMs = 1_000;
/**
 * First and longest wait between two background looks; time between two stops while the session still runs, after a stop that failed
 * and after one that succeeded. Unit: ms.
 */
const firstProofMs = 2_000;
const longestProofMs = 30_000;
const tryStopMs = 5_000;
const stopAgainMs = 30_000;
/** How long `stop({ verify: true })` waits for the proof by default. Unit: ms. */
const verifyWithinMs = 120_000;
/** Time for a last look before a wait ends. Unit: ms. */
const lastLookMs = 1_000;

/** How to end a session. */
export interface EndOptions {
  /** Ends the wait; it cannot undo a stop that was sent. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for a response or a proof. Unit: ms. Default 15 000. */
  readonly withinMs?: number | undefined;
  /** Called with errors that occur later in the background. Default: log a warning. */
  readonly tell?: ((error: unknown) => void) | undefined;
}

/** Sends one stop. Returns the error, if any. */
async function sendStop({ api, caller, background }: Context, lease: Lease): Promise<unknown> {
  try {
    // A session may become known only when the client no longer waits. It gets one stop all the same.
    await api.stop(lease, { retries: 0, signal: background.late.aborted ? undefined : background.late });
    return undefined;
  } catch (error) {
    lease.stopError = error;
    lease.stopNotBefore = caller.time.now() + askedWaitMs(error);
    return error;
  }
}

/** Whether the lists still show a session; undefined if they cannot be read now. */
async function isListed(context: Context, lease: Lease, endsAt: number): Promise<boolean | undefined> {
  const at = context.caller.time.now();
  // There may be two lists to read.
  const withinMs = Math.max(lastLookMs, Math.min(lookTimeoutMs, endsAt - at)) / 2;
  try {
    const lists = await context.viewOf(lease).lists(lease, at, { withinMs });
    lease.see({ at, ...lists });
    return typeof lists.active === 'object';
  } catch {
    return undefined;
  }
}

/** Sends one stop, and looks at the session until there is a response. Returns the error, if any. */
async function stopAndLook(context: Context, lease: Lease, endsAt: number): Promise<unknown> {
  const { time } = context.caller;
  const answer = sendStop(context, lease).then((error) => ({ error }));
  for (;;) {
    const answered = await time.orLate(answer, Math.min(lookBesideMs, endsAt - time.now()), () => undefined);
    if (answered) return answered.error;
    await isListed(context, lease, endsAt);
    if (lease.isOver) return undefined;
    if (time.now() < endsAt) continue;
    const message = `stopSession: no response within ${endWithinMs} ms`;
    return new OctaTimeoutError({ message, outcome: 'unknown', timeout: 'runtime' });
  }
}

/** Whether the session is so new that parts of the API may not know it yet, so that a 404 proves nothing. */
function isYoung({ evidence: { aliveAt } }: Lease, now: number): boolean {
  return aliveAt !== undefined && now - aliveAt < appearsWithinMs;
}

/**
 * Stops a session. Resolves when it is proven over, or when a stop has succeeded and the lists no longer show the session; background
 * work then completes the proof. Throws the error of the last stop if there is neither a response nor a proof within 15 s; background
 * work continues even then.
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
      const listed =
        lease.isOver || (!lease.stopAccepted && !isMissing(trouble)) || (await isListed(context, lease, endsAt));
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

/** Watches a session in the background until it is proven over, and stops it again while it still runs. */
export function prove(context: Context, lease: Lease, options: EndOptions = {}): void {
  const { signal, tell } = options;
  if (lease.isOver || signal?.aborted) return;
  const isProving = lease.proof !== undefined;
  // A guard that is released ends its own proof, and must not end the proof for a scope or a rental.
  if (!isProving || signal === undefined || lease.proof?.signal?.aborted) lease.proof = { signal, tell };
  if (isProving) return;
  const work = proveOn(context, lease).finally(() => {
    lease.proof = undefined;
  });
  const { uuid } = lease;
  context.background.run(
    work,
    () =>
      lease.stopAccepted
        ? `session ${uuid} was asked to stop, but is not proven over; it may still cost money`
        : `session ${uuid} could not be stopped so far; it may still cost money`,
    { session: uuid },
  );
}

async function proveOn(context: Context, lease: Lease): Promise<void> {
  const { caller, background } = context;
  const { time, ended, log } = caller;
  const logIt = (error: unknown) => log('warn', causeText(error), { session: lease.uuid, error });
  const warn = (error: unknown) => (lease.proof?.tell ?? logIt)(error);
  const isDone = () => lease.isOver || ended() || lease.proof?.signal?.aborted === true;
  const view = context.viewOf(lease);
  const leave = view.join(lease, longestProofMs);
  for (let waitMs = firstProofMs; !isDone(); waitMs = Math.min(2 * waitMs, longestProofMs)) {
    // An earlier stop may have been accepted and ignored, so what counts is the last one.
    const isStopping = lease.stopAccepted && lease.stopError === undefined;
    const maxAgeMs = isStopping ? waitMs : Math.min(waitMs, tryStopMs);
    await background.rest(maxAgeMs);
    if (isDone()) break;
    await view.look(lease, { maxAgeMs, withinMs: lookTimeoutMs }).catch(() => undefined);
    if (isDone()) break;
    const { stopSentAt = Number.NEGATIVE_INFINITY, stopNotBefore, stopAccepted, evidence } = lease;
    const goesOn = (evidence.aliveAt ?? 0) > stopSentAt && (!isStopping || time.now() - stopSentAt >= stopAgainMs);
    if (time.now() < stopNotBefore || (stopAccepted && !goesOn)) continue;
    const error = await sendStop(context, lease);
    const message = `session ${lease.uuid} still runs after a stop; stopping it again`;
    if (stopAccepted) warn(notStoppedError(lease.uuid, error, { message }));
  }
  leave();
}

/** The error for a session that could not be stopped. `cause` is the failure that made stopping it necessary, if any. */
export function notStoppedError(
  session: string,
  stopError: unknown,
  { message, cause = stopError }: { readonly message?: string; readonly cause?: unknown } = {},
): OctaSessionError {
  return new OctaSessionError({
    message: message ?? `session ${session} could not be stopped; it may still run and cost money`,
    reason: 'not-stopped',
    session,
    running: [session],
    stopFailures: [{ session, error: stopError }],
    cause,
  });
}

/** `session.stop({ verify: true })`: stops the session, and waits until it is proven over. */
export async function stopForCertain(context: Context, lease: Lease, given: StopSessionOptions): Promise<StopResult> {
  checkAll(given, { ...requestChecks, score: wholeNumber }, 'options of stop');
  const leave = context.caller.hold('stopSession');
  try {
    return await stopUntilProven(context, lease, given);
  } finally {
    leave();
  }
}

/** Stops a session until it is proven over. The caller must keep the client open. */
export async function stopUntilProven(
  context: Context,
  lease: Lease,
  given: StopSessionOptions = {},
): Promise<StopResult> {
  const { signal, totalTimeoutMs = verifyWithinMs } = given;
  const { time } = context.caller;
  const deadline = new Deadline(time, totalTimeoutMs === 0 ? Number.POSITIVE_INFINITY : totalTimeoutMs);
  let trouble: unknown;
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
    // Keep the rest of the time for one more look at its end.
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
}
