/**
 * JSON text to values without losing a digit: the only parser of whole responses.
 *
 * JSON.parse rounds integers beyond 2^53, and Node 20 shows a reviver no source text. So before parsing, those integers are
 * wrapped into strings that begin with a mark, which no string of the text begins with; decoding turns them into bigints. Fractions
 * such as 5.00000000000000000001 are wrapped, too, because they would come out as integers.
 */

import { integerFromText, isRounded, longDigits, mostDigits, wholePartFromText } from './decimal.ts';

/** An answer parsed. */
export interface ParsedJson {
  readonly value: unknown;
  /** What strings that stand for a number begin with; absent if there are none. */
  readonly mark: string | undefined;
}

/** DEL: servers do not write it, and unlike most other characters it leaves a text with one byte per character. */
const firstMark = '\u007f';
const largestExact = String(Number.MAX_SAFE_INTEGER);
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

function isDigitOrPoint(code: number): boolean {
  return isDigit(code) || code === point;
}

/** Whether a character may be part of a number: a digit, or one of `.eE+-`. */
function isNumberPart(code: number): boolean {
  return isDigitOrPoint(code) || code === smallE || code === largeE || code === plus || code === minus;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
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

/** A number of the text that may not be what JSON.parse makes of it. */
interface NumberToken {
  readonly start: number;
  readonly end: number;
  /** What JSON.parse would lose; undefined if that is nothing of importance. */
  readonly lost: string | undefined;
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

/**
 * What to keep of a number that JSON.parse would take for another integer: the digits of the integer that it is, or the number as it is
 * written, if it is none or too large for a double. Undefined for all other numbers: a fraction that stays one is approximate anyway.
 */
function lostText(word: string): string | undefined {
  const value = Number(word);
  if (!validNumber.test(word)) return undefined;
  if (!Number.isInteger(value)) return Number.isFinite(value) ? undefined : word;
  if (plainInteger.test(word)) return isRounded(value) ? word : undefined;
  const exact = integerFromText(word);
  if (exact !== undefined) return isRounded(value) ? exact.toString() : undefined;
  return isRounded(value) && wholePartFromText(word) === undefined ? undefined : word;
}

function tokenAround(text: string, at: number): NumberToken {
  const { start, end } = wordAround(text, at);
  return { start, end, lost: lostText(text.slice(start, end)) };
}

/** A run of at least 16 digits as a whole number. Most long numbers are, so this has to be quick. */
function wholeToken(text: string, digitsFrom: number, end: number): NumberToken {
  const start = text.charCodeAt(digitsFrom - 1) === minus ? digitsFrom - 1 : digitsFrom;
  const after = text.charCodeAt(end);
  const isWhole = after !== smallE && after !== largeE && text.charCodeAt(digitsFrom) !== zero;
  const isLost = isWhole && (end - digitsFrom > longDigits || text.slice(digitsFrom, end) > largestExact);
  return { start, end, lost: isLost ? text.slice(start, end) : undefined };
}

/**
 * Whether a fraction is nowhere near an integer, so that no double makes one of it. Up to 10^12 doubles are closer together than 0.001,
 * and unless the first three digits behind the point are all 0 or all 9, the next integer is further away than that.
 */
function isFarFromInteger(text: string, pointAt: number): boolean {
  let start = pointAt;
  while (isDigit(text.charCodeAt(start - 1))) if (pointAt - --start > 12) return false;
  const first = text.charCodeAt(pointAt + 1);
  if (first !== zero && first !== nine) return true;
  return text.charCodeAt(pointAt + 2) !== first || text.charCodeAt(pointAt + 3) !== first;
}

/** Finds numbers of 16 digits and more, unless they have an exponent. */
function longTokens(text: string): NumberToken[] {
  const tokens: NumberToken[] = [];
  // A number of 16 digits covers at least one of the positions looked at, so most of the text is skipped.
  for (let at = longDigits - 1; at < text.length; at += longDigits) {
    if (!isDigitOrPoint(text.charCodeAt(at))) continue;
    let start = at;
    while (isDigitOrPoint(text.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (isDigitOrPoint(text.charCodeAt(end))) end++;
    if (end - start < longDigits) continue;
    at = end;
    const pointAt = start + text.slice(start, end).indexOf('.');
    if (pointAt < start) tokens.push(wholeToken(text, start, end));
    else if (!isFarFromInteger(text, pointAt)) {
      const token = tokenAround(text, start);
      tokens.push(token);
      at = token.end;
    }
  }
  return tokens.filter(({ lost }) => lost !== undefined);
}

/** Finds numbers with an exponent. */
function scaledTokens(text: string): NumberToken[] {
  const tokens: NumberToken[] = [];
  const pattern = /\d[eE][-+\d]/g;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const token = tokenAround(text, match.index);
    pattern.lastIndex = token.end;
    if (token.lost !== undefined) tokens.push(token);
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

/** The numbers of the text that JSON.parse would take for others, in their order. */
function roundedNumbers(text: string): readonly NumberToken[] {
  const long = longTokens(text);
  const scaled = scaledTokens(text);
  const all = scaled.length === 0 ? long : [...long, ...scaled].sort((one, other) => one.start - other.start);
  const inString = stringTracker(text);
  let end = 0;
  return all.filter((token) => {
    // Some are found both ways.
    if (token.start < end) return false;
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
  // Each mark that is in use takes a string of the text, so the search ends after as many steps as there are strings.
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

/**
 * Parses JSON text. Integers beyond 2^53, however they are written, and fractions that JSON.parse would make integers become strings with
 * a mark. Throws SyntaxError.
 */
export function parseJson(text: string): ParsedJson {
  const tokens = roundedNumbers(text);
  if (tokens.length === 0) return { value: JSON.parse(text), mark: undefined };
  let mark = '';
  let wrapped = '';
  let from = 0;
  try {
    mark = unusedMark(text);
    for (const { start, end, lost } of tokens) {
      wrapped += `${text.slice(from, start)}"${mark}${lost}"`;
      from = end;
    }
    return { value: JSON.parse(wrapped + text.slice(from)), mark };
  } catch (error) {
    // The message is to be about the text as it came.
    JSON.parse(text);
    throw error;
  }
}

/** What a string with the mark has behind it; undefined for anything else. */
export function textBehind(mark: string | undefined, scalar: unknown): string | undefined {
  return mark !== undefined && typeof scalar === 'string' && scalar.startsWith(mark)
    ? scalar.slice(mark.length)
    : undefined;
}

/**
 * The number that a text behind a mark stands for: a bigint if it is an integer, its digits as text if there are too many for that, or
 * what JSON.parse makes of it.
 */
export function numberBehind(text: string): bigint | string | number {
  if (!plainInteger.test(text)) return Number(text);
  return text.length > mostDigits + (text.startsWith('-') ? 1 : 0) ? text : BigInt(text);
}

/** Parses JSON text with every integer beyond 2^53 as what `convert` makes of it. Throws SyntaxError. */
export function parseExact(text: string, convert: (exact: bigint | string) => unknown = (exact) => exact): unknown {
  const { value, mark } = parseJson(text);
  if (mark === undefined) return value;
  return replaceScalars(value, (scalar) => {
    const behind = textBehind(mark, scalar);
    if (behind === undefined) return scalar;
    const exact = numberBehind(behind);
    return typeof exact === 'number' ? exact : convert(exact);
  });
}

/** Parses JSON text with long integers as decimal text, for values that JSON.stringify must be able to write. */
export function parseWithTextIntegers(text: string): unknown {
  return parseExact(text, String);
}
