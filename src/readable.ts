/** Text of others, such as the API's, as it may be printed. */

/** What a terminal obeys instead of showing it: control characters, and marks that reorder or hide text. */
const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  // In the way of JSON, so that JSON stays what it is.
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** One line, with nothing in it that a terminal would obey: a line break or an escape could forge what is printed. */
export function readableLine(text: string): string {
  return text.replace(obeyed, escaped);
}

/** The same for several lines. */
export function readableText(text: string): string {
  return text.split('\n').map(readableLine).join('\n');
}
