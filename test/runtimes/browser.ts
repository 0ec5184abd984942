/** Runs the suite in a page or a dedicated worker of a browser. */
import * as sdk from '@octaspace/sdk';
import * as testing from '@octaspace/sdk/testing';
import * as zod from '@octaspace/sdk/zod';
import { runSuite } from './suite/index.ts';
import type { Task, TestResult } from './suite/types.ts';

const unhandled: TestResult[] = [];
globalThis.addEventListener('unhandledrejection', ({ reason }) => {
  unhandled.push({ title: 'Nothing rejects that nobody waits for.', ms: 0, failure: String(reason?.stack ?? reason) });
});

async function conform(task: Task): Promise<TestResult[]> {
  const results = await runSuite({ sdk, testing, zod }, task);
  return [...results, ...unhandled];
}

if ('document' in globalThis) {
  Object.assign(globalThis, { conform });
} else {
  globalThis.onmessage = async ({ data }: MessageEvent<Task>) => {
    globalThis.postMessage(await conform(data));
  };
}
