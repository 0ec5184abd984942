/** What `npm run build` writes, and where. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('A build goes where it is told to, also after one that was killed, has the command in the one form that is run, and declarations once.', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-build-'));
  try {
    // What an older build has written, and one that was killed in the middle.
    writeFileSync(join(folder, 'older.js'), '');
    const { pid } = spawnSync(process.execPath, ['--version']);
    mkdirSync(join(`${folder}.new-${pid}`, 'parts'), { recursive: true });
    await promisify(execFile)('npm', ['run', 'build', '--', '--out-dir', folder], { cwd: root });
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(basename(folder)))).toEqual([basename(folder)]);
    const names = readdirSync(folder);
    const files = (all: readonly string[], endings: readonly string[]) =>
      all.flatMap((name) => endings.map((ending) => `${name}.${ending}`));
    const entries = files(['index', 'node', 'otel', 'query', 'testing', 'zod'], ['cjs', 'js', 'd.cts', 'd.ts']);
    const layers = files(
      ['client', 'codec', 'core', 'errors', 'evidence', 'leases', 'transport', 'values'],
      ['cjs', 'js'],
    );
    const resources = files(
      ['accounts', 'apps', 'idle-jobs', 'network', 'nodes', 'services', 'sessions'],
      ['cjs', 'js'],
    );
    // What two entries declare in common.
    const shared = names.filter((name) => /^(clock|disposal|lease-types)-[\w-]+\.d\.cts$/.test(name));
    expect(names.sort()).toEqual(['cli.js', 'reaper.js', ...entries, ...layers, ...resources, ...shared].sort());
    const declared = readFileSync(join(folder, 'index.d.cts'), 'utf8');
    expect(declared).toContain('export interface Account {');
    expect(declared).not.toMatch(/@internal|from .openapi-fetch/);
    expect(readFileSync(join(folder, 'index.d.ts'), 'utf8')).toBe("export * from './index.cjs';\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
