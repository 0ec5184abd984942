/** Bundles the benchmarks, as a package is bundled, and runs them: on-the-fly compilation would be measured, too. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'octaspace-bench-'));
const outfile = join(folder, 'bench.mjs');
try {
  const entry = fileURLToPath(new URL('index.ts', import.meta.url));
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
  execFileSync(process.execPath, [outfile], { stdio: 'inherit' });
} finally {
  rmSync(folder, { recursive: true });
}
