/**
 * Marks in JSON: strings that replace the numbers that JSON.parse would change.
 *
 * A mark is written over its number in the bytes of a response, before the bytes are decoded. It has the same length, so nothing moves. It
 * begins with random characters, chosen for each response, which a server cannot know. Then follows the index of the number in a list. The
 * remaining digits of the number fill the rest.
 */
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { integerFromText, isRounded, longDigits, mostDigits, wholePartFromText } from './decimal.ts';

const zero = 48;
const quote = 34;
const backslash = 92;
const minus = 45;
const point = 46;
/** DEL. Few texts begin with it, so checking one character is enough to rule out nearly all other texts. */
export const markCode = 127;
/** Length of the beginning of a mark, after its quote. All of its characters except the first are random. */
const prefixLength = 9;
/** Length of the index of a number, with 5 bits per character. A mark fits into the shortest long number, which has 16 characters. */
const placeLength = 5;
const highestShift = 5 * (placeLength - 1);

/** The marked numbers of a text. */
export interface Marks {
  /** The beginning of every mark. */
  readonly prefix: string;
  /** The numbers: integers as bigint, all others as text. */
  readonly numbers: (bigint | string)[];
}

export function newMarks(): Marks {
  const random = Math.random()
    .toString(36)
    .slice(2, prefixLength + 1)
    .padEnd(prefixLength - 1, '0');
  return { prefix: String.fromCharCode(markCode) + random, numbers: [] };
}

/** One character of the index of a number: '0' to 'O'. */
function placeCode(place: number, shift: number): number {
  return zero + ((place >>> shift) & 31);
}

/** The number of a mark; undefined if the scalar is not a mark. */
export function markedNumber(marks: Marks | undefined, scalar: unknown): bigint | string | undefined {
  if (marks === undefined || typeof scalar !== 'string' || scalar.charCodeAt(0) !== markCode) return undefined;
  if (!scalar.startsWith(marks.prefix)) return undefined;
  let place = 0;
  for (let at = 0; at < placeLength; at++) place = place * 32 + scalar.charCodeAt(prefixLength + at) - zero;
  return marks.numbers[place];
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= zero && code <= 57;
}

function isDigitOrPoint(code: number | undefined): boolean {
  return code !== undefined && code <= 57 && (code >= zero || code === point);
}

/** Whether it is the letter of an exponent. */
function isExponent(code: number | undefined): boolean {
  return code === 101 || code === 69;
}

/** Whether a character may be part of a number: a digit, or one of `.eE+-`. */
function isNumberPart(code: number | undefined): boolean {
  return isDigitOrPoint(code) || isExponent(code) || code === minus || code === 43;
}

function isSpace(code: number | undefined): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

/** Whether a character is one of `characters`. */
function isOneOf(characters: string, code: number | undefined): boolean {
  return code !== undefined && characters.includes(String.fromCharCode(code));
}

/** Returns a function that tells whether a position is within a string. Positions must ascend, so that the bytes are read only once. */
function stringTracker(bytes: Uint8Array): (position: number) => boolean {
  let isInside = false;
  let next = bytes.indexOf(quote);
  return (position) => {
    for (; next !== -1 && next < position; next = bytes.indexOf(quote, next + 1)) {
      let slashes = next;
      while (isInside && bytes[slashes - 1] === backslash) slashes--;
      if ((next - slashes) % 2 === 0) isInside = !isInside;
    }
    return isInside;
  };
}

/** Whether `"key":` precedes `start`. Then `start` is not within a string, where a backslash would precede the quote. */
function followsKey(bytes: Uint8Array, start: number): boolean {
  const before = bytes[start - 1] === 32 ? start - 2 : start - 1;
  const last = bytes[before - 2];
  return bytes[before] === 58 && bytes[before - 1] === quote && last !== undefined && last >= 95 && last <= 122;
}

