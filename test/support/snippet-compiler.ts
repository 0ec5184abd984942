/** Compiles snippets of the documentation as modules, as a reader would use them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Block } from './pages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where a program's imports of the SDK resolve: to this SDK, or to the part of the vendor's that programs here use. */
const paths = {
  ours: {
    '@octaspace/sdk': [join(root, 'src/index.ts')],
    '@octaspace/sdk/*': [join(root, 'src/*/index.ts')],
    '@tanstack/react-query': [join(root, 'test/support/react-query.d.ts')],
  },
  vendors: {
    '@octaspace/sdk': [join(root, 'test/support/vendor/sdk.d.ts')],
    '@octaspace/sdk-query': [join(root, 'test/support/vendor/query.d.ts')],
    '@octaspace/sdk-react': [join(root, 'test/support/vendor/react.d.ts')],
  },
} satisfies Readonly<Record<string, ts.MapLike<string[]>>>;

/** The SDK that a program is compiled against. */
export type Side = keyof typeof paths;

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'].map((name) => `lib.${name}.d.ts`),
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
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

/** Compiler options of a program that uses only `strict`. */
const plainlyStrict: ts.CompilerOptions = { exactOptionalPropertyTypes: false, noUncheckedIndexedAccess: false };

/** Whether a snippet uses the client of the page. */
export function borrowsClient(code: string): boolean {
  return /(?<![.\w])client\b/.test(code) && !/\b(?:const|let|using) client\b/.test(code);
}

/** A block as a module. Additional declarations are on its first line, so that lines keep their numbers. */
function moduleOf(code: string): string {
  return borrowsClient(code) ? `declare const client: import('@octaspace/sdk').OctaClient; ${code}` : code;
}

/** Compiler messages of blocks: those for the vendor's SDK against that, all others against ours. */
export function complaintsAbout(blocks: readonly Block[]): string[] {
  const before = blocks.filter(({ role }) => role === 'before');
  const others = blocks.filter(({ role }) => role !== 'before');
  return [
    ...compile(others, { ...compilerOptions, paths: paths.ours }),
    ...(before.length === 0 ? [] : complaintsUnderStrict('vendors', before)),
  ];
}

/** Compiler messages of programs with only `strict`. */
export function complaintsUnderStrict(side: Side, blocks: readonly Block[]): string[] {
  return compile(blocks, { ...compilerOptions, ...plainlyStrict, paths: paths[side] });
}

/** Compiler messages of blocks, each as a separate module, with the page's line numbers. */
function compile(blocks: readonly Block[], options: ts.CompilerOptions): string[] {
  const named = blocks.map((block): [string, Block] => [join(root, `${block.page}.${block.line}.ts`), block]);
  const modules = new Map(named);
  const host = ts.createCompilerHost(options);
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
  const program = ts.createProgram([...modules.keys()], options, host);
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

/** A pattern that matches a named import of a snippet. */
function patternOf({ name, namedBindings }: ts.ImportClause): string {
  if (namedBindings !== undefined && ts.isNamespaceImport(namedBindings)) return namedBindings.name.text;
  const given = name === undefined ? [] : [`default: ${name.text}`];
  const named = (namedBindings?.elements ?? []).map(({ propertyName, name: own }) =>
    propertyName === undefined ? own.text : `${propertyName.text}: ${own.text}`,
  );
  return `{ ${[...given, ...named].join(', ')} }`;
}

/** The replacement of a statement outside of a module. */
function inFunction(statement: ts.Statement, text: string): string {
  if (ts.isImportDeclaration(statement)) {
    const { importClause, moduleSpecifier } = statement;
    const pattern = importClause === undefined ? '{}' : patternOf(importClause);
    return `const ${pattern} = await load(${moduleSpecifier.getText()});`;
  }
  if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) return text.replace(/^export /, '');
  if (!ts.isNamedExports(statement.exportClause)) throw new Error(`a snippet cannot be run with ${text}`);
  const members = statement.exportClause.elements.map(({ propertyName, name }) => {
    return `${name.text}: ${(propertyName ?? name).text}`;
  });
  return `return { ${members.join(', ')} };`;
}

/** A snippet as the body of an asynchronous function, which gets its imports from `load` and returns its exports. */
export function functionBodyOf(code: string): string {
  const { outputText } = ts.transpileModule(code, { compilerOptions: { ...compilerOptions, noEmit: false } });
  const file = ts.createSourceFile('snippet.js', outputText, ts.ScriptTarget.ES2022, true);
  return file.statements.map((statement) => inFunction(statement, statement.getText())).join('\n');
}
