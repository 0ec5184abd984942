/** What is wrong with the committed reports. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changedSinceRelease, committedIn } from '../release/baseline.ts';
import { changesetIn, pendingIn } from '../release/changesets.ts';

const shownLines = 30;

/** How two texts differ, in the form of git, its first lines. */
function differenceOf(committed: string, built: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-diff-'));
  try {
    writeFileSync(join(folder, 'committed'), committed);
    writeFileSync(join(folder, 'built'), built);
    const given = ['diff', '--no-index', '--no-color', '--no-ext-diff', '-U1', 'committed', 'built'];
    // It ends with 1 when the files differ.
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
  if (built === undefined) return `api/${name} is about an entry point that package.json does not export`;
  return `api/${name} is not what the build exports:\n${differenceOf(committed, built)}`;
}

/** Differences between the committed reports and those of the build. */
export function outOfStep(root: string, built: ReadonlyMap<string, string>): string[] {
  const committed = committedIn(root);
  const names = [...new Set([...committed.keys(), ...built.keys()])];
  const problems = names.map((name) => problemWith(name, committed.get(name), built.get(name)));
  const found = problems.filter((problem) => problem !== undefined);
  return found.length === 0 ? [] : [...found, 'Run: npm run api'];
}

/** The reports have changed since the last release, and no changeset tells users. */
export function untold(root: string): string[] {
  const { version, changed } = changedSinceRelease(root);
  if (changed.length === 0 || pendingIn(root).length > 0) return [];
  return [`What users import has changed since ${version} (${changed.join(', ')}). Tell them. Run: npm run changeset`];
}

function git(root: string, ...given: readonly string[]): string {
  return execFileSync('git', given, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a branch changes since it left another one; `filter` as git's --diff-filter. */
function changedSince(root: string, base: string, filter: string): string[] {
  const listed = git(root, 'diff', '--name-only', '-z', `--diff-filter=${filter}`, `${base}...HEAD`);
  return listed.split('\0').filter(Boolean);
}

/** A branch changes the reports, and adds no changeset of its own; one that others added does not count. */
export function untoldSince(root: string, base: string): string[] {
  const reports = changedSince(root, base, 'ACDMR').filter((path) => /^api\/[^/]+\.api\.md$/.test(path));
  if (reports.length === 0) return [];
  const { name } = JSON.parse(git(root, 'show', 'HEAD:package.json'));
  const notes = changedSince(root, base, 'AM').filter((path) => /^\.changeset\/(?!README)[^/]+\.md$/.test(path));
  const told = notes.some((path) => changesetIn(git(root, 'show', `HEAD:${path}`), path, name) !== undefined);
  if (told) return [];
  return [`This branch changes ${reports.join(', ')} and has no changeset. Run: npm run changeset`];
}
