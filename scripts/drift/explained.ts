/** Finds the differences that openapi/DRIFT.md explains, by the patterns of its entries. */

/** One pattern, and the entry that it stands in. */
export interface Explanation {
  readonly entry: number;
  /** A key in which `*` stands for any text. */
  readonly pattern: string;
}

const heading = /^## (\d+)\. /;
const line = /^- \*\*Explains:\*\* (.+)$/;

/** Every pattern of the page, in its order. */
export function explanationsIn(page: string): Explanation[] {
  const found: Explanation[] = [];
  let entry = 0;
  for (const text of page.split('\n')) {
    entry = Number(heading.exec(text)?.[1] ?? entry);
    const patterns = line.exec(text)?.[1] ?? '';
    found.push(...[...patterns.matchAll(/`([^`]+)`/g)].map(([, pattern = '']) => ({ entry, pattern })));
  }
  return found;
}

/** Whether a pattern fits a whole key. */
export function fits(pattern: string, key: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(key);
}

/** Numbers of the entries that explain a difference. */
export function entriesFor(key: string, explanations: readonly Explanation[]): number[] {
  return [...new Set(explanations.filter(({ pattern }) => fits(pattern, key)).map(({ entry }) => entry))];
}
