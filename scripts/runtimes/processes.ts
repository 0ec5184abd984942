/** Lanes that are processes: Node, Bun and Deno. */
import type { TestResult } from '../../test/runtimes/suite/types.ts';
import { Failed, run } from '../package/run.ts';
import type { Lane } from './lanes.ts';
import { limitMs } from './limit.ts';
import { programOf } from './programs.ts';
import { buildEntry } from './project.ts';
import { startServers, taskFor } from './server.ts';

/** The result of a run of the suite. */
export interface Outcome {
  /** The version that the runtime reports. */
  readonly version: string;
  readonly results: readonly TestResult[];
}

/** The key that the suite expects to find in the environment. */
export const environmentKey = 'octa-key-of-the-environment';

/** Permissions in Deno: connections to this computer, and environment variables. */
const allowed = ['--allow-net=127.0.0.1', '--allow-env'];

/** Arguments before the file. */
async function argumentsOf({ family, without }: Lane, project: string): Promise<string[]> {
  // Otherwise Bun downloads missing packages.
  if (family === 'bun') return ['--no-install'];
  if (family === 'deno') return ['run', '--quiet', '--no-prompt', '--node-modules-dir=manual', ...allowed];
  if (without === undefined) return [];
  return ['--import', await buildEntry(project, { entry: 'without', format: 'esm' })];
}

/** Runs the suite in a process of the lane's runtime. */
export async function runProcess(lane: Lane, project: string): Promise<Outcome> {
  const { format = 'esm', without } = lane;
  const program = await programOf(lane);
  const given = await argumentsOf(lane, project);
  const file = await buildEntry(project, { entry: 'process', format });
  await using servers = await startServers();
  const task = taskFor(lane, servers);
  const variables = { OCTA_API_KEY: environmentKey, ...(without ? { OCTA_TEST_WITHOUT: without } : {}) };
  // Caches of a runtime are in the project, and are deleted with it.
  const env = { PATH: process.env.PATH, HOME: project, ...variables };
  const printed = await run(program, [...given, file, task], { cwd: project, env, limitMs });
  const last = printed.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{"version"')) throw new Failed(`it ended without a result:\n${printed}`);
  return JSON.parse(last);
}
