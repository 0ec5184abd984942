/** Makes a new version from the changesets, and updates all files that contain the version. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBaseline } from './baseline.ts';
import { addNotes, notesOf, readChangelog, writeChangelog } from './changelog.ts';
import { pendingIn } from './changesets.ts';

const changesets = fileURLToPath(new URL('../../node_modules/@changesets/cli/bin.js', import.meta.url));

export function versionOf(root: string): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/** Writes the version of package.json to the lock file. npm itself would also add the URL of each package. */
function lockVersion(root: string, version: string): void {
  const path = join(root, 'package-lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  lock.version = version;
  lock.packages[''].version = version;
  writeFileSync(path, `${JSON.stringify(lock, undefined, 2)}\n`);
}

function sourceVersion(root: string, version: string): void {
  const path = join(root, 'src/core/version.ts');
  const line = /(?<=\bversion: string = ')[^']*(?=';)/g;
  const text = readFileSync(path, 'utf8');
  if (text.match(line)?.length !== 1) throw new Error(`${path} must contain the version exactly once`);
  writeFileSync(path, text.replace(line, version));
}

/** Updates all other files after a change of the version in package.json. Returns that version. */
function follow(root: string): string {
  const version = versionOf(root);
  // Check that there are notes before changing anything.
  notesOf(readChangelog(root), version);
  lockVersion(root, version);
  sourceVersion(root, version);
  writeBaseline(root, version);
  return version;
}

function demandPending(root: string): ReturnType<typeof pendingIn> {
  const pending = pendingIn(root);
  if (pending.length === 0) throw new Error('.changeset/ has no changesets to release. Run: npm run changeset');
  return pending;
}

/** Makes a version from the pending changesets. */
export function nextVersion(root: string): string {
  demandPending(root);
  execFileSync(process.execPath, [changesets, 'version'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return follow(root);
}

function isTagged(root: string, version: string): boolean {
  return execFileSync('git', ['tag', '--list', `v${version}`], { cwd: root, encoding: 'utf8' }).trim() !== '';
}

/** Adds the pending changesets to the version in package.json, which must not be released yet. */
export function foldIntoVersion(root: string): string {
  const pending = demandPending(root);
  const version = versionOf(root);
  if (isTagged(root, version))
    throw new Error(`${version} is already released (the tag v${version} exists). Run without --fold`);
  const notes = pending.map(({ note }) => note);
  writeChangelog(root, addNotes(readChangelog(root), version, notes));
  for (const { path } of pending) rmSync(join(root, path));
  return follow(root);
}
