/** The next release is newer than the vendor's SDK of the same package name, whose companions then accept it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { notesOf, readChangelog } from '../../scripts/release/changelog.ts';
import { pendingIn } from '../../scripts/release/changesets.ts';
import { nextVersion, versionOf } from '../../scripts/release/version.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The vendor's last version, and the least one that `@octaspace/sdk-query` and `@octaspace/sdk-react` accept. */
const vendors = [0, 1, 1];

/** What `npm run version` reads and writes, in a folder of its own. */
function copyOfRelease(): string {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-release-'));
  const parts = ['package.json', 'package-lock.json', 'CHANGELOG.md', '.changeset', 'api', 'src/core/version.ts'];
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder });
  return folder;
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  const differs = least.findIndex((part, index) => part !== parts[index]);
  return differs === -1 || (parts[differs] ?? 0) > (least[differs] ?? 0);
}

test.each([
  ['0.1.0', false],
  ['0.1.1', true],
  ['0.2.0', true],
  ['1.0.0', true],
])('That %s is at least 0.1.1 is %s.', (version, want) => {
  expect(isAtLeast(version, vendors)).toBe(want);
});

test('The first release is 0.2.0, and companions that want 0.1.1 or newer accept it and all later ones.', () => {
  const present = versionOf(root);
  if (pendingIn(root).length === 0) return expect(isAtLeast(present, vendors)).toBe(true);
  const folder = copyOfRelease();
  try {
    const next = nextVersion(folder);
    expect(isAtLeast(next, vendors)).toBe(true);
    if (present === '0.1.0') expect(next).toBe('0.2.0');
    expect(notesOf(readChangelog(folder), next)).not.toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('CONTRIBUTING.md and CHANGELOG.md say so.', () => {
  const contributing = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  expect(contributing).toContain('The first release is 0.2.0');
  expect(notesOf(readChangelog(root), '0.1.0')).toContain('0.2.0 is the first release');
});
