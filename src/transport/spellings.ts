/** Finds the spellings of a secret in text: plain, escaped for a URL, JSON or HTML, or within base64. */

const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** A pattern for the two hexadecimal digits of a character, in either letter case. */
function hexOf(character: string): string {
  const digits = character.charCodeAt(0).toString(16).padStart(2, '0');
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/** A pattern for all spellings of a character. Letters and digits are never escaped. */
function patternOfCharacter(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character;
  const hex = hexOf(character);
  const entity = entities[character];
  const numbers = `&#(?:${character.charCodeAt(0)}|[xX]${hex});`;
  // The backslash is for JSON, which escapes some characters.
  const ways = [`\\\\?${escaped(character)}`, `%${hex}`, `\\\\u00${hex}`, numbers];
  return `(?:${[...ways, ...(entity === undefined ? [] : [`&${entity};`])].join('|')})`;
}

/** Number of base64 characters that also depend on the preceding bytes, by the number of bytes beyond whole groups. */
const foreignAtStart = [0, 2, 3];

/** The parts of base64 text that depend only on a contained secret, in both alphabets. */
function inBase64(secret: string): string[] {
  // Not a key, because a header cannot contain it.
  if ([...secret].some((character) => character > '\xff')) return [];
  const found = foreignAtStart.map((foreign, before) => {
    const whole = btoa(`${'\0'.repeat(before)}${secret}`).replace(/={1,2}$/, '');
    const isOpen = (before + secret.length) % 3 !== 0;
    return whole.slice(foreign, isOpen ? -1 : undefined);
  });
  return found.flatMap((each) => [each, each.replaceAll('+', '-').replaceAll('/', '_')]);
}

/** The source of a regular expression that matches every spelling of a secret. The secret must be visible ASCII. */
export function patternOf(secret: string): string {
  const characters = [...secret].map(patternOfCharacter).join('');
  return [characters, ...new Set(inBase64(secret).map(escaped))].join('|');
}
