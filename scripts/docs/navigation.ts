/** The sidebar of the site. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../package/run.ts';
import { sectionOf } from './markdown.ts';

/** An entry of the sidebar. */
export interface Entry {
  readonly text: string;
  readonly link?: string;
  readonly target?: string;
  readonly items?: readonly Entry[];
}

/** Links in a cell of a table, as entries. */
function linksIn(cell: string): Entry[] {
  return [...cell.matchAll(/\[([^\]]+)\]\(docs\/([\w-]+)\.md\)/g)].map(({ 1: text = '', 2: name = '' }) => ({
    text,
    link: `/guides/${name}`,
  }));
}

/** Guides by topic, as the table in README.md has them. */
function guides(): Entry[] {
  const section = sectionOf(readFileSync(join(root, 'README.md'), 'utf8'), 'Guides');
  const rows = [...section.matchAll(/^\| ([^|]+) \| ([^|]*docs\/[^|]*) \|$/gm)];
  if (rows.length === 0) throw new Error('README.md has no table of guides under "## Guides"');
  return rows.map(({ 1: text = '', 2: cell = '' }) => ({ text, items: linksIn(cell) }));
}

/** The whole sidebar, the same on every page. */
export function sidebar(entryPoints: readonly Entry[], http: readonly Entry[]): Entry[] {
  return [
    {
      text: 'Start',
      items: [
        { text: 'Get started', link: '/start' },
        { text: 'Guides by task', link: '/guides/' },
      ],
    },
    { text: 'Guides', items: guides() },
    { text: 'Reference', items: [{ text: 'Every method', link: '/api' }, ...entryPoints] },
    { text: 'HTTP API', items: http },
    {
      text: 'More',
      items: [
        { text: 'Playground', link: '/playground/', target: '_self' },
        { text: 'Changelog', link: '/changelog' },
        { text: 'Contributing', link: '/contributing/' },
      ],
    },
  ];
}
