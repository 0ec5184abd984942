/** The changelog as one page: what was released, and before it what will be. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { itemOf, readChangelog } from '../release/changelog.ts';
import { pendingIn } from '../release/changesets.ts';

/** The text of the page. */
export function changelogPage(root: string): string {
  const past = readChangelog(root).replace(/^# .*\n/, '');
  const waiting = pendingIn(root).map(({ note }) => itemOf(note));
  const coming = waiting.length > 0 ? `## Not released yet\n\n${waiting.join('\n')}\n` : '';
  return `# Changelog\n\n${coming}\n${past}`;
}

/** Writes the page, and gives its path. */
export function writeChangelogPage(root: string): string {
  const cache = join(root, 'node_modules/.cache/octaspace-docs');
  mkdirSync(cache, { recursive: true });
  const page = join(cache, 'changelog.md');
  writeFileSync(page, changelogPage(root));
  return page;
}
