/** Lanes that are processes: Node, Bun and Deno. */
import type { TestResult } from '../../test/runtimes/suite/types.ts';
import { Failed, run } from '../package/run.ts';
import type { Lane } from './lanes.ts';
import { limitMs } from './limit.ts';
import { programOf } from './programs.ts';
import { buildEntry } from './project.ts';
import { startServers, taskFor } from './server.ts';

/** What a run of the suite tells. */
export interface Outcome {
  /** The version, as the runtime itself tells it. */
  readonly version: string;
  readonly results: readonly TestResult[];
}

/** The key that the suite expects to find in the environment. */
export const environmentKey = 'octa-key-of-the-environment';

/** What the SDK may do in Deno: talk to this computer, and see variables. */
const allowed = ['--allow-net=127.0.0.1', '--allow-env'];

/** What comes before the file. */
async function argumentsOf({ family, without }: Lane, project: string): Promise<string[]> {
  // Bun would fetch from the registry what it does not find.
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
  // What a runtime keeps for later runs goes away with the project.
  const env = { PATH: process.env.PATH, HOME: project, ...variables };
  const printed = await run(program, [...given, file, task], { cwd: project, env, limitMs });
  const last = printed.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{"version"')) throw new Failed(`it ended without a result:\n${printed}`);
  return JSON.parse(last);
}
