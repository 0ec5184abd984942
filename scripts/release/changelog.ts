/** CHANGELOG.md: a section for each version, the newest first. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Heading for notes that are folded into a prepared release. */
const further = '### Further changes';

/** Begin and end of a version's section, without its heading. Throws if there is none. */
function boundsOf(changelog: string, version: string): readonly [number, number] {
  const heading = `\n## ${version}\n`;
  const at = changelog.indexOf(heading);
  if (at < 0) throw new Error(`CHANGELOG.md has no section "## ${version}"`);
  const begin = at + heading.length;
  const next = changelog.indexOf('\n## ', begin);
  return [begin, next < 0 ? changelog.length : next];
}

/** The notes of a version, in Markdown. */
export function notesOf(changelog: string, version: string): string {
  const notes = changelog.slice(...boundsOf(changelog, version)).trim();
  if (notes === '') throw new Error(`CHANGELOG.md has no notes for ${version}`);
  return notes;
}

/** Formats a note as an item of a list. */
export function itemOf(note: string): string {
  return `- ${note.replaceAll('\n', '\n  ')}`;
}

/** Adds notes at the end of a version's section. */
export function addNotes(changelog: string, version: string, notes: readonly string[]): string {
  const [begin, end] = boundsOf(changelog, version);
  const before = notesOf(changelog, version);
  const list = notes.map(itemOf).join('\n');
  const section = before.includes(further) ? `${before}\n${list}` : `${before}\n\n${further}\n\n${list}`;
  return `${changelog.slice(0, begin)}\n${section}\n${changelog.slice(end)}`;
}

export function readChangelog(root: string): string {
  return readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
}

export function writeChangelog(root: string, text: string): void {
  writeFileSync(join(root, 'CHANGELOG.md'), text);
}
