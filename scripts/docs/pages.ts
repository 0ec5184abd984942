/** The pages that are written by hand: README.md, the guides and the pages for contributors. The site has copies of them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../package/run.ts';
import { changelogPage } from './changelog.ts';
import { moveLinks } from './links.ts';
import { pagesFolder } from './places.ts';

/** Files whose path on the site does not follow from their name. */
const special: readonly (readonly [file: string, page: string])[] = [
  ['README.md', 'start.md'],
  ['CONTRIBUTING.md', 'contributing/index.md'],
  ['docs/README.md', 'guides/index.md'],
  ['docs/style.md', 'contributing/style.md'],
];

/** The path of the page of each file. */
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

/** Copies every page, and changes its links to those of the site. */
export function copyPages(): void {
  const pages = pagesOf();
  for (const [file, page] of pages) {
    writePage(page, moveLinks(readFileSync(join(root, file), 'utf8'), file, pages), file);
  }
  writePage('changelog.md', changelogPage(root));
}
