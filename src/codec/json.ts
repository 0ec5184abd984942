/**
 * JSON text to values without losing a digit: the only JSON.parse of an answer.
 *
 * JSON.parse rounds integers beyond 2^53, and Node 20 shows a reviver no source text. So before parsing, those integers are
 * wrapped into strings that begin with a mark, which no string of the text begins with; decoding turns them into bigints.
 */

/** An answer parsed. */
export interface ParsedJson {
  readonly value: unknown;
  /** What strings that stand for an integer begin with; absent if there are none. */
  readonly mark: string | undefined;
}

/** Integers with fewer digits fit a double whatever they are. */
const longDigits = 16;
/** More digits than any amount has. BigInt takes time that grows with their square. */
const mostDigits = 100;
/** DEL: no server writes it, and a text with it takes no more memory. */
const firstMark = '\u007f';
const zero = 48;
const nine = 57;
const quote = 34;
const backslash = 92;
const minus = 45;
const plus = 43;
const colon = 58;
const space = 32;
const point = 46;
const smallE = 101;
const largeE = 69;

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

/** Whether a character may be part of a number: a digit, or one of `.eE+-`. */
function isNumberPart(code: number): boolean {
  return isDigit(code) || code === point || code === smallE || code === largeE || code === plus || code === minus;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

/** Whether a number is so large that its digits may be lost. */
export function isRounded(value: number): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
}

/** Where the string of valid JSON that begins at `start` ends. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (let slashes = end; ; slashes = end) {
    while (text.charCodeAt(slashes - 1) === backslash) slashes--;
    if (end === -1 || (end - slashes) % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
}

/** Tells whether ascending positions are within a string; reads the text once in all. */
function stringTracker(text: string): (position: number) => boolean {
  let start = text.indexOf('"');
  let end = start === -1 ? -1 : endOfString(text, start);
  return (position) => {
    while (end < position && start !== -1) {
      start = end === -1 ? -1 : text.indexOf('"', end + 1);
      end = start === -1 ? -1 : endOfString(text, start);
    }
    return start !== -1 && start < position;
  };
}

/**
 * The exact integer that the text of a number stands for, with or without an exponent; undefined for fractions, for anything else,
 * and for integers of more than 100 digits.
 */
export function integerFromText(text: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const written = whole + fraction;
  let start = 0;
  while (written.charCodeAt(start) === zero) start++;
  if (start === written.length) return 0n;
  let end = written.length;
  while (written.charCodeAt(end - 1) === zero) end--;
  // What is left ends with another digit than 0, so it is an integer only if nothing of it is behind the point.
  const zeros = Number(exponent) - fraction.length + (written.length - end);
  if (zeros < 0 || end - start + zeros > mostDigits) return undefined;
  return BigInt(`${sign}${written.slice(start, end)}${'0'.repeat(zeros)}`);
}

/** A number of the text. */
interface NumberToken {
  readonly start: number;
  readonly end: number;
  /** Its value as decimal digits, if JSON.parse would lose some; else undefined. */
  readonly digits: string | undefined;
}

/** Where the characters of a number around `at` begin and end. */
function wordAround(text: string, at: number): { readonly start: number; readonly end: number } {
  let start = at;
  while (isNumberPart(text.charCodeAt(start - 1))) start--;
  let end = at + 1;
  while (isNumberPart(text.charCodeAt(end))) end++;
  return { start, end };
}

const plainInteger = /^-?[1-9]\d*$/;
const validNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The digits that JSON.parse would lose of a number; undefined if it loses none. */
function lostDigits(word: string): string | undefined {
  if (!isRounded(Number(word)) || !validNumber.test(word)) return undefined;
  return plainInteger.test(word) ? word : integerFromText(word)?.toString();
}

function tokenAround(text: string, at: number): NumberToken {
  const { start, end } = wordAround(text, at);
  return { start, end, digits: lostDigits(text.slice(start, end)) };
}

/** Finds runs of 16 digits and more, unless they are part of a number with an exponent. */
function longTokens(text: string): NumberToken[] {
  const tokens: NumberToken[] = [];
  // A run of 16 digits covers at least one of the positions looked at, so most of the text is skipped.
  for (let at = longDigits - 1; at < text.length; at += longDigits) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    while (isDigit(text.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end++;
    if (end - start < longDigits) continue;
    at = end;
    const after = text.charCodeAt(end);
    // A fraction, or text.
    if (text.charCodeAt(start - 1) === point || after === smallE || after === largeE) continue;
    if (text.charCodeAt(start - 1) === minus) start--;
    const token =
      after === point ? tokenAround(text, start) : { start, end, digits: lostDigits(text.slice(start, end)) };
    at = token.end;
    tokens.push(token);
  }
  return tokens;
}

/** Finds numbers with an exponent. */
function scaledTokens(text: string): NumberToken[] {
  const tokens: NumberToken[] = [];
  const pattern = /\d[eE][-+\d]/g;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const token = tokenAround(text, match.index);
    pattern.lastIndex = token.end;
    tokens.push(token);
  }
  return tokens;
}

