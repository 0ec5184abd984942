/** Links between Markdown files, when the files move. */
import { posix } from 'node:path';

const { dirname, join, relative } = posix;

/** Where files that are not part of the site can be read. */
const repository = 'https://github.com/octaspace/typescript-sdk/blob/main/';

/** Text outside of fenced blocks is changed, the blocks are left as they are. */
function changeProse(text: string, change: (prose: string) => string): string {
  return text
    .split(/(^```.*?^```$)/gms)
    .map((part, at) => (at % 2 === 1 ? part : change(part)))
    .join('');
}

/**
 * Points the links of a file to where their targets are on the site. `pages` gives the page of each file; a link to any other file
 * leads to the repository.
 */
export function moveLinks(text: string, file: string, pages: ReadonlyMap<string, string>): string {
  const page = pages.get(file) ?? file;
  return changeProse(text, (prose) =>
    prose.replace(/\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)/g, (_, path: string, anchor = '') => {
      const target = join(dirname(file), path);
      const moved = pages.get(target);
      const url = moved === undefined ? repository + target : relative(dirname(page), moved);
      return `](${url}${anchor})`;
    }),
  );
}
