/** Creates the front page: a description, the quick start, and a recording of the demo. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { node, root } from '../package/run.ts';
import { moveLinks } from './links.ts';
import { paragraphs, sectionOf } from './markdown.ts';
import { pagesOf } from './pages.ts';

/** The description of the SDK in one sentence: the first paragraph of README.md, without links. */
export function sentenceOf(readme: string): string {
  const [, first = ''] = readme.split('\n\n');
  return first.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('\n', ' ');
}

/** Runs the demo. Returns its lines as JSON. */
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
  // `</script>` in a line would end the script in the browser.
  const lines = demo.replaceAll('</', '<\\/');
  return paragraphs(
    hero(sentenceOf(readme)),
    `<script setup>\nconst demo = ${lines};\n</script>`,
    sectionOf(readme, 'Install'),
    sectionOf(readme, 'Quick start'),
    '## See it run',
    'This is the output of `npm run demo` in the repository, recorded when this page was built. Everything in it is simulated.',
    '<DemoPlayer :lines="demo" />',
    sectionOf(readme, 'What makes it different'),
  );
}
