/** Reads the files in docs/frameworks.md, by section. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, blocksOf } from '../../test/support/pages.ts';
import { Failed, root } from '../package/run.ts';

/** The page that the recipes are on. */
export const page = 'docs/frameworks.md';

/** A comment on the first line that names the file of a block. */
const fileName = /^(?:\/\/|<!--) (?<file>[\w@./+[\]-]+\.\w+)(?: -->)?\n/;

/** The file name of a block; undefined for another snippet. */
export function fileOf({ page: where, code }: Pick<Block, 'page' | 'code'>): string | undefined {
  return where === page ? fileName.exec(code)?.groups?.file : undefined;
}

/** The files of a section. Throws Failed if there is no such section, or if it has no files. */
export function filesOf(section: string, text: string = readFileSync(join(root, page), 'utf8')): Map<string, string> {
  const [, found] = text.split(`\n## ${section}\n`);
  if (found === undefined) throw new Failed(`${page} has no section "${section}"`);
  const [own = ''] = found.split('\n## ');
  const files = new Map<string, string>();
  for (const block of blocksOf(page, own)) {
    const file = fileOf(block);
    if (file === undefined) continue;
    if (files.has(file)) throw new Failed(`section "${section}" of ${page} has two blocks for ${file}`);
    files.set(file, block.code);
  }
  if (files.size === 0) throw new Failed(`section "${section}" of ${page} has no files`);
  return files;
}
