/** The tables of README.md about runtimes, which are what the lanes are. */
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

/** Throws when README.md has other tables. */
export function checkReadme(): void {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  for (const wanted of [lanesTable(), exceptionsTable()]) {
    if (!readme.includes(`\n\n${wanted}\n\n`))
      throw new Failed(`README.md has another table; it has to be\n\n${wanted}`);
  }
}
