/** The changelog as one page: first the changes that are not released yet, then the released ones. */
import { itemOf, readChangelog } from '../release/changelog.ts';
import { pendingIn } from '../release/changesets.ts';

/** The text of the page. */
export function changelogPage(root: string): string {
  const past = readChangelog(root).replace(/^# .*\n/, '');
  const waiting = pendingIn(root).map(({ note }) => itemOf(note));
  const coming = waiting.length > 0 ? `## Not released yet\n\n${waiting.join('\n')}\n` : '';
  return `# Changelog\n\n${coming}\n${past}`;
}
