/** What the three starts have in common: reading whether anything was started. */
import type { StartResult } from '../../../generated/models.ts';
import type { Answer } from '../../core/promise.ts';
import {
  type FailedRequest,
  OctaProvisionRejectedError,
  OctaResponseError,
  type ProvisionRejection,
} from '../../errors/errors.ts';
import { OctaSessionError } from '../../errors/session-error.ts';

/** Whether a result is that of a session. */
export function isStarted(result: StartResult): result is StartResult & { uuid: string } {
  return typeof result.uuid === 'string' && result.uuid !== '';
}

/** Why a result is none; undefined when it does not say so. */
export function rejectionOf(result: StartResult): ProvisionRejection | undefined {
  const { id, status, reason = result.message ?? result.error } = result;
  const known = typeof status === 'number' || typeof status === 'string' ? status : undefined;
  const refused = typeof known === 'number' && known > 0;
  if (reason === undefined && !refused) return undefined;
  return { id, reason: reason ?? `status ${known}`, status: known };
}

/** A refusal without the secrets that its text may repeat. */
export function redacted(rejection: ProvisionRejection, { redactor }: Answer['reply']): ProvisionRejection {
  return { ...rejection, reason: redactor.text(rejection.reason) };
}

/** One start that began several sessions: each of them costs money, so none must be dropped. */
function moreThanOne(operation: string, running: readonly string[], request: FailedRequest): OctaSessionError {
  const message = `${operation}: one start began ${running.length} sessions: ${running.join(', ')}; stop those that are not needed`;
  return new OctaSessionError({ message, reason: 'ambiguous', session: running[0] ?? '', running, request });
}

/**
 * The uuid of the one session that a start should have given. The API refuses within HTTP 200 too, and a missing uuid is
 * the only dependable sign of it.
 */
export function startedUuid(operation: string, results: readonly StartResult[], { reply }: Answer): string {
  const [uuid, ...others] = new Set(results.filter(isStarted).map((result) => result.uuid));
  const request = { operation, method: 'POST', url: reply.url };
  if (others.length > 0) throw moreThanOne(operation, [String(uuid), ...others], request);
  if (uuid !== undefined) return uuid;
  const rejections = results.flatMap((result) => {
    const rejection = rejectionOf(result);
    return rejection === undefined ? [] : [redacted(rejection, reply)];
  });
  if (rejections.length === 0) {
    const message = `${operation}: neither a uuid nor a refusal in the answer; look among the active sessions before starting again`;
    throw new OctaResponseError({ message, outcome: 'unknown', request });
  }
  const reasons = rejections.map(({ reason }) => reason).join('; ');
  throw new OctaProvisionRejectedError({
    message: `${operation}: refused: ${reasons}`,
    outcome: 'rejected',
    request,
    rejections,
  });
}
