/** Tools that only one script needs: npm packages at exact versions, each in its own folder, kept between runs. */
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
  /** Overrides for versions of its dependencies. */
  readonly overrides?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** The package name of a tool; Node has one package for each platform. */
function packageOf([name, version]: Tool): string {
  return name === 'node' ? `node-${process.platform}-${process.arch}@${version}` : `${name}@${version}`;
}

/** Install scripts that put the binary of this platform into place; npm may be configured not to run them. */
const installers: Readonly<Record<string, string>> = { bun: 'install.js', deno: 'install.cjs', workerd: 'install.js' };

async function fetchInto(folder: string, tool: Tool, { overrides = {}, signal }: Installation): Promise<void> {
  mkdirSync(folder, { recursive: true });
  // npm uses the nearest folder with a manifest as the project, which must not be the checkout.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, overrides }));
  const given = ['install', ...quietly, '--prefix', folder, `tool@npm:${packageOf(tool)}`];
  await run('npm', given, { cwd: folder, signal });
  const installer = installers[tool[0]];
  const installed = join(folder, 'node_modules/tool');
  if (installer !== undefined) await run(process.execPath, [installer], { cwd: installed, signal });
}

/** Installs a tool if it is missing. Returns the folder of its package. */
export async function install(tool: Tool, how: Installation = {}): Promise<string> {
  const folder = join(cache, `${tool[0]}-${tool[1]}-${process.platform}-${process.arch}`);
  if (!existsSync(folder)) {
    // An interrupted run must not leave an incomplete tool.
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

/** Loads the module of a tool, which is not a dependency of this checkout, from its folder. */
export async function load<Module>(tool: Tool, how?: Installation): Promise<Module> {
  const folder = await install(tool, how);
  return createRequire(join(folder, 'package.json'))(folder);
}
