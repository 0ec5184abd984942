/** The reports of the last release. `api/released.json` has their hashes, so that the comparison needs no git history. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Baseline {
  /** The release. */
  readonly version: string;
  /** SHA-256 of each report, in hexadecimal. */
  readonly reports: Readonly<Record<string, string>>;
}

/** The committed reports by file name. */
export function committedIn(root: string): Map<string, string> {
  const folder = join(root, 'api');
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.api.md')) : [];
  return new Map(files.sort().map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Names of the reports that have changed since the last release, including new and removed ones. */
export function changedSinceRelease(root: string): { readonly version: string; readonly changed: readonly string[] } {
  const { version, reports }: Baseline = JSON.parse(readFileSync(join(root, 'api/released.json'), 'utf8'));
  const committed = committedIn(root);
  const names = [...new Set([...committed.keys(), ...Object.keys(reports)])];
  const hashNow = (name: string) => {
    const text = committed.get(name);
    return text === undefined ? undefined : hashOf(text);
  };
  return { version, changed: names.filter((name) => hashNow(name) !== reports[name]) };
}

/** Records the committed reports as those of this release. */
export function writeBaseline(root: string, version: string): void {
  const reports = Object.fromEntries([...committedIn(root)].map(([name, text]) => [name, hashOf(text)]));
  writeFileSync(join(root, 'api/released.json'), `${JSON.stringify({ version, reports }, undefined, 2)}\n`);
}
