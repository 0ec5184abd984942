/** A new version: what the changesets ask for, and everything that says which version this is. */
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

/** Writes the version of package.json to the lock file. npm itself would add where it found each package. */
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
  if (text.match(line)?.length !== 1) throw new Error(`${path} does not say the version in one place`);
  writeFileSync(path, text.replace(line, version));
}

/** Whatever has to follow a change of the version in package.json; gives that version. */
function follow(root: string): string {
  const version = versionOf(root);
  // There is something to read before anything says that there is a new version.
  notesOf(readChangelog(root), version);
  lockVersion(root, version);
  sourceVersion(root, version);
  writeBaseline(root, version);
  return version;
}

function demandPending(root: string): ReturnType<typeof pendingIn> {
  const pending = pendingIn(root);
  if (pending.length === 0) throw new Error('.changeset/ has no change to release. Run: npm run changeset');
  return pending;
}

/** Makes the version that the pending changesets ask for. */
export function nextVersion(root: string): string {
  demandPending(root);
  execFileSync(process.execPath, [changesets, 'version'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return follow(root);
}

function isTagged(root: string, version: string): boolean {
  return execFileSync('git', ['tag', '--list', `v${version}`], { cwd: root, encoding: 'utf8' }).trim() !== '';
}

/** Moves the pending changesets into the version that package.json has, which must not be released yet. */
export function foldIntoVersion(root: string): string {
  const pending = demandPending(root);
  const version = versionOf(root);
  if (isTagged(root, version)) throw new Error(`${version} is released (there is a tag v${version}). Leave out --fold`);
  const notes = pending.map(({ note }) => note);
  writeChangelog(root, addNotes(readChangelog(root), version, notes));
  for (const { path } of pending) rmSync(join(root, path));
  return follow(root);
}
