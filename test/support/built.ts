/** The library and programs that use it, bundled like the package, so that a separate process starts quickly and runs what users run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A folder of built programs; removed at the end of an `await using` scope. */
export interface Built extends AsyncDisposable {
  readonly folder: string;
  /** Path of an entry. */
  path(entry: string): string;
}

/** Builds entries: name without extension, and source. The parts of the package have the same names as in dist. */
export async function buildPrograms(programs: Readonly<Record<string, string>> = {}): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'octaspace-programs-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await build({
    absWorkingDir: root,
    entryPoints: { reaper: 'src/node/leases/reaper.ts', cli: 'src/cli/index.ts', ...programs },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['undici', '@modelcontextprotocol/*', 'zod'],
    logLevel: 'error',
  });
  return {
    folder,
    path: (entry) => join(folder, `${entry}.js`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
