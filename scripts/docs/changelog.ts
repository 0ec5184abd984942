/** The changelog as one page: what was released, and before it what will be. */
import { itemOf, readChangelog } from '../release/changelog.ts';
import { pendingIn } from '../release/changesets.ts';

/** The text of the page. */
export function changelogPage(root: string): string {
  const past = readChangelog(root).replace(/^# .*\n/, '');
  const waiting = pendingIn(root).map(({ note }) => itemOf(note));
  const coming = waiting.length > 0 ? `## Not released yet\n\n${waiting.join('\n')}\n` : '';
  return `# Changelog\n\n${coming}\n${past}`;
}
