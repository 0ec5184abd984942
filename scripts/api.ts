/**
 * Writes the exports of the built package to `api/`, in one report for each entry point. With `--check`, it writes nothing, and fails if
 * the reports do not match the build, or differ from those of the last release without a changeset. With `--base REF`, it fails if the
 * commits since REF change them without adding a changeset.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { outOfStep, untold, untoldSince } from './api/check.ts';
import { plainly } from './api/plainly.ts';
import { reportsOf } from './api/reports.ts';
import { root } from './package/run.ts';
import { committedIn } from './release/baseline.ts';

const options = { check: { type: 'boolean' }, base: { type: 'string' } } as const;
const { values } = parseArgs({ options });

function write(): void {
  const built = reportsOf(root);
  mkdirSync(join(root, 'api'), { recursive: true });
  for (const name of committedIn(root).keys()) if (!built.has(name)) rmSync(join(root, 'api', name));
  for (const [name, text] of built) writeFileSync(join(root, 'api', name), text);
  console.log(`api/ has ${built.size} reports: ${[...built.keys()].join(', ')}`);
}

function complain(problems: readonly string[]): void {
  if (problems.length === 0) {
    console.log('api/ is up to date, and its changes have changesets');
  } else {
    console.error(problems.join('\n'));
    process.exitCode = 1;
  }
}

plainly(() => {
  if (values.base !== undefined) complain(untoldSince(root, values.base));
  else if (values.check) complain([...outOfStep(root, reportsOf(root)), ...untold(root)]);
  else write();
});
