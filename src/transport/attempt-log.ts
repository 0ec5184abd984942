/** Log lines about an attempt, at level `debug`. They are expensive to create, so callers first check whether the level is enabled. */
import { causeText, type FailedRequest } from '../errors/errors.ts';
import { requestIdOf } from './headers.ts';
import type { Log } from './log.ts';
import { redactByName } from './secrets.ts';
import type { Reply } from './types.ts';

/** The attempt that a line is about. */
export interface AboutAttempt extends FailedRequest {
  readonly attempt: number;
}

export function logRequest(log: Log, about: AboutAttempt, headers: Readonly<Record<string, string>>): void {
  const { operation, method, url, attempt } = about;
  log('debug', `${operation}: ${method} ${url}, attempt ${attempt}`, { ...about, headers: redactByName(headers) });
}

export function logReply(log: Log, about: AboutAttempt, reply: Reply): void {
  const { status, durationMs } = reply;
  const headers = redactByName(Object.fromEntries(reply.headers));
  const fields = { ...about, status, durationMs, requestId: requestIdOf(reply), headers };
  log('debug', `${about.operation}: ${status} in ${Math.round(durationMs)} ms`, fields);
}

/** An attempt that ended without a response, or with one that cannot be read. */
export function logFailure(log: Log, about: AboutAttempt, failed: { error: unknown; durationMs: number }): void {
  const { error, durationMs } = failed;
  const message = `${about.operation}: attempt ${about.attempt} failed in ${Math.round(durationMs)} ms (${causeText(error)})`;
  log('debug', message, { ...about, durationMs, error });
}
