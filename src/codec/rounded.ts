/** The numbers of a JSON text that are not what JSON.parse makes of them. */
import { integerFromText, isRounded, longDigits, wholePartFromText } from './decimal.ts';

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

/** Where something begins, and where it ends. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** A number of the text that may not be what JSON.parse makes of it. */
export interface NumberToken extends Place {
  /** What JSON.parse would lose; undefined if that is nothing of importance. */
  readonly lost: string | undefined;
}

/** Where the characters of a number around `at` begin and end. */
function wordAround(text: string, at: number): Place {
  let start = at;
  while (isNumberPart(text.charCodeAt(start - 1))) start--;
  let end = at + 1;
  while (isNumberPart(text.charCodeAt(end))) end++;
  return { start, end };
}

/** An integer without leading zeros. */
export const plainInteger = /^-?[1-9]\d*$/;
/** An exponent that may take a number out of what a double can hold. */
export const extreme = /\d[eE][-+]?\d{3}/;
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
  const isLost = end - digitsFrom > longDigits || text.slice(digitsFrom, end) > largestExact;
  return { start, end, lost: isLost && text.charCodeAt(digitsFrom) !== zero ? text.slice(start, end) : undefined };
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

/** The number with a run of digits and points from `start` to `end`; undefined for a fraction that JSON.parse takes for one. */
function tokenOfRun(text: string, start: number, end: number): NumberToken | undefined {
  const after = text.charCodeAt(end);
  if (after === smallE || after === largeE) return tokenAround(text, start);
  const point = text.slice(start, end).indexOf('.');
  if (point === -1) return wholeToken(text, start, end);
  return isFarFromInteger(text, start + point) ? undefined : tokenAround(text, start);
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
function isPlaceOfValue(text: string, { start, end }: Place): boolean {
  if (start > 0 && !/[\s:,[]/.test(text.charAt(start - 1))) return false;
  let after = end;
  while (isSpace(text.charCodeAt(after))) after++;
  return after === text.length || ',]}'.includes(text.charAt(after));
}

/** Tells whether words, in their order, are numbers, and not part of a string or a key. */
function placeFinder(text: string): (word: Place) => boolean {
  const inString = stringTracker(text);
  return (word) => followsKey(text, word.start) || (isPlaceOfValue(text, word) && !inString(word.start));
}

/** Finds numbers with 16 digits and more. */
function longNumbers(text: string): NumberToken[] {
  const tokens: NumberToken[] = [];
  const isNumber = placeFinder(text);
  // Written out, because engines skip most of a text if they know what each of the next characters may be.
  const run = /[\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.]/g;
  while (run.test(text)) {
    let end = run.lastIndex;
    while (isDigitOrPoint(text.charCodeAt(end))) end++;
    const start = run.lastIndex - longDigits;
    // Behind a quote it is text.
    const token = text.charCodeAt(start - 1) === quote ? undefined : tokenOfRun(text, start, end);
    if (token?.lost !== undefined && isNumber(token)) tokens.push(token);
    run.lastIndex = token?.end ?? end;
  }
  return tokens;
}

/** Finds numbers whose exponents may take them out of what a double can hold: they come out as 0 or as infinite. */
function extremeNumbers(text: string): NumberToken[] {
  const tokens: NumberToken[] = [];
  const isNumber = placeFinder(text);
  const pattern = new RegExp(extreme, 'g');
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const word = wordAround(text, match.index);
    pattern.lastIndex = word.end;
    if (!isNumber(word)) continue;
    const lost = lostText(text.slice(word.start, word.end));
    if (lost !== undefined) tokens.push({ ...word, lost });
  }
  return tokens;
}

/**
 * The numbers of the text to be wrapped, in their order: those with 16 digits and more; with `withExtremes` also those whose exponents have
 * three digits and more.
 */
export function roundedNumbers(text: string, withExtremes: boolean): readonly NumberToken[] {
  const long = longNumbers(text);
  if (!withExtremes) return long;
  const found = new Set(long.map(({ start }) => start));
  const others = extremeNumbers(text).filter(({ start }) => !found.has(start));
  return [...long, ...others].sort((one, other) => one.start - other.start);
}
