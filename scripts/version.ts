/**
 * Makes a version from the pending changesets: updates CHANGELOG.md, package.json, lock file, source and the baseline of the API reports.
 * With `--fold`, it adds them to the version in package.json, which must not be released yet. With `--notes`, it prints the notes of that
 * version in CHANGELOG.md, and changes nothing.
 */
import { parseArgs } from 'node:util';
import { plainly } from './api/plainly.ts';
import { root } from './package/run.ts';
import { notesOf, readChangelog } from './release/changelog.ts';
import { foldIntoVersion, nextVersion, versionOf } from './release/version.ts';

const { values } = parseArgs({ options: { fold: { type: 'boolean' }, notes: { type: 'boolean' } } });

plainly(() => {
  if (values.notes) console.log(notesOf(readChangelog(root), versionOf(root)));
  else
    console.log(
      `version ${values.fold ? foldIntoVersion(root) : nextVersion(root)}; read CHANGELOG.md before you commit`,
    );
});
