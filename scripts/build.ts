/**
 * Writes dist/ with tsup. The declarations of both module systems would be identical, so those of ES modules refer to those of CommonJS.
 * This halves the download, and a value of one copy has the type of the other.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'tsup';
import { replaceFolder } from './package/replace-folder.ts';
import { root } from './package/run.ts';

/** Replaces four spaces of indentation by a tab. */
function indented(text: string): string {
  return text.replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
}

/** Moves exports from the list at the end to the declarations, if the names are the same. */
function exportedInPlace(text: string): string {
  const [list, inner = ''] = /^export \{ (.*) \};\n/m.exec(text) ?? [];
  if (list === undefined) return text;
  let moved = text;
  const left = inner.split(', ').filter((each) => {
    const declaration = new RegExp(
      `^(?=(?:interface|type|declare (?:abstract )?(?:class|const|function|namespace)) ${each.replace('type ', '')}\\b)`,
      'gm',
    );
    if (!declaration.test(text)) return true;
    moved = moved.replace(declaration, 'export ');
    return false;
  });
  return moved.replace(list, left.length === 0 ? 'export {};\n' : `export { ${left.join(', ')} };\n`);
}

/** Formats the declarations, and creates those that refer to them. */
function finishDeclarations(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => /\.d\.c?ts$/.test(each))) {
    const path = join(folder, name);
    writeFileSync(path, exportedInPlace(indented(readFileSync(path, 'utf8'))).replaceAll('\n\n', '\n'));
  }
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const { import: { types = '' } = {} } of Object.values<{ import?: { types?: string } }>(exports)) {
    const name = basename(types, '.d.ts');
    const path = join(folder, `${name}.d.ts`);
    if (name !== '' && !existsSync(path)) writeFileSync(path, `export * from './${name}.cjs';\n`);
  }
}

const { values } = parseArgs({ options: { 'out-dir': { type: 'string', default: 'dist' } } });
const outDir = resolve(root, values['out-dir']);
// Replaces the whole folder at once, so that an interrupted build keeps the last one.
await replaceFolder(outDir, async (folder) => {
  await build({ outDir: folder });
  finishDeclarations(folder);
});
