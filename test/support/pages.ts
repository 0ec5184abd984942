/** The pages of the documentation, and their contents. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every page, by its path from the root of the repository. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort(),
];

/** The text of each page. */
export const texts: ReadonlyMap<string, string> = new Map(
  pages.map((page) => [page, readFileSync(join(root, page), 'utf8')]),
);

/** One fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  /** The word after the language: `run` for a snippet that is run, `output` for its output. */
  readonly role: string;
  readonly code: string;
}

/** The line number of a position, from 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string, text: string): Block[] {
  return [...text.matchAll(/^```(\w*) ?([^\n]*)\n(.*?)^```$/gms)].map(
    ({ index, 1: language = '', 2: role = '', 3: code = '' }) => {
      return { page, line: lineAt(text, index) + 1, language, role, code };
    },
  );
}

/** Every block of every page. */
export const blocks: readonly Block[] = [...texts].flatMap(([page, text]) => blocksOf(page, text));

/** The slugs of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '');
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(({ 1: title = '' }) => {
    const slug = title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}
