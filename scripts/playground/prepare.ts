/** Prepares the playground: installs its packages, and builds the SDK. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../package/run.ts';

/** The folder of the playground. */
export const playground = join(root, 'playground');

function modifiedAt(path: string): number {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** Time of the last change in a folder. Unit: Unix ms. */
export function lastChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...files.map(({ parentPath, name }) => modifiedAt(join(parentPath, name))));
}

/** Installs the packages, unless they already match the lock file. */
async function installPackages(signal: AbortSignal): Promise<void> {
  // npm writes this file last.
  const installed = modifiedAt(join(playground, 'node_modules/.package-lock.json'));
  const wanted = Math.max(...['package.json', 'package-lock.json'].map((name) => modifiedAt(join(playground, name))));
  if (installed > wanted) return;
  console.log('Installing the packages of the playground.');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: playground,
    signal,
  });
}

/** Builds the SDK, unless the build is newer than the sources. */
async function buildSdk(signal: AbortSignal): Promise<void> {
  const built = modifiedAt(join(root, 'dist/index.js'));
  const changed = Math.max(lastChange(join(root, 'src')), lastChange(join(root, 'generated')));
  if (built > changed) return;
  console.log('Building the SDK.');
  await run('npm', ['run', 'build'], { signal });
}

/** Prepares the playground. An abort of the signal also ends all child processes. */
export async function prepare(signal: AbortSignal, withSdk: boolean): Promise<void> {
  await installPackages(signal);
  if (withSdk) await buildSdk(signal);
}
