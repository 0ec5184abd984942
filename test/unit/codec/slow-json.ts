/** What the codec is held against: JSON read one character at a time, and JSON texts of the awkward kind. */
import fc from 'fast-check';

/** An integer of 20 digits, which no double can hold. */
export const long = '12345678901234567890';

/** The integer that a number of JSON says, by arithmetic; undefined for fractions and giants. */
export function integerOf(word: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(word);
  const [, sign = '', whole = '', fraction = '', written = '0'] = match ?? [];
  const exponent = Number(written);
  if (match === null || exponent < -1000 || whole.length + exponent > 100) return undefined;
  const scaled = BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, exponent));
  const unit = 10n ** BigInt(fraction.length + Math.max(0, -exponent));
  return scaled % unit === 0n ? (scaled / unit) * (sign === '-' ? -1n : 1n) : undefined;
}

/**
 * Parses valid JSON text with every integer as a bigint, in whichever way it is written. Plain integers beyond 2^53 are
 * also put into `beyond`.
 */
export function slowExactParse(text: string, beyond: string[] = []): unknown {
  let at = 0;
  const token = (pattern: RegExp): string => {
    const found = new RegExp(pattern, 'y');
    found.lastIndex = at;
    const [match = ''] = found.exec(text) ?? [];
    at += match.length;
    while (' \n\r\t'.includes(text[at] ?? '!')) at++;
    return match;
  };
  const members = (close: string, read: () => void): void => {
    token(/[[{]/);
    while (text[at] !== close) {
      read();
      token(/,?/);
    }
    token(/[\]}]/);
  };
  const string = (): string => JSON.parse(token(/"(?:[^"\\]|\\.)*"/));
  const value = (): unknown => {
    if (text[at] === '"') return string();
    if (text[at] === '[') {
      const list: unknown[] = [];
      members(']', () => list.push(value()));
      return list;
    }
    if (text[at] === '{') {
      const fields = new Map<string, unknown>();
      members('}', () => {
        const key = string();
        token(/:/);
        fields.set(key, value());
      });
      // Unlike assignment, this makes an own property of every key.
      return Object.fromEntries(fields);
    }
    const word = token(/[^\s,\]}]+/);
    const integer = integerOf(word);
    if (/^-?\d+$/.test(word) && !Number.isSafeInteger(Number(word))) beyond.push(word);
    return integer ?? JSON.parse(word);
  };
  token(/\s*/);
  return value();
}

/** Safe integers as bigints, so that 5 and 5n compare equal and a rounded integer does not; objects as sorted lists. */
export function comparable(value: unknown): unknown {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, field]): [string, unknown] => [key, comparable(field)]);
  return { fields: fields.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

/** What a function throws; undefined when it returns. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n', '   ');

/** A run of 13 to 41 digits. */
export const digits = fc
  .tuple(fc.constantFrom('1', '5', '9'), fc.array(fc.constantFrom(...'0123456789'), { minLength: 12, maxLength: 40 }))
  .map(([first, rest]) => first + rest.join(''));

/** Integers that all round to the same double. */
export const twin = fc.nat({ max: 9 }).map((offset) => `3142802893806084785${offset}`);

const number = fc.oneof(
  digits,
  twin,
  digits.map((run) => `-${run}`),
  fc.tuple(digits, digits).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.tuple(digits, fc.constantFrom('e', 'E', 'e+', 'E-', 'e-')).map(([whole, e]) => `${whole}${e}2`),
  fc.tuple(digits, fc.constantFrom('.0', '.000', '.5', '.00e1')).map(([whole, behind]) => whole + behind),
  fc.constantFrom('0', '-0', '7', '-1', '0.5', '1.5e18', '-1e22', '-1e300', '1e999', '1e-400', '1e-99999999999999999'),
  fc.constantFrom('9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993', '999999999999999'),
);

const stringPart = fc.oneof(
  digits,
  fc.constantFrom('a', '_', '\\"', '\\\\', '\\/', '\\n', ':', ',', '[', ']', '{', '}', ' ', '-', 'é', '😀'),
  fc.constantFrom('\u007f', '\\u007f', '\\u007F', '\u0080', '\\u0080', '\\u00AD', '\u2028', '\\ud83d', '\\"a\\": '),
);
const string = fc.array(stringPart, { maxLength: 6 }).map((parts) => `"${parts.join('')}"`);

/** Keys; some that look like integers, which objects put first, and few enough for repetition. */
const key = fc.oneof(
  string,
  fc.constantFrom('""', '"balance"', '"__proto__"', '"constructor"', '"a b"', '"\\\\"', '"7"', '"0"', '"12"', '"-1"'),
);

/** Any JSON text. */
export const { value: jsonText } = fc.letrec<{ value: string; list: string; object: string }>((tie) => {
  const padded = fc.tuple(space, tie('value'), space).map((parts) => parts.join(''));
  return {
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      number,
      string,
      fc.constantFrom('true', 'false', 'null'),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(padded, { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    object: fc
      .array(
        fc.tuple(space, key, space, padded).map(([a, name, b, field]) => `${a}${name}${b}:${field}`),
        { maxLength: 4 },
      )
      .map((fields) => `{${fields.join(',')}}`),
  };
});
