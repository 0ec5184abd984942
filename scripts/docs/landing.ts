/** The front page: what the SDK is, how to start, and the demo as it ran when the site was built. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { node, root } from '../package/run.ts';
import { moveLinks } from './links.ts';
import { paragraphs } from './markdown.ts';
import { pagesOf } from './pages.ts';

/** A part of README.md, with its title. */
function section(readme: string, title: string): string {
  const found = readme.split(/^(?=## )/m).find((part) => part.startsWith(`## ${title}\n`));
  if (found === undefined) throw new Error(`README.md has no section "${title}"`);
  return found.trim();
}

/** What the SDK is, in one sentence: the first paragraph of README.md, without links. */
export function sentenceOf(readme: string): string {
  const [, first = ''] = readme.split('\n\n');
  return first.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('\n', ' ');
}

/** Runs the demo; gives its lines as JSON. */
export async function recordDemo(): Promise<string> {
  const recorded = await node('tsx/dist/cli.mjs', [join(root, 'scripts/docs/record-demo.ts')]);
  return recorded.trim();
}

const hero = (sentence: string) => `---
layout: home
title: OctaSpace SDK for TypeScript
titleTemplate: false
hero:
  name: OctaSpace SDK
  text: for TypeScript
  tagline: ${JSON.stringify(sentence)}
  actions:
    - { theme: brand, text: Quick start, link: '#quick-start' }
    - { theme: alt, text: Rent a simulated GPU, link: /playground/, target: _self }
    - { theme: alt, text: Guides, link: /guides/ }
---`;

/** The text of the page. */
export function landingPage(demo: string): string {
  const readme = moveLinks(
    readFileSync(join(root, 'README.md'), 'utf8'),
    'README.md',
    new Map([...pagesOf(), ['README.md', 'index.md']]),
  );
  // A line that ends a script within the script would end it for the browser.
  const lines = demo.replaceAll('</', '<\\/');
  return paragraphs(
    hero(sentenceOf(readme)),
    `<script setup>\nconst demo = ${lines};\n</script>`,
    section(readme, 'Install'),
    section(readme, 'Quick start'),
    '## See it run',
    'This is the output of `npm run demo` in the repository, recorded when this page was built. Everything in it is simulated.',
    '<DemoPlayer :lines="demo" />',
    section(readme, 'What makes it different'),
  );
}
