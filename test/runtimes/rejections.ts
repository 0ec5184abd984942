/** Rejections that nobody waits for, which end a process, but pass unseen in a page or a Worker. */
import type { TestResult } from './suite/types.ts';

/** Watches from now on; gives a failed test for each. */
export function watchRejections(): readonly TestResult[] {
  const seen: TestResult[] = [];
  globalThis.addEventListener('unhandledrejection', ({ reason }) => {
    seen.push({ title: 'Nothing rejects that nobody waits for.', ms: 0, failure: String(reason?.stack ?? reason) });
  });
  return seen;
}
