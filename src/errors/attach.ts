/** What becomes known of an error only after it was made. */
import { OctaError, type ProvisionRejection } from './errors.ts';
import type { JobProgress } from './facts.ts';

/** The story of a call: its failed attempts, what is known about it as a whole, and why it went no further. */
export type CallStory = Pick<OctaError, 'attempts' | 'outcome' | 'stoppedBy'>;

/** Gives an error the story of its call, which only the retry loop knows. */
export function attachStory(error: OctaError, story: CallStory): void {
  Object.assign(error, story);
}

/** Says of an error that the session which it is about was stopped again; whatever was thrown is given back. */
export function attachRollback(error: unknown, session: string): unknown {
  return error instanceof OctaError ? Object.assign(error, { rolledBack: session, outcome: 'rejected' }) : error;
}

/** Says of an error which start it is about, and which sessions that start may have begun. */
export function attachLease(error: unknown, leaseId: string, suspects: readonly string[] = []): void {
  if (error instanceof OctaError) Object.assign(error, { leaseId }, suspects.length > 0 ? { suspects } : undefined);
}

/** Says of an error what is known of the job that it is about; whatever was thrown is given back. */
export function attachJob(error: unknown, job: JobProgress): unknown {
  // Nobody wants to print a megabyte of output.
  return error instanceof OctaError ? Object.defineProperty(error, 'job', { value: job, enumerable: false }) : error;
}

/** Says of an error which nodes had refused before; whatever was thrown is given back. */
export function attachRefusals(error: unknown, rejections: readonly ProvisionRejection[]): unknown {
  return error instanceof OctaError && rejections.length > 0 ? Object.assign(error, { rejections }) : error;
}
