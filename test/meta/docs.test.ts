/** README.md, CONTRIBUTING.md and docs/: every snippet compiles, every option is there, everything mentioned exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { clientChecks, requestChecks } from '../../src/core/checks.ts';
import { resolveOptions } from '../../src/core/options.ts';
import * as sdk from '../../src/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
const texts = new Map(pages.map((page) => [page, readFileSync(join(root, page), 'utf8')]));
const readme = texts.get('README.md') ?? '';

/** One fenced block of a page. */
interface Block {
  readonly page: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

function blocksOf(page: string, text: string): Block[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ index, 1: language = '', 2: code = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    language,
    code,
  }));
}

const allBlocks = [...texts].flatMap(([page, text]) => blocksOf(page, text));

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'].map((name) => `lib.${name}.d.ts`),
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  paths: {
    '@octaspace/sdk': [join(root, 'src/index.ts')],
    '@octaspace/sdk/node': [join(root, 'src/node/index.ts')],
    '@octaspace/sdk/otel': [join(root, 'src/otel/index.ts')],
    '@octaspace/sdk/query': [join(root, 'src/query/index.ts')],
    '@octaspace/sdk/testing': [join(root, 'src/testing/index.ts')],
    '@octaspace/sdk/zod': [join(root, 'src/zod/index.ts')],
  },
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
};

/** A block as a module. What it needs besides stands on its first line, so that lines keep their numbers. */
function moduleOf(code: string): string {
  const borrows = /\bclient[.,)]/.test(code) && !/\b(?:const|let|using) client\b/.test(code);
  return borrows ? `declare const client: import('@octaspace/sdk').OctaClient; ${code}` : code;
}

/** What the compiler says about blocks, each as a module of its own, with the page's line numbers. */
function complaintsAbout(blocks: readonly Block[]): string[] {
  const modules = new Map(blocks.map((block) => [join(root, `${block.page}.${block.line}.ts`), block]));
  const host = ts.createCompilerHost(compilerOptions);
  const { fileExists, readFile, getSourceFile } = host;
  const codeOf = (name: string): string | undefined => {
    const block = modules.get(name);
    return block === undefined ? undefined : moduleOf(block.code);
  };
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.readFile = (name) => codeOf(name) ?? readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const code = codeOf(name);
    return code === undefined ? getSourceFile(name, version, ...rest) : ts.createSourceFile(name, code, version, true);
  };
  const program = ts.createProgram([...modules.keys()], compilerOptions, host);
  const complaints = [...modules].flatMap(([name, block]) => {
    const file = program.getSourceFile(name);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ start = 0, messageText }) => {
      const line = block.line + (file?.getLineAndCharacterOfPosition(start).line ?? 0);
      return `${block.page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
  const general = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  return [...complaints, ...general.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
}

/** Words within backticks, inline and in blocks of shell commands, with the line they stand on. */
function mentions(page: string, text: string, pattern: RegExp): [place: string, found: string][] {
  return [...text.matchAll(pattern)].map(({ index, 1: found = '' }) => [
    `${page}:${text.slice(0, index).split('\n').length}`,
    found,
  ]);
}

describe('snippets', () => {
  test('Every TypeScript snippet compiles on its own under strict settings.', () => {
    const snippets = allBlocks.filter(({ language }) => language === 'ts');
    expect(snippets.length).toBeGreaterThan(20);
    expect(complaintsAbout(snippets)).toEqual([]);
  });

  test('A snippet that does not compile is reported with the line of the page.', () => {
    const code = 'const { balance } = await client.accounts.balance();\n\nconst rounded: number = balance;\n';
    const complaints = complaintsAbout([{ page: 'PAGE.md', line: 40, language: 'ts', code }]);
    expect(complaints).toEqual(["PAGE.md:42: Type 'bigint' is not assignable to type 'number'."]);
  });

  test('Blocks are found with their first line and language.', () => {
    const text = 'One\n\n```ts\nconst a = 1;\nconst b = 2;\n```\n\n```sh\nls\n```\n';
    expect(blocksOf('PAGE.md', text)).toEqual([
      { page: 'PAGE.md', line: 4, language: 'ts', code: 'const a = 1;\nconst b = 2;\n' },
      { page: 'PAGE.md', line: 9, language: 'sh', code: 'ls\n' },
    ]);
  });

  test('Every block says what language it is in, and TypeScript goes by one name.', () => {
    const known = ['ts', 'sh', 'text'];
    expect(allBlocks.filter(({ language }) => !known.includes(language)).map(({ page, line }) => [page, line])).toEqual(
      [],
    );
  });
});

describe('what is mentioned exists', () => {
  test('Every npm script.', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    const used = [...texts].flatMap(([page, text]) =>
      mentions(page, text, /\bnpm (?:run )?((?<=run )\w[\w-]*(?::[\w-]+)*|test)/g),
    );
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter(([, script]) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  test('Every path of the repository.', () => {
    const inline = /`((?:\.?[\w-]+\/)+[\w.<>-]*|[\w.-]+\.(?:md|ts|json|yaml|yml))`/g;
    const linked = /\]\((?!https?:|#)([^)#\s]+)/g;
    const used = [...texts].flatMap(([page, text]) => [
      ...mentions(page, text, inline),
      ...mentions(page, text, linked),
    ]);
    expect(used.length).toBeGreaterThan(15);
    // What follows a placeholder such as `<resource>` is left to the reader; a build writes `dist/`.
    const isMissing = (path: string) => path !== 'dist/' && !existsSync(join(root, path.replace(/[\w.-]*<.*$/, '')));
    const missing = used.filter(([, path]) => isMissing(path));
    expect(missing).toEqual([]);
  });

  test('Every section that is linked to.', () => {
    for (const [page, text] of texts) {
      const slugs = [...text.matchAll(/^#+ (.+)$/gm)].map(({ 1: title = '' }) =>
        title
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      );
      const linked = mentions(page, text, /\]\(#([^)]+)\)/g);
      expect(linked.filter(([, slug]) => !slugs.includes(slug))).toEqual([]);
    }
  });
});

/** The row of a table in README.md that is about an option. */
function rowOf(option: string): string | undefined {
  return readme.split('\n').find((line) => line.startsWith(`| \`${option}\` |`));
}

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

describe('nothing is left out of README.md', () => {
  test('Every option has a row.', () => {
    const options = Object.keys({ ...clientChecks, ...requestChecks });
    expect(options.filter((option) => rowOf(option) === undefined)).toEqual([]);
  });

  test('Every numeric default stands in the row of its option.', () => {
    const defaults = Object.entries(resolveOptions()).filter(([, value]) => typeof value === 'number');
    const written = defaults.map(([option]) => [option, Number(rowOf(option)?.split('|')[2]?.replaceAll(' ', ''))]);
    expect(written).toEqual(defaults);
  });

  test('Every export is mentioned.', () => {
    const names = Object.keys(sdk).filter((name) => name !== 'version');
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([]);
  });

  test('Every method is shown.', () => {
    const methods = methodsOf(new sdk.OctaClient());
    expect(methods.length).toBeGreaterThan(20);
    expect(methods.filter((method) => !readme.includes(`${method}(`))).toEqual([]);
    const own = Object.getOwnPropertyNames(sdk.OctaClient.prototype).filter((name) => name !== 'constructor');
    const shown = (name: string) => new RegExp(`client\\.${name}\\b`).test(readme);
    expect(own.filter((name) => !shown(name))).toEqual([]);
  });
});
