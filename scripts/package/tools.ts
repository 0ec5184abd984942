/** Tools that only one script needs: packages of npm at exact versions, each in a folder of its own, kept from run to run. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { quietly } from './project.ts';
import { Failed, root, run } from './run.ts';

const cache = join(root, 'node_modules/.cache/octaspace-tools');

/** A package, and its exact version. */
export type Tool = readonly [name: string, version: string];

/** How a tool is installed. */
interface Installation {
  /** Versions for packages that it asks for in another way. */
  readonly overrides?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** What a tool is called in the registry; Node has one package for each platform. */
function packageOf([name, version]: Tool): string {
  return name === 'node' ? `node-${process.platform}-${process.arch}@${version}` : `${name}@${version}`;
}

/** Scripts that put the binary of this platform where the package promises it; npm may be told not to run any. */
const installers: Readonly<Record<string, string>> = { bun: 'install.js', deno: 'install.cjs', workerd: 'install.js' };

async function fetchInto(folder: string, tool: Tool, { overrides = {}, signal }: Installation): Promise<void> {
  mkdirSync(folder, { recursive: true });
  // npm takes the nearest folder with a manifest for the project, and must not take the checkout.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, overrides }));
  const given = ['install', ...quietly, '--prefix', folder, `tool@npm:${packageOf(tool)}`];
  await run('npm', given, { cwd: folder, signal });
  const installer = installers[tool[0]];
  const installed = join(folder, 'node_modules/tool');
  if (installer !== undefined) await run(process.execPath, [installer], { cwd: installed, signal });
}

/** Installs a tool, unless it is there; gives the folder of its package. */
export async function install(tool: Tool, how: Installation = {}): Promise<string> {
  const folder = join(cache, `${tool[0]}-${tool[1]}-${process.platform}-${process.arch}`);
  if (!existsSync(folder)) {
    // A run that is interrupted must not leave half a tool behind.
    const unfinished = `${folder}.${process.pid}`;
    try {
      await fetchInto(unfinished, tool, how);
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

/** Loads the module of a tool, which is no dependency of this checkout, from where it is installed. */
export async function load<Module>(tool: Tool, how?: Installation): Promise<Module> {
  const folder = await install(tool, how);
  return createRequire(join(folder, 'package.json'))(folder);
}
