/** What `npm run build` writes, and where. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('A build goes where it is told to, and has the command in the one form that is run.', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-build-'));
  try {
    await promisify(execFile)('npm', ['run', 'build', '--', '--out-dir', folder], { cwd: root });
    const names = readdirSync(folder).filter((name) => !name.startsWith('chunk-') && !name.endsWith('.map'));
    const entries = ['index', 'node', 'testing', 'zod'].flatMap((name) => [`${name}.cjs`, `${name}.js`]);
    expect(names.sort()).toEqual(['cli.js', ...entries].sort());
    expect(readdirSync(folder)).not.toContain('cli.cjs.map');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