/** Whether this can be the place of a number, if it is not within a string. Keys are never numbers. */
function isPlaceOfValue(bytes: Uint8Array, start: number, end: number): boolean {
  if (start > 0 && !isOneOf(' \n\r\t:,[', bytes[start - 1])) return false;
  let after = end;
  while (isSpace(bytes[after])) after++;
  return after === bytes.length || isOneOf(',]}', bytes[after]);
}

/**
 * Whether a fraction is so far from every integer that a double does not round it to one. Up to 10^12, neighbouring doubles differ by less
 * than 0.001. Unless the first three decimals are all 0 or all 9, the nearest integer is further away than that.
 */
function isFarFromInteger(bytes: Uint8Array, start: number, pointAt: number): boolean {
  const first = bytes[pointAt + 1];
  const isNear = (first === zero || first === 57) && bytes[pointAt + 2] === first && bytes[pointAt + 3] === first;
  return pointAt - start <= 12 && !isNear;
}

const validNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** An integer without leading zeros. */
const plainInteger = /^-?[1-9]\d*$/;

/** Whether JSON.parse would make another integer, 0 or Infinity of a number. A fraction that stays one is approximate anyway. */
function isLost(word: string): boolean {
  if (!validNumber.test(word)) return false;
  const value = Number(word);
  if (!Number.isInteger(value)) return !Number.isFinite(value);
  if (isRounded(value))
    return plainInteger.test(word) || (integerFromText(word) ?? wholePartFromText(word)) !== undefined;
  return !plainInteger.test(word) && integerFromText(word) === undefined;
}

/** The value of a marked number in a field that is not declared: a bigint, text if the integer is too long, or else a number. */
export function exactNumber(marked: bigint | string): bigint | string | number {
  if (typeof marked === 'bigint') return marked;
  return integerFromText(marked) ?? (plainInteger.test(marked) ? marked : Number(marked));
}

function digitsAt(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at++) value = value * 10 + (bytes[at] ?? 0) - zero;
  return value;
}

/** A double can store every integer of this many digits. */
const half = longDigits - 1;

/** An integer without a sign; undefined if it is too long. Combining two numbers is faster than parsing text. */
function integerAt(bytes: Uint8Array, from: number, end: number): bigint | undefined {
  if (end - from > mostDigits) return undefined;
  if (end - from > 2 * half) return BigInt(utf8Text(bytes.subarray(from, end)));
  return BigInt(digitsAt(bytes, from, end - half)) * 1_000_000_000_000_000n + BigInt(digitsAt(bytes, end - half, end));
}

/** The start of the number, or of something that looks like one, that includes a position. */
function startOfWord(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && isNumberPart(bytes[start - 1])) start--;
  return start;
}

/** The end of that number. */
function endOfWord(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && isNumberPart(bytes[end])) end++;
  return end;
}

/** Returns a function that tells whether a range is a number outside of strings. Ranges must ascend. */
function placeFinder(bytes: Uint8Array): (start: number, end: number) => boolean {
  const isInString = stringTracker(bytes);
  return (start, end) => followsKey(bytes, start) || (isPlaceOfValue(bytes, start, end) && !isInString(start));
}

/** The end of the digits that begin at `start`. */
function endOfDigits(bytes: Uint8Array, start: number): number {
  let end = start;
  while (end < bytes.length && isDigit(bytes[end])) end++;
  return end;
}

/** An integer that JSON.parse would change: a bigint, or text if it is too long. Most long numbers are integers, so this must be fast. */
function lostInteger(bytes: Uint8Array, start: number, end: number): bigint | string | undefined {
  const isNegative = bytes[start] === minus;
  const from = isNegative ? start + 1 : start;
  if (bytes[from] === zero) return undefined;
  const exact = integerAt(bytes, from, end);
  if (exact === undefined) return utf8Text(bytes.subarray(start, end));
  if (exact <= Number.MAX_SAFE_INTEGER) return undefined;
  return isNegative ? -exact : exact;
}

