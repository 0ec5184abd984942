/** Runs the suite in a page or a dedicated worker of a browser. */
import * as sdk from '@octaspace/sdk';
import * as testing from '@octaspace/sdk/testing';
import * as zod from '@octaspace/sdk/zod';
import { watchRejections } from './rejections.ts';
import { runSuite } from './suite/index.ts';
import type { Task, TestResult } from './suite/types.ts';

const rejections = watchRejections();

async function conform(task: Task): Promise<TestResult[]> {
  const results = await runSuite({ sdk, testing, zod }, task);
  return [...results, ...rejections];
}

if ('document' in globalThis) {
  Object.assign(globalThis, { conform });
} else {
  globalThis.onmessage = async ({ data }: MessageEvent<Task>) => {
    globalThis.postMessage(await conform(data));
  };
}
