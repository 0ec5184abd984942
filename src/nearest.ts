/** Suggestions for misspelt names. */

/** The number of single-character edits between two names: insert, delete, change, or swap two neighbours. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let index = 0; index < left.length; index++) {
    const next = [index + 1];
    for (let column = 0; column < right.length; column++) {
      const change = (row[column] ?? 0) + (left[index] === right[column] ? 0 : 1);
      const swaps = index > 0 && left[index] === right[column - 1] && left[index - 1] === right[column];
      const swap = swaps ? (before[column - 1] ?? 0) + 1 : change;
      next.push(Math.min(change, swap, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[right.length] ?? 0;
}

function commonStart(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

/** Whether a name is the beginning of another one with one typo. Always false for names of up to 4 characters. */
function isTypoOfStart(name: string, other: string): boolean {
  const lengths = [name.length - 1, name.length, name.length + 1];
  return name.length > 4 && lengths.some((length) => distance(name, other.slice(0, length)) === 1);
}

/** The known name that is closest to a misspelt one. If two are equally close, the one with the longer common start. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const ranked = known.flatMap((other) => {
    const start = commonStart(lower, other.toLowerCase());
    const far = distance(lower, other.toLowerCase());
    // Changing half of a short word makes a different word.
    const isTypo = far <= 2 && far * 2 < Math.max(lower.length, other.length);
    const close =
      isTypo ||
      isTypoOfStart(lower, other.toLowerCase()) ||
      (start > 3 && (far <= 3 || start === lower.length)) ||
      lower.endsWith(`_${other.toLowerCase()}`);
    return close ? [{ other, score: far - start }] : [];
  });
  return ranked.sort((left, right) => left.score - right.score)[0]?.other;
}

/** "did you mean stop?", or all known names if none is close. `form` formats a name, such as `--json` for `json`. */
export function didYouMean(name: string, known: readonly string[], form = (each: string): string => each): string {
  const near = nearest(name, known);
  return near === undefined ? `known: ${known.map(form).join(', ')}` : `did you mean ${form(near)}?`;
}

/** The message for an unknown option; `taker` is what it was passed to. */
export function unknownOption(name: string, known: readonly string[], taker: string): string {
  return `unknown option ${JSON.stringify(name)} for ${taker}; ${didYouMean(name, known)}`;
}
