/** Runtimes that are npm packages. */
import { join } from 'node:path';
import { Failed } from '../package/run.ts';
import { install } from '../package/tools.ts';
import type { Lane } from './lanes.ts';

const binaries: Readonly<Record<string, string>> = {
  node: 'bin/node',
  bun: 'bin/bun.exe',
  deno: 'deno',
  workerd: 'bin/workerd',
};

/** The program of a lane's runtime. */
export async function programOf({ name, tool }: Lane): Promise<string> {
  const binary = tool === undefined ? undefined : binaries[tool[0]];
  if (tool === undefined || binary === undefined) throw new Failed(`${name} has no program of npm`);
  return join(await install(tool), binary);
}
