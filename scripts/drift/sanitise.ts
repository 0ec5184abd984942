/** Describes live values by their shapes, without the values. */

/** Objects with more keys than this count as maps, whose keys are values. */
const mostFields = 40;
const longestName = 32;

const stringKinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
  ['email', /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/],
  ['url', /^[a-z][a-z0-9+.-]*:\/\//i],
  ['ip', /^(?:\d{1,3}(?:\.\d{1,3}){3}|(?=.*:.*:)[0-9a-f:.]{2,45})$/i],
  ['date-time', /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/],
  ['date', /^\d{4}-\d{1,2}-\d{1,2}$/],
  ['digits', /^-?\d+$/],
  ['number', /^-?\d+\.\d+(?:e[+-]?\d+)?$/i],
  ['hex', /^(?:0x[0-9a-f]+|[0-9a-f]{16,})$/i],
  ['JSON', /^(?:\[.*\]|\{.*\})$/s],
  ['base64', /^[A-Za-z0-9+/]{24,}={0,2}$/],
];

/** The part of an e-mail address that identifies one in a word. */
const emailHost = /@[^\s@|`.]+(?:\.[^\s@|`.]+)*\.[a-z]{2,}/i;

/** Patterns that a report must not contain. */
const secrets: readonly RegExp[] = [
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi,
  /\b\d{1,3}(?:\.\d{1,3}){3}\b/g,
  /\b(?:0x)?[0-9a-f]{32,}\b/gi,
];

/** Whether a key looks like the name of a field, and not like a value. */
export function isFieldName(key: string): boolean {
  if (key.length > longestName || !/^[a-z][A-Za-z0-9]*(?:[_-][a-z0-9]+)*$/.test(key)) return false;
  // Field names have a few digits at most; hashes and ids have many.
  return (key.match(/\d/g) ?? []).length <= 3 && !/^[0-9a-f]{12,}$/.test(key);
}

/** A key for a report. */
export function safeKey(key: string): string {
  return isFieldName(key) ? key : `(key of ${key.length} characters)`;
}

function stringShape(text: string): string {
  const kind = stringKinds.find(([, pattern]) => pattern.test(text))?.[0];
  return kind === undefined ? `string(${text.length})` : `string(${text.length}, ${kind})`;
}

function integerShape(digits: string): string {
  const { length } = digits.replace('-', '');
  return `integer(${length} digit${length === 1 ? '' : 's'}${digits.startsWith('-') ? ', negative' : ''})`;
}

function objectShape(value: object, names: boolean): string {
  const keys = Object.keys(value);
  if (!names || keys.length > mostFields || !keys.every(isFieldName)) {
    return `object(${keys.length} key${keys.length === 1 ? '' : 's'})`;
  }
  return `object{${keys.sort().join(',')}}`;
}

/**
 * The shape of a parsed value: `string(36, uuid)`, `integer(20 digits)`, `array(3)`, `object(2 keys)`. With names, the latter is
 * `object{a,b}`; a key that looks like a field name may still be personal.
 */
export function shapeText(value: unknown, names: boolean): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array(${value.length})`;
  if (typeof value === 'string') return stringShape(value);
  if (typeof value === 'bigint') return integerShape(value.toString());
  if (typeof value === 'number' && Number.isInteger(value)) return integerShape(BigInt(value).toString());
  return typeof value === 'object' ? objectShape(value, names) : typeof value;
}

/** Removes everything that looks like a value from a report, as a last check. */
export function withoutSecrets(text: string, key: string | undefined): string {
  const safe = key === undefined || key.length < 4 ? text : text.replaceAll(key, '[removed]');
  // Removes the whole word, because a pattern for the text before the @ takes quadratic time.
  const withoutEmails = safe.replace(/[^\s|`,;]+/g, (word) => (emailHost.test(word) ? '[removed]' : word));
  return secrets.reduce((rest, pattern) => rest.replace(pattern, '[removed]'), withoutEmails);
}
