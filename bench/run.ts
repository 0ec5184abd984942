/**
 * Bundles the benchmarks and runs them, because on-the-fly compilation would be measured too. Arguments are the names of benchmarks;
 * without arguments, all of them run.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

function pathOf(place: string): string {
  return fileURLToPath(new URL(place, import.meta.url));
}

// Inside the repository, because the bundle imports packages from there.
const cache = pathOf('../node_modules/.cache');
mkdirSync(cache, { recursive: true });
const outdir = mkdtempSync(join(cache, 'bench-'));
try {
  buildSync({
    entryPoints: [pathOf('index.ts'), pathOf('server.ts')],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
  });
  const names = process.argv.slice(2);
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(outdir, 'index.mjs'), ...names], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(outdir, { recursive: true });
}
