/** Pieces of Markdown. */

/** A section with its title, up to the next section of the same level. Throws if there is none. */
export function sectionOf(page: string, title: string): string {
  const found = page.split(/^(?=## )/m).find((part) => part.startsWith(`## ${title}\n`));
  if (found === undefined) throw new Error(`the page has no section "${title}"`);
  return found.trim();
}

/** Text in a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ');
}

/** A table. Empty without rows. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Paragraphs, without the empty ones. */
export function paragraphs(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}
