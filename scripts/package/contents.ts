/** Checks the contents of the package without using it. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { importsOf } from '../../test/support/imports.ts';
import { entries } from '../build/parts.ts';
import type { Packed } from './pack.ts';
import { demand, node, root } from './run.ts';

/** Every path in a part of the manifest. */
function pathsIn(part: unknown): string[] {
  if (typeof part === 'string') return part.startsWith('./') ? [part.slice('./'.length)] : [];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(pathsIn) : [];
}

export function checkFiles({ files }: Packed): void {
  const odd = files.filter((file) => !/^(dist\/[\w./-]+\.(c?js|d\.c?ts)|README\.md|LICENSE|package\.json)$/.test(file));
  demand(odd.length === 0, `it also contains ${odd.join(', ')}`);
  const { main, module, types, exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const needed = ['LICENSE', 'README.md', ...new Set(pathsIn([main, module, types, exports, bin]))];
  const missing = needed.filter((file) => !files.includes(file));
  demand(missing.length === 0, `it lacks ${missing.join(', ')}`);
}

/** Files that entries share, of one module system. */
const mostParts = 15;
/** Size of the installed package. Unit: bytes. */
const mostBytes = 2_000_000;

export function checkForm({ files }: Packed): void {
  const hashed = files.filter((file) => /chunk|-[A-Z0-9]{8}\.c?js$/.test(file));
  demand(hashed.length === 0, `names that are not descriptive: ${hashed.join(', ')}`);
  const own = [...Object.keys(entries), 'cli', 'reaper'].map((name) => `dist/${name}.js`);
  const parts = files.filter((file) => file.endsWith('.js') && !own.includes(file));
  demand(parts.length <= mostParts, `${parts.length} files besides the entries; allowed: ${mostParts}`);
  const bytes = files.reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
  demand(bytes <= mostBytes, `${bytes} bytes unpacked; allowed: ${mostBytes}`);
  // The Babel preset of React Native does not support them.
  const blocks = files.filter((file) => /\bstatic \{/.test(readFileSync(join(root, file), 'utf8')));
  demand(blocks.length === 0, `static blocks in ${blocks.join(', ')}`);
}

/** Packages that each entry point may import. Its types may only need those of openapi-fetch. */
const mayLeadTo: readonly (readonly [entry: RegExp, packages: RegExp])[] = [
  [/^dist\/index\.c?js$/, /^openapi-fetch$/],
  [/^dist\/index\.d\.c?ts$/, /^$/],
  // Rollup writes this expression for import.meta.url in CommonJS.
  [/^dist\/node\.c?js$/, /^(undici|openapi-fetch|node:[\w/]+|an expression: 'u' \+ 'rl')$/],
  [/^dist\/node\.d\.c?ts$/, /^$/],
  // Types of the client must be those that applications import.
  [/^dist\/otel\.c?js$/, /^@opentelemetry\/api$/],
  [/^dist\/otel\.d\.c?ts$/, /^(@octaspace\/sdk|@opentelemetry\/api)$/],
  [/^dist\/query\.c?js$/, /^$/],
  [/^dist\/query\.d\.c?ts$/, /^(@octaspace\/sdk|@tanstack\/query-core)$/],
  // The simulator runs everywhere. Its server gets the modules of Node from `process`.
  [/^dist\/testing\.c?js$/, /^$/],
  [/^dist\/testing\.d\.c?ts$/, /^@octaspace\/sdk$/],
  [/^dist\/zod\.c?js$/, /^zod\/mini$/],
  [/^dist\/zod\.d\.c?ts$/, /^(@octaspace\/sdk|zod\/mini)$/],
];

/** Every package that a file imports, directly or through our own files. */
function packagesBehind(file: string): string[] {
  const seen = new Set([file]);
  const packages = new Set<string>();
  for (const each of seen) {
    for (const specifier of importsOf(each, readFileSync(join(root, each), 'utf8'))) {
      if (!specifier.startsWith('.')) packages.add(specifier);
      // A chunk's types are imported by the name of its code.
      else
        seen.add(join(dirname(each), /\.d\.c?ts$/.test(each) ? specifier.replace(/\.(c?)js$/, '.d.$1ts') : specifier));
    }
  }
  return [...packages];
}

export function checkImports({ files }: Packed): void {
  for (const [entry, allowed] of mayLeadTo) {
    const found = files.filter((file) => entry.test(file));
    demand(found.length >= 2, `there is no ${entry.source} for both module systems`);
    for (const file of found) {
      const foreign = packagesBehind(file).filter((name) => !allowed.test(name));
      demand(foreign.length === 0, `${file} leads to ${foreign.join(', ')}`);
    }
  }
}

export function checkPaths({ files }: Packed): void {
  const naming = files.filter((file) => readFileSync(join(root, file), 'utf8').includes(root.replace(/\/$/, '')));
  demand(naming.length === 0, `the path of this checkout is in ${naming.join(', ')}`);
}

export async function checkPublint({ tarball }: Packed): Promise<void> {
  const bytes = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: bytes.buffer } });
  demand(messages.length === 0, messages.map((message) => formatMessage(message, pkg) ?? message.code).join('\n'));
}

export async function checkTypesWrong({ tarball }: Packed): Promise<void> {
  const given = [tarball, '--no-emoji', '--no-color', '--format', 'ascii'];
  await node('@arethetypeswrong/cli/dist/index.js', given);
}
