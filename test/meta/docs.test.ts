/** README.md, CONTRIBUTING.md and the guides: every snippet compiles, nothing is left out, everything mentioned exists. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fileOf } from '../../scripts/frameworks/recipes.ts';
import { resolveOptions } from '../../src/core/options.ts';
import * as sdk from '../../src/index.ts';
import { anchorsOf, blocks, blocksOf, lineAt, pages, texts } from '../support/pages.ts';
import { complaintsAbout } from '../support/snippet-compiler.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const everything = [...texts.values()].join('\n');

/** What a pattern finds, with the place where it stands. */
function mentions(page: string, text: string, pattern: RegExp): [place: string, found: string][] {
  return [...text.matchAll(pattern)].map(({ index, 1: found = '' }) => [`${page}:${lineAt(text, index)}`, found]);
}

/** What a pattern finds on all pages. */
function allMentions(pattern: RegExp): [place: string, found: string][] {
  return [...texts].flatMap(([page, text]) => mentions(page, text, pattern));
}

describe('snippets', () => {
  test('Every TypeScript snippet compiles on its own under strict settings.', () => {
    // The files of a recipe are compiled with the types of their framework, by npm run test:frameworks.
    const snippets = blocks.filter((block) => block.language === 'ts' && fileOf(block) === undefined);
    expect(snippets.length).toBeGreaterThan(60);
    expect(complaintsAbout(snippets)).toEqual([]);
  });

  test('A snippet that does not compile is reported with the line of the page.', () => {
    const code = 'const { balance } = await client.accounts.balance();\n\nconst rounded: number = balance;\n';
    const complaints = complaintsAbout([{ page: 'PAGE.md', line: 40, language: 'ts', role: '', code }]);
    expect(complaints).toEqual(["PAGE.md:42: Type 'bigint' is not assignable to type 'number'."]);
  });

  test('Blocks are found with their first line, language and role.', () => {
    const text = 'One\n\n```ts run\nconst a = 1;\nconst b = 2;\n```\n\n```sh\nls\n```\n';
    expect(blocksOf('PAGE.md', text)).toEqual([
      { page: 'PAGE.md', line: 4, language: 'ts', role: 'run', code: 'const a = 1;\nconst b = 2;\n' },
      { page: 'PAGE.md', line: 9, language: 'sh', role: '', code: 'ls\n' },
    ]);
  });

  test('Every block has one of the known roles.', () => {
    const known = ['json', 'ts', 'ts run', 'ts before', 'sh', 'text', 'text output', 'yaml'];
    const free = blocks.filter((block) => fileOf(block) === undefined);
    const named = free.map(({ page, line, language, role }) => [`${page}:${line}`, `${language} ${role}`.trim()]);
    expect(named.filter(([, name = '']) => !known.includes(name))).toEqual([]);
  });

  test('Every block of output follows a snippet that is run.', () => {
    const stray = blocks.filter(({ role, page }, at) => {
      const before = blocks[at - 1];
      return role === 'output' && (before?.role !== 'run' || before.page !== page);
    });
    expect(stray.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });
});

describe('mentioned things exist', () => {
  test('Every npm script.', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const used = allMentions(/\bnpm (?:run )?((?<=run )\w[\w-]*(?::[\w-]+)*|test)/g);
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter(([, script]) => !Object.hasOwn(manifest.scripts, script))).toEqual([]);
  });

  test('Every path of the repository.', () => {
    const prose = [...texts].map(([page, text]): [string, string] => [page, text.replace(/^```.*?^```$/gms, '')]);
    // Paths in a reader's own project are not ours.
    const foreign = /^(?:app|\.\/octa)\b/;
    const inline = /`((?:\.?[\w-]+\/)+[\w.<>-]*|[\w.-]+\.(?:md|ts|json|yaml|yml))`/g;
    const used = prose.flatMap(([page, text]) => mentions(page, text, inline));
    expect(used.length).toBeGreaterThan(15);
    // What follows a placeholder such as `<resource>` is left to the reader; a build writes `dist/`.
    const isMissing = (path: string) => path !== 'dist/' && !existsSync(join(root, path.replace(/[\w.-]*<.*$/, '')));
    expect(used.filter(([, path]) => !foreign.test(path) && isMissing(path))).toEqual([]);
  });

  test('Every page and every section that is linked to.', () => {
    const links = [...texts].flatMap(([page, text]) =>
      mentions(page, text, /\]\((?!https?:)([^)\s]+)\)/g).map(([place, target]) => ({ page, place, target })),
    );
    expect(links.length).toBeGreaterThan(60);
    const broken = links.filter(({ page, target }) => {
      const [path = '', anchor] = target.split('#');
      const to = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(join(root, to))) return true;
      return anchor !== undefined && !anchorsOf(texts.get(to) ?? '').includes(anchor);
    });
    expect(broken.map(({ place, target }) => `${place}: ${target}`)).toEqual([]);
  });
});

