/** The runtimes themselves: packages of npm at exact versions, each in a folder of its own, kept from run to run. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietly } from '../package/project.ts';
import { Failed, root, run } from '../package/run.ts';
import type { Lane } from './lanes.ts';

const cache = join(root, 'node_modules/.cache/octaspace-runtimes');

/** What drives the browser. */
export const playwright = ['playwright-core', '1.65.1'] as const;

type Tool = NonNullable<Lane['tool']>;

/** What a tool is called in the registry; Node has one package for each platform. */
function packageOf([name, version]: Tool): string {
  return name === 'node' ? `node-${process.platform}-${process.arch}@${version}` : `${name}@${version}`;
}

/** Scripts that put the binary of this platform where the package promises it; npm may be told not to run any. */
const installers: Readonly<Record<string, string>> = { bun: 'install.js', deno: 'install.cjs', workerd: 'install.js' };

async function fetchInto(folder: string, tool: Tool): Promise<void> {
  mkdirSync(folder, { recursive: true });
  // npm takes the nearest folder with a manifest for the project, and must not take the checkout.
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  await run('npm', ['install', ...quietly, '--prefix', folder, `tool@npm:${packageOf(tool)}`], { cwd: folder });
  const installer = installers[tool[0]];
  const installed = join(folder, 'node_modules/tool');
  if (installer !== undefined) await run(process.execPath, [installer], { cwd: installed });
}

/** Installs a tool, unless it is there; gives the folder of its package. */
export async function install(tool: Tool): Promise<string> {
  const folder = join(cache, `${tool[0]}-${tool[1]}-${process.platform}-${process.arch}`);
  if (!existsSync(folder)) {
    // A run that is interrupted must not leave half a tool behind.
    const unfinished = `${folder}.${process.pid}`;
    try {
      await fetchInto(unfinished, tool);
      renameSync(unfinished, folder);
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      throw new Failed(`cannot install ${packageOf(tool)}:\n${error.message}`);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules/tool');
}

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
