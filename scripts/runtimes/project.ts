/** The project that the suite runs in: the packed package, installed as users install it, and the suite's sources. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Packed } from '../package/pack.ts';
import { install } from '../package/project.ts';
import { root } from '../package/run.ts';

/** Build options. */
export interface Target {
  readonly entry: 'process' | 'without' | 'workerd' | 'browser';
  readonly format: 'esm' | 'cjs';
  /** Conditions for bundling the package; without them, the installed package is imported. */
  readonly bundled?: readonly string[];
}

/** Creates the project, with the optional packages that the suite tests. */
export async function makeProject(folder: string, packed: Packed): Promise<string> {
  await install(folder, packed, 'module');
  for (const name of ['undici', 'zod']) {
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  cpSync(join(root, 'test/runtimes'), join(folder, 'source'), { recursive: true });
  mkdirSync(join(folder, 'out'));
  return folder;
}

/** Builds an entry of the suite. Returns the file. */
export async function buildEntry(project: string, { entry, format, bundled }: Target): Promise<string> {
  const outfile = join(project, 'out', `${entry}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
  await build({
    entryPoints: [join(project, 'source', `${entry}.ts`)],
    absWorkingDir: project,
    // The tsconfig of the checkout would resolve the package to its sources.
    tsconfigRaw: {},
    bundle: true,
    format,
    target: 'es2022',
    outfile,
    logLevel: 'silent',
    ...(bundled === undefined
      ? { packages: 'external', platform: 'node' }
      : { conditions: [...bundled], platform: 'browser' }),
  });
  return outfile;
}
