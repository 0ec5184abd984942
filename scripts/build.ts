/**
 * Writes dist/: code by tsup; declarations by TypeScript, once. The declarations of both module systems are the same text, so those of
 * ES modules refer to those of CommonJS: half as much to download, and a value of one copy has the type of the other.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'tsup';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A package whose types are not the same in both module systems: declarations that use it stay apart. */
const twofold = /from '@tanstack\/query-core'/;

/** Indentation by tabs, in place of four spaces each. */
function indented(text: string): string {
  return text.replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
}

/** Exports what is declared where it is declared, as far as it goes by its own name there, instead of in a list at the end. */
function exportedInPlace(text: string): string {
  const [list, inner = ''] = /^export \{ (.*) \};\n/m.exec(text) ?? [];
  if (list === undefined) return text;
  let moved = text;
  const left = inner.split(', ').filter((each) => {
    const declaration = new RegExp(
      `^(?=(?:interface|type|declare (?:abstract )?(?:class|const|function)) ${each.replace('type ', '')}\\b)`,
      'gm',
    );
    if (!declaration.test(text)) return true;
    moved = moved.replace(declaration, 'export ');
    return false;
  });
  return moved.replace(list, left.length === 0 ? 'export {};\n' : `export { ${left.join(', ')} };\n`);
}

/** Names of other declarations that a file refers to. */
function referencesIn(text: string): string[] {
  return [...text.matchAll(/from '\.\/([^']+)'/g)].map(({ 1: name = '' }) => name.replace(/\.(c?)js$/, '.d.$1ts'));
}

function shorten(folder: string, entries: readonly string[]): void {
  for (const name of readdirSync(folder).filter((each) => /\.d\.c?ts$/.test(each))) {
    const path = join(folder, name);
    writeFileSync(path, exportedInPlace(indented(readFileSync(path, 'utf8'))));
  }
  for (const entry of entries) {
    const text = readFileSync(join(folder, `${entry}.d.cts`), 'utf8');
    if (!twofold.test(text)) writeFileSync(join(folder, `${entry}.d.ts`), `export * from './${entry}.cjs';\n`);
  }
  // What only the replaced declarations needed.
  const needed = new Set(entries.flatMap((entry) => [`${entry}.d.ts`, `${entry}.d.cts`]));
  for (const name of needed) {
    for (const reference of referencesIn(readFileSync(join(folder, name), 'utf8'))) needed.add(reference);
  }
  for (const name of readdirSync(folder)) {
    if (/\.d\.c?ts$/.test(name) && !needed.has(name)) rmSync(join(folder, name));
  }
}

const { values } = parseArgs({ options: { 'out-dir': { type: 'string', default: 'dist' } } });
const outDir = resolve(root, values['out-dir']);
await build({ outDir, silent: true });
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const types = Object.values<{ require?: { types?: string } }>(exports).map(({ require }) => require?.types ?? '');
shorten(
  outDir,
  types.filter((path) => path !== '').map((path) => path.replace(/^\.\/dist\/(.*)\.d\.cts$/, '$1')),
);