function isWordCharacter(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

/** Whether what begins at `start` follows `"key":`, so that it cannot be in a string: within one, a quote follows a backslash. */
function followsKey(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1) === space ? start - 2 : start - 1;
  if (text.charCodeAt(before) !== colon || text.charCodeAt(before - 1) !== quote) return false;
  return isWordCharacter(text.charCodeAt(before - 2));
}

/** Whether a number may stand here, if this is not within a string. No key is a number. */
function isPlaceOfValue(text: string, { start, end }: NumberToken): boolean {
  if (start > 0 && !/[\s:,[]/.test(text.charAt(start - 1))) return false;
  let after = end;
  while (isSpace(text.charCodeAt(after))) after++;
  return after === text.length || ',]}'.includes(text.charAt(after));
}

/** The numbers of the text that JSON.parse would round, in their order. */
function roundedNumbers(text: string): readonly NumberToken[] {
  const long = longTokens(text);
  const scaled = scaledTokens(text);
  const all = scaled.length === 0 ? long : [...long, ...scaled].sort((one, other) => one.start - other.start);
  const inString = stringTracker(text);
  let end = 0;
  return all.filter((token) => {
    // Some are found both ways.
    if (token.digits === undefined || token.start < end) return false;
    const isNumber = followsKey(text, token.start) || (isPlaceOfValue(text, token) && !inString(token.start));
    if (isNumber) end = token.end;
    return isNumber;
  });
}

/** A mark that no string of the text begins with. Most texts do not have the first one anywhere. */
function unusedMark(text: string): string {
  if (!text.includes(firstMark) && !text.includes('\\u007')) return firstMark;
  const beginnings = new Set<unknown>();
  replaceScalars(JSON.parse(text), (scalar) => {
    if (typeof scalar === 'string') beginnings.add(scalar.slice(0, 2));
    return scalar;
  });
  // Each mark that is in use takes a string of the text.
  for (let first = firstMark.charCodeAt(0); ; first++) {
    for (let second = first; second < 0xd800; second++) {
      const mark = String.fromCharCode(first, second);
      if (!beginnings.has(mark)) return mark;
    }
  }
}

/** Replaces scalars, however deep, in place. Without recursion: the depth is the sender's. */
export function replaceScalars(root: unknown, replace: (scalar: unknown) => unknown): unknown {
  const top = { root };
  const holders: object[] = [top];
  for (let holder = holders.pop(); holder !== undefined; holder = holders.pop()) {
    for (const [key, field] of Object.entries(holder)) {
      if (typeof field === 'object' && field !== null) {
        holders.push(field);
        continue;
      }
      const replaced = replace(field);
      // An own `__proto__` stays an own property: assignment finds it, and sets only that.
      if (replaced !== field) Reflect.set(holder, key, replaced);
    }
  }
  return top.root;
}

/** Parses JSON text. Integers beyond 2^53, however they are written, become strings with a mark. Throws SyntaxError. */
export function parseJson(text: string): ParsedJson {
  const tokens = roundedNumbers(text);
  if (tokens.length === 0) return { value: JSON.parse(text), mark: undefined };
  let mark = '';
  let wrapped = '';
  let from = 0;
  try {
    mark = unusedMark(text);
    for (const { start, end, digits } of tokens) {
      wrapped += `${text.slice(from, start)}"${mark}${digits}"`;
      from = end;
    }
    return { value: JSON.parse(wrapped + text.slice(from)), mark };
  } catch (error) {
    // The message is to be about the text as it came.
    JSON.parse(text);
    throw error;
  }
}

/** The integer that a string with the mark stands for; its digits as text if there are too many. Anything else is given back. */
export function unmarked(scalar: unknown, mark: string): unknown {
  if (typeof scalar !== 'string' || !scalar.startsWith(mark)) return scalar;
  const digits = scalar.slice(mark.length);
  return digits.length > mostDigits + (digits.startsWith('-') ? 1 : 0) ? digits : BigInt(digits);
}

/** Parses JSON text with every integer beyond 2^53 as what `convert` makes of it. Throws SyntaxError. */
export function parseExact(text: string, convert: (exact: bigint | string) => unknown = (exact) => exact): unknown {
  const { value, mark } = parseJson(text);
  if (mark === undefined) return value;
  return replaceScalars(value, (scalar) => {
    const exact = unmarked(scalar, mark);
    // A string of 101 digits is what an integer was, too.
    return exact === scalar ? scalar : convert(exact as bigint | string);
  });
}

/** Parses JSON text with long integers as decimal text, for values that JSON.stringify must be able to write. */
export function parseWithTextIntegers(text: string): unknown {
  return parseExact(text, String);
}