/** The number between two positions, if JSON.parse would change it. */
function lostNumber(bytes: Uint8Array, start: number, end: number): bigint | string | undefined {
  const from = bytes[start] === minus ? start + 1 : start;
  const digitsEnd = endOfDigits(bytes, from);
  if (digitsEnd === end) return lostInteger(bytes, start, end);
  const isFraction = bytes[digitsEnd] === point && endOfDigits(bytes, digitsEnd + 1) === end;
  if (isFraction && isFarFromInteger(bytes, from, digitsEnd)) return undefined;
  const word = utf8Text(bytes.subarray(start, end));
  return isLost(word) ? word : undefined;
}

/** The start of the next long run of digits and points; -1 if there is none. */
function nextLongRun(bytes: Uint8Array, from: number): number {
  for (let at = from + longDigits - 1; at < bytes.length; at += longDigits) {
    if (!isDigitOrPoint(bytes[at])) continue;
    let start = at;
    while (start > from && isDigitOrPoint(bytes[start - 1])) start--;
    let end = at + 1;
    while (end < bytes.length && isDigitOrPoint(bytes[end])) end++;
    if (end - start >= longDigits) return start;
    at = end;
  }
  return -1;
}

/** A copy in which marks replace the numbers at `places`. */
function overwritten(bytes: Uint8Array, prefix: string, places: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  for (let index = 0; index < places.length; index += 2) {
    let at = places[index] ?? 0;
    copy[at++] = quote;
    for (let nth = 0; nth < prefixLength; nth++) copy[at++] = prefix.charCodeAt(nth);
    for (let shift = highestShift; shift >= 0; shift -= 5) copy[at++] = placeCode(index / 2, shift);
    copy[(places[index + 1] ?? 0) - 1] = quote;
  }
  return copy;
}

/**
 * JSON in which marks replace the long numbers that JSON.parse would change; undefined if there are none. The functions that this calls take
 * bytes and positions, not an object: after each garbage collection, engines discard code that was optimised for the shape of objects
 * that no longer exist.
 */
export function withMarks(bytes: Uint8Array): { readonly text: string; readonly marks: Marks } | undefined {
  const isNumber = placeFinder(bytes);
  const marks = newMarks();
  // Begin and end of each marked number. Unit: bytes.
  const places: number[] = [];
  for (let at = nextLongRun(bytes, 0); at !== -1; ) {
    const start = startOfWord(bytes, at);
    const end = endOfWord(bytes, at);
    const exact = isNumber(start, end) ? lostNumber(bytes, start, end) : undefined;
    if (exact !== undefined) {
      marks.numbers.push(exact);
      places.push(start, end);
    }
    at = nextLongRun(bytes, end);
  }
  return places.length === 0 ? undefined : { text: utf8Text(overwritten(bytes, marks.prefix, places)), marks };
}

/**
 * The text with marks also for numbers whose exponents make them too large or too small for a double. Few texts have such numbers. They may
 * be shorter than a mark, so the text gets longer.
 */
export function withExtremesMarked(text: string, { prefix, numbers }: Marks): string {
  const bytes = utf8Bytes(text);
  const isNumber = placeFinder(bytes);
  const parts: string[] = [];
  let from = 0;
  for (let at = 1; at < bytes.length; at++) {
    if (!isExponent(bytes[at]) || !isDigit(bytes[at - 1])) continue;
    const start = startOfWord(bytes, at);
    const end = endOfWord(bytes, at);
    at = end;
    const word = isNumber(start, end) ? utf8Text(bytes.subarray(start, end)) : '';
    if (!isLost(word)) continue;
    const place = Array.from({ length: placeLength }, (_, nth) => placeCode(numbers.length, highestShift - 5 * nth));
    parts.push(utf8Text(bytes.subarray(from, start)), `"${prefix}${String.fromCharCode(...place)}"`);
    numbers.push(word);
    from = end;
  }
  return parts.join('') + utf8Text(bytes.subarray(from));
}
