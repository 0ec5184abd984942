/** The changelog as one page: what was released, and before it what will be. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of a changeset, without its head. */
function changeIn(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/^---\n.*?\n---\n/s, '')
    .trim();
}

/** Writes the page, and gives its path. */
export function writeChangelog(root: string): string {
  const folder = join(root, '.changeset');
  const names = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const waiting = names.sort().map((name) => `- ${changeIn(join(folder, name)).replaceAll('\n', '\n  ')}`);
  const released = join(root, 'CHANGELOG.md');
  const past = existsSync(released) ? readFileSync(released, 'utf8').replace(/^# .*\n/, '') : '';
  const coming = waiting.length > 0 ? `## Not released yet\n\n${waiting.join('\n')}\n` : '';
  const cache = join(root, 'node_modules/.cache/octaspace-docs');
  mkdirSync(cache, { recursive: true });
  const page = join(cache, 'changelog.md');
  writeFileSync(page, `# Changelog\n\n${coming}\n${past}`);
  return page;
}
