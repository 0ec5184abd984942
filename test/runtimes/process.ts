/** Runs the suite in a process: Node, Bun or Deno. Its argument is the task; the last line that it prints is what became of it. */
import * as sdk from '@octaspace/sdk';
import * as node from '@octaspace/sdk/node';
import * as testing from '@octaspace/sdk/testing';
import * as zod from '@octaspace/sdk/zod';
import { runSuite } from './suite/index.ts';
import type { Task, TestResult } from './suite/types.ts';

/** The version, as the runtime itself tells it. */
function versionOfRuntime(): string {
  const { bun, deno, node: ofNode } = process.versions;
  return bun ?? deno ?? ofNode;
}

/** Tells of a failure at once: whoever has to end this process sees no results. */
function complain({ title, failure }: TestResult): void {
  if (failure !== undefined) console.error(`${title}\n${failure}\n`);
}

async function main(): Promise<void> {
  const task: Task = JSON.parse(process.argv.at(-1) ?? '');
  const results = await runSuite({ sdk, testing, zod, node }, task, complain);
  console.log(JSON.stringify({ version: versionOfRuntime(), results }));
}

main();
