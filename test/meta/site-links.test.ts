/** Links of the guides, on the site. */
import { expect, test } from 'vitest';
import { moveLinks } from '../../scripts/docs/links.ts';
import { slugOf } from '../../scripts/docs/slug.ts';
import { anchorsOf, texts } from '../support/pages.ts';

const pages = new Map([
  ['README.md', 'start.md'],
  ['docs/README.md', 'guides/index.md'],
  ['docs/money.md', 'guides/money.md'],
]);

test.each([
  ['README.md', '[Money](docs/money.md#in-short)', '[Money](guides/money.md#in-short)'],
  ['docs/money.md', '[Start](../README.md)', '[Start](../start.md)'],
  ['docs/money.md', '[All](README.md), [here](#in-short)', '[All](index.md), [here](#in-short)'],
  ['docs/money.md', '[Elsewhere](https://octa.space/a.md)', '[Elsewhere](https://octa.space/a.md)'],
  ['README.md', '[LICENSE](LICENSE)', '[LICENSE](https://github.com/octaspace/typescript-sdk/blob/main/LICENSE)'],
])('In %s, %s becomes %s.', (file, text, moved) => {
  expect(moveLinks(text, file, pages)).toBe(moved);
});

test('A link within a block of code stays as it is.', () => {
  const block = '```md\n[Money](docs/money.md)\n```';
  expect(moveLinks(block, 'README.md', pages)).toBe(block);
});

test('A heading has the same anchor on the site as on GitHub.', () => {
  const titles = [...texts.values()].flatMap((text) =>
    [...text.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.+)$/gm)].map(({ 1: title = '' }) => title),
  );
  expect(titles.length).toBeGreaterThan(100);
  expect(titles.map(slugOf)).toEqual(titles.map((title) => anchorsOf(`# ${title}`)[0]));
});
