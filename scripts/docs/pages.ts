/** The pages that people write: README.md, the guides, and what contributors read. The site has copies of them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../package/run.ts';
import { changelogPage } from './changelog.ts';
import { moveLinks } from './links.ts';
import { pagesFolder } from './places.ts';

/** Files whose place on the site does not follow from their name. */
const special: readonly (readonly [file: string, page: string])[] = [
  ['README.md', 'start.md'],
  ['CONTRIBUTING.md', 'contributing/index.md'],
  ['docs/README.md', 'guides/index.md'],
  ['docs/style.md', 'contributing/style.md'],
];

/** The page of each file, both by their paths. */
export function pagesOf(): ReadonlyMap<string, string> {
  const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return new Map([...guides.map((name) => [`docs/${name}`, `guides/${name}`] as const), ...special]);
}

/** Writes a page. Without a `source`, it has no link for editing it. */
export function writePage(page: string, text: string, source?: string): void {
  const path = join(pagesFolder, page);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source === undefined ? text : `---\nsource: ${source}\n---\n\n${text}`);
}

/** Copies every page, with its links led to where things are on the site. */
export function copyPages(): void {
  const pages = pagesOf();
  for (const [file, page] of pages) {
    writePage(page, moveLinks(readFileSync(join(root, file), 'utf8'), file, pages), file);
  }
  writePage('changelog.md', changelogPage(root));
}
