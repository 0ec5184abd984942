/** The table of versions in docs/frameworks.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failed, root } from '../package/run.ts';
import { lanes, versionsOf } from './lanes.ts';
import { page } from './recipes.ts';

/** Every lane, with the section that it runs. */
export function versionsTable(): string {
  const rows = lanes.map(
    (lane) => `| [${lane.section}](#${anchorOf(lane.section)}) | ${versionsOf(lane)} | \`${lane.name}\` |`,
  );
  return ['| section | versions | lane |', '|---|---|---|', ...rows].join('\n');
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}

/** Throws Failed if the table in the page is different. */
export function checkVersions(): void {
  const wanted = versionsTable();
  if (readFileSync(join(root, page), 'utf8').includes(`\n\n${wanted}\n\n`)) return;
  throw new Failed(`${page} must contain this table of versions:\n\n${wanted}`);
}
