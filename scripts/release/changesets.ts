/** Reads the changesets in .changeset/, which are not released yet. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Kind of change: `major` breaks, `minor` adds, `patch` fixes. */
type Bump = 'major' | 'minor' | 'patch';

interface Changeset {
  /** Path from the top of the repository. */
  readonly path: string;
  readonly bump: Bump;
  /** What users read. */
  readonly note: string;
}

const form = /^---\n(.*?)^---\n(.*)$/ms;

/** Reads one changeset; undefined if it does not release the package. */
export function changesetIn(text: string, path: string, name: string): Changeset | undefined {
  const [, head, note = ''] = form.exec(text) ?? [];
  if (head === undefined) throw new Error(`${path} is not a changeset: it has no head between two lines of ---`);
  const bump = parse(head)?.[name];
  if (bump === undefined || bump === 'none') return undefined;
  if (!['major', 'minor', 'patch'].includes(bump)) throw new Error(`${path}: ${bump} is not major, minor or patch`);
  return { path, bump, note: note.trim() };
}

/** The changesets of a repository, by path. */
export function pendingIn(root: string): Changeset[] {
  const folder = join(root, '.changeset');
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return files
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .flatMap((file) => {
      const found = changesetIn(readFileSync(join(folder, file), 'utf8'), `.changeset/${file}`, name);
      return found === undefined ? [] : [found];
    });
}
