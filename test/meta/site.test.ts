/** The checks of `npm run docs`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { problemsIn } from '../../scripts/docs/site-check.ts';

/** What is wrong with a site of these pages. */
function check(pages: Readonly<Record<string, string>>): readonly string[] {
  const site = mkdtempSync(join(tmpdir(), 'octaspace-site-'));
  try {
    for (const [name, html] of Object.entries(pages)) {
      mkdirSync(dirname(join(site, name)), { recursive: true });
      writeFileSync(join(site, name), html);
    }
    return problemsIn(site, '/docs/').problems;
  } finally {
    rmSync(site, { recursive: true });
  }
}

test('A site without dead links has no problems.', () => {
  const index =
    '<a href="guides/one.html#top">one</a><a href="https://octa.space">elsewhere</a><a href="#here">here</a><p id="here">';
  expect(check({ 'index.html': index, 'guides/one.html': '<h1 id="top"><a href="../index.html">back</a>' })).toEqual(
    [],
  );
});

test('A path from the root of the host is looked for below the base of the site, and a folder has its index.html.', () => {
  const index = '<a href="/docs/guides/">guides</a><a href="/docs/guides/index.html#top">top</a>';
  expect(check({ 'index.html': index, 'guides/index.html': '<h1 id="top">' })).toEqual([]);
});

test.each([
  ['<a href="/docs/none/">', 'index.html links to /docs/none/, which is not there'],
  ['<a href="/elsewhere.html">', 'index.html links to /elsewhere.html, which is not there'],
  ['<a href="two.html">two</a>', 'index.html links to two.html, which is not there'],
  ['<a class="x" href="index.html#gone">', 'index.html links to index.html#gone, which has no such section'],
  ['<a href="#gone">', 'index.html links to #gone, which has no such section'],
  ['<img src="media/none.png">', 'index.html links to media/none.png, which is not there'],
  ['<script src="https://cdn.example/a.js"></script>', 'index.html loads https://cdn.example/a.js'],
  ['<link rel="stylesheet" href="https://fonts.example/a.css">', 'index.html loads https://fonts.example/a.css'],
])('%s is a problem.', (html, problem) => {
  expect(check({ 'index.html': html })).toEqual([problem]);
});

test('Text within a script is not a link.', () => {
  expect(check({ 'index.html': `<script>const html = '<a href="none.html">';</script>` })).toEqual([]);
});
