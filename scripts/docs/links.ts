/** Changes links between Markdown files that move. */
import { posix } from 'node:path';

const { dirname, join, relative } = posix;

/** URL of files that are not part of the site. */
const repository = 'https://github.com/octaspace/typescript-sdk/blob/main/';

/** Changes text outside of fenced blocks. */
function changeProse(text: string, change: (prose: string) => string): string {
  return text
    .split(/(^```.*?^```$)/gms)
    .map((part, at) => (at % 2 === 1 ? part : change(part)))
    .join('');
}

/**
 * Changes the links of a file to the pages of their targets on the site. `pages` has the page of each file. A link to any other file
 * becomes a link to the repository.
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
