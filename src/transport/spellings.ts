/** How a secret may be written in a text: as it is, escaped for a URL, JSON or HTML, or within base64. */

const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Two digits of base 16, in either letter case. */
function hexOf(character: string): string {
  const digits = character.charCodeAt(0).toString(16).padStart(2, '0');
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/** The pattern of one character. Letters and digits are never escaped. */
function patternOfCharacter(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character;
  const hex = hexOf(character);
  const entity = entities[character];
  const numbers = `&#(?:${character.charCodeAt(0)}|[xX]${hex});`;
  // A backslash before it, as JSON has it before some.
  const ways = [`\\\\?${escaped(character)}`, `%${hex}`, `\\\\u00${hex}`, numbers];
  return `(?:${[...ways, ...(entity === undefined ? [] : [`&${entity};`])].join('|')})`;
}

/** Characters of base64 that also depend on what stands before the secret, by how many bytes that is beyond whole groups. */
const foreignAtStart = [0, 2, 3];

/** Base64 of whatever text contains the secret: the part that depends on the secret alone, in both alphabets. */
function inBase64(secret: string): string[] {
  // What is no key, because no header can carry it.
  if ([...secret].some((character) => character > '\xff')) return [];
  const found = foreignAtStart.map((foreign, before) => {
    const whole = btoa(`${'\0'.repeat(before)}${secret}`).replace(/={1,2}$/, '');
    const isOpen = (before + secret.length) % 3 !== 0;
    return whole.slice(foreign, isOpen ? -1 : undefined);
  });
  return found.flatMap((each) => [each, each.replaceAll('+', '-').replaceAll('/', '_')]);
}

/** A regular expression, as text, that finds every spelling of a secret. The secret consists of visible ASCII characters. */
export function patternOf(secret: string): string {
  const characters = [...secret].map(patternOfCharacter).join('');
  return [characters, ...new Set(inBase64(secret).map(escaped))].join('|');
}
