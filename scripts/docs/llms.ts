/** Creates `llms.txt`, a list of all pages, and `llms-full.txt`, their text, for programs that read documentation. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from './navigation.ts';
import { pagesFolder, site } from './places.ts';

/** The Markdown of a page, without its frontmatter. */
function textOf(page: string): string {
  return readFileSync(join(pagesFolder, page), 'utf8').replace(/^---\n.*?\n---\n+/s, '');
}

/** The file of a link of the sidebar. */
function fileOf(link: string): string {
  const path = link.slice(1);
  return path === '' || path.endsWith('/') ? `${path}index.md` : `${path}.md`;
}

/** Every page of the sidebar, in its order, except the playground. */
function pagesIn(entries: readonly Entry[]): string[] {
  const pages = entries.flatMap(({ link, target, items = [] }) => [
    ...(link === undefined || target !== undefined ? [] : [fileOf(link)]),
    ...pagesIn(items),
  ]);
  return [...new Set(pages)];
}

function listed(entries: readonly Entry[]): string {
  const pages = pagesIn(entries);
  return pages.map((page) => `- [${/^# (.+)$/m.exec(textOf(page))?.[1] ?? page}](${page})`).join('\n');
}

/** Writes both files into the built site, and the Markdown that they link to. */
export function writeLlms(sidebar: readonly Entry[], sentence: string): void {
  const sections = sidebar.map(({ text, items = [] }) => `## ${text}\n\n${listed(items)}`);
  const title = '# OctaSpace SDK for TypeScript';
  writeFileSync(join(site, 'llms.txt'), `${[title, `> ${sentence}`, ...sections].join('\n\n')}\n`);
  const texts = pagesIn(sidebar).map((page) => `<!-- ${page} -->\n\n${textOf(page).trim()}`);
  writeFileSync(join(site, 'llms-full.txt'), `${texts.join('\n\n')}\n`);
  const pages = readdirSync(pagesFolder, { encoding: 'utf8', recursive: true }).filter((name) => name.endsWith('.md'));
  // The front page is mostly code, so it is left out.
  for (const page of pages) if (page !== 'index.md') cpSync(join(pagesFolder, page), join(site, page));
}
