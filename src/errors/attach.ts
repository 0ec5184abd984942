/** Adds information to errors after their creation. */
import { OctaError, type ProvisionRejection } from './errors.ts';
import type { JobProgress } from './facts.ts';

/** The history of a call: its failed attempts, its overall outcome, and why it was not retried again. */
export type CallStory = Pick<OctaError, 'attempts' | 'outcome' | 'stoppedBy'>;

/** Adds the history of the call to its error; only the retry loop knows it. */
export function attachStory(error: OctaError, story: CallStory): void {
  Object.assign(error, story);
}

/** Marks an error with the session that was stopped again. Returns the thrown value. */
export function attachRollback(error: unknown, session: string): unknown {
  return error instanceof OctaError ? Object.assign(error, { rolledBack: session, outcome: 'rejected' }) : error;
}

/** Throws the error of a read without which nothing is started, and marks it accordingly. */
export function throwNotSent(error: unknown): never {
  throw error instanceof OctaError ? Object.assign(error, { outcome: 'not-sent' }) : error;
}

/** Adds the lease id of the start to an error, and the sessions that may come from it. */
export function attachLease(error: unknown, leaseId: string, suspects: readonly string[] = []): void {
  if (error instanceof OctaError) Object.assign(error, { leaseId }, suspects.length > 0 ? { suspects } : undefined);
}

/** Adds the progress of the job to an error. Returns the thrown value. */
export function attachJob(error: unknown, job: JobProgress): unknown {
  // Not enumerable: printing the error must not print a megabyte of output.
  return error instanceof OctaError ? Object.defineProperty(error, 'job', { value: job, enumerable: false }) : error;
}

/** Adds the refusals of earlier nodes to an error. Returns the thrown value. */
export function attachRefusals(error: unknown, rejections: readonly ProvisionRejection[]): unknown {
  return error instanceof OctaError && rejections.length > 0 ? Object.assign(error, { rejections }) : error;
}
