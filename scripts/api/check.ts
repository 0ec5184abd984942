/** Finds problems of the committed reports. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changedSinceRelease, committedIn } from '../release/baseline.ts';
import { changesetIn, pendingIn } from '../release/changesets.ts';

const shownLines = 30;

/** The first lines of a git diff of two texts. */
function differenceOf(committed: string, built: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-diff-'));
  try {
    writeFileSync(join(folder, 'committed'), committed);
    writeFileSync(join(folder, 'built'), built);
    const given = ['diff', '--no-index', '--no-color', '--no-ext-diff', '-U1', 'committed', 'built'];
    // The exit code is 1 if the files differ.
    const { stdout } = spawnSync('git', given, { cwd: folder, encoding: 'utf8' });
    const lines = stdout.trimEnd().split('\n').slice(4);
    const more = lines.length - shownLines;
    return [...lines.slice(0, shownLines), ...(more > 0 ? [`… and ${more} lines more`] : [])].join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function problemWith(name: string, committed: string | undefined, built: string | undefined): string | undefined {
  if (committed === built) return undefined;
  if (committed === undefined) return `api/${name} is missing`;
  if (built === undefined) return `api/${name} belongs to an entry point that package.json does not export`;
  return `api/${name} does not match the exports of the build:\n${differenceOf(committed, built)}`;
}

/** Differences between the committed reports and those of the build. */
export function outOfStep(root: string, built: ReadonlyMap<string, string>): string[] {
  const committed = committedIn(root);
  const names = [...new Set([...committed.keys(), ...built.keys()])];
  const problems = names.map((name) => problemWith(name, committed.get(name), built.get(name)));
  const found = problems.filter((problem) => problem !== undefined);
  return found.length === 0 ? [] : [...found, 'Run: npm run api'];
}

/** Finds changes of the reports since the last release, if there is no changeset. */
export function untold(root: string): string[] {
  const { version, changed } = changedSinceRelease(root);
  if (changed.length === 0 || pendingIn(root).length > 0) return [];
  return [
    `The exports have changed since ${version} (${changed.join(', ')}), but there is no changeset. Run: npm run changeset`,
  ];
}

function git(root: string, ...given: readonly string[]): string {
  return execFileSync('git', given, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Files that a branch changes since it left another one; `filter` is git's --diff-filter. */
function changedSince(root: string, base: string, filter: string): string[] {
  const listed = git(root, 'diff', '--name-only', '-z', `--diff-filter=${filter}`, `${base}...HEAD`);
  return listed.split('\0').filter(Boolean);
}

/** Finds changes of the reports in a branch that adds no changeset. Changesets of other branches do not count. */
export function untoldSince(root: string, base: string): string[] {
  const reports = changedSince(root, base, 'ACDMR').filter((path) => /^api\/[^/]+\.api\.md$/.test(path));
  if (reports.length === 0) return [];
  const { name } = JSON.parse(git(root, 'show', 'HEAD:package.json'));
  const notes = changedSince(root, base, 'AM').filter((path) => /^\.changeset\/(?!README)[^/]+\.md$/.test(path));
  const told = notes.some((path) => changesetIn(git(root, 'show', `HEAD:${path}`), path, name) !== undefined);
  if (told) return [];
  return [`This branch changes ${reports.join(', ')} and has no changeset. Run: npm run changeset`];
}
