/** Makes text from outside, such as from the API, safe to print. */

/** Control characters, and characters that reorder or hide text. A terminal acts on them instead of showing them. */
const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  // Escaped as in JSON, so that JSON text stays valid.
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Text as one line, with control characters escaped: a line break or an escape sequence could forge output. */
export function readableLine(text: string): string {
  return text.replace(control, escaped);
}

/** The same for several lines. */
export function readableText(text: string): string {
  return text.split('\n').map(readableLine).join('\n');
}