/** Pages in docs/ that are no guides for users. */
const contributorPages = ['docs/style.md'];

test('Every guide is in the index, and in the list of README.md.', () => {
  const others = ['docs/README.md', ...contributorPages];
  const guides = pages.filter((page) => page.startsWith('docs/') && !others.includes(page));
  expect(guides.length).toBeGreaterThan(10);
  const missing = (holder: string, prefix: string) =>
    guides.filter((page) => !texts.get(holder)?.includes(`](${page.replace('docs/', prefix)})`));
  expect(missing('docs/README.md', '')).toEqual([]);
  expect(missing('README.md', 'docs/')).toEqual([]);
});

test('CONTRIBUTING.md links to every page for contributors.', () => {
  const contributing = texts.get('CONTRIBUTING.md') ?? '';
  expect(contributorPages.filter((page) => !contributing.includes(`](${page})`))).toEqual([]);
});

test('The style guide fits on one screen.', () => {
  expect(texts.get('docs/style.md')?.split('\n').length).toBeLessThanOrEqual(61);
});

test('README.md stays a front page.', () => {
  expect(texts.get('README.md')?.split('\n').length).toBeLessThanOrEqual(201);
});

/** Every method of the client, such as `nodes.list`. */
function methodsOf(client: sdk.OctaClient): string[] {
  const { accounts, apps, network, nodes, sessions, idleJobs, services } = client;
  const { mr, render, vpn } = services;
  const session = services.session('any');
  const resources = { accounts, apps, network, nodes, sessions, idleJobs, services, mr, render, vpn, session };
  return Object.entries(resources).flatMap(([name, resource]) => {
    const members = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(resource)));
    const methods = members.filter(([member, { value }]) => member !== 'constructor' && typeof value === 'function');
    return methods.map(([member]) => `${name}.${member}`);
  });
}

describe('everything is documented', () => {
  test('Every numeric default of the client is in the row of its option.', () => {
    const rows = (texts.get('docs/configuration.md') ?? '').split('\n');
    const rowOf = (option: string) => rows.find((line) => line.startsWith(`| \`${option}\` |`));
    const defaults = Object.entries(resolveOptions()).filter(([, value]) => typeof value === 'number');
    const written = defaults.map(([option]) => [option, Number(rowOf(option)?.split('|')[2]?.replaceAll(' ', ''))]);
    expect(written).toEqual(defaults);
  });

  test('Every export is mentioned.', () => {
    const names = Object.keys(sdk).filter((name) => name !== 'version');
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(everything))).toEqual([]);
  });

  test('Every method is shown.', () => {
    const methods = methodsOf(new sdk.OctaClient());
    expect(methods.length).toBeGreaterThan(20);
    expect(methods.filter((method) => !everything.includes(`${method}(`))).toEqual([]);
    const own = Object.getOwnPropertyNames(sdk.OctaClient.prototype).filter((name) => name !== 'constructor');
    expect(own.filter((name) => !new RegExp(`client\\.${name}\\b`).test(everything))).toEqual([]);
  });
});
