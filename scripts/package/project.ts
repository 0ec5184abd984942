/** Creates projects that use the packed package. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Packed } from './pack.ts';
import { root, run } from './run.ts';

/** Options of npm for packages outside of the checkout. */
export const quietly = [
  '--no-audit',
  '--no-fund',
  '--no-package-lock',
  '--ignore-scripts',
  '--loglevel=error',
] as const;

/** Creates an empty project with the package from the tarball. */
export async function install(folder: string, { tarball }: Packed, type: 'commonjs' | 'module'): Promise<void> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: basename(folder), private: true, type }));
  await run('npm', ['install', ...quietly, tarball], { cwd: folder });
}

/** Links packages of this checkout into a project, without installing them. */
export function lend(project: string, packages: readonly string[]): void {
  for (const name of packages) {
    mkdirSync(dirname(join(project, 'node_modules', name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
}
