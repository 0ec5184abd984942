/** The tables of docs/runtimes.md, made from the lanes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failed, root } from '../package/run.ts';
import { exceptions, type Family, lanes } from './lanes.ts';

const words: Readonly<Record<Family, string>> = {
  node: 'Node',
  bun: 'Bun',
  deno: 'Deno',
  workerd: 'Workers',
  chromium: 'browsers',
};

/** A table of Markdown. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const [first, ...others] = [head, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [first, `|${'---|'.repeat(head.length)}`, ...others].join('\n');
}

/** Every lane. */
export function lanesTable(): string {
  const rows = lanes.map(({ name, runtime, version, how }) => [runtime, version, how, `\`${name}\``]);
  return table(['runtime', 'version', 'how the package is used there', 'lane'], rows);
}

/** Every exception. */
export function exceptionsTable(): string {
  const rows = exceptions.map(({ families, reason }) => [families.map((family) => words[family]).join(', '), reason]);
  return table(['where', 'what is different'], rows);
}

/** Throws if docs/runtimes.md has other tables. */
export function checkPage(): void {
  const page = readFileSync(join(root, 'docs/runtimes.md'), 'utf8');
  for (const wanted of [lanesTable(), exceptionsTable()]) {
    if (!`${page}\n`.includes(`\n\n${wanted}\n\n`))
      throw new Failed(`docs/runtimes.md must contain this table:\n\n${wanted}`);
  }
}
