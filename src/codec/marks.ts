/**
 * Marks in JSON: integers that replace the numbers that JSON.parse would change.
 *
 * A mark is written over its number in the bytes of a response, before the bytes are decoded. It has 16 digits, like the shortest number that
 * it can replace. Spaces fill the rest, so nothing moves. The number with index 27 has the mark 9000000000000271.
 *
 * No other number can be mistaken for a mark. A mark has 16 digits and ends in 1, so only a number with at least 16 digits can be equal to
 * one. Of those numbers, all from 9000000000000000 on are replaced, even if JSON.parse would read them correctly.
 */
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { integerFromText, isRounded, longDigits, mostDigits, wholePartFromText } from './decimal.ts';

const zero = 48;
const quote = 34;
const backslash = 92;
const minus = 45;
const point = 46;
const space = 32;
/** The least number that is always replaced. All marks are larger. */
export const leastMarked = 9_000_000_000_000_000;

/** The replaced numbers by index: integers as number or, beyond 2^53, as bigint; all others as text. */
export type Marks = (bigint | number | string)[];

/** The number of a mark; undefined if the scalar is not a mark. */
export function markedNumber(marks: Marks | undefined, scalar: unknown): bigint | number | string | undefined {
  if (marks === undefined || typeof scalar !== 'number' || scalar < leastMarked) return undefined;
  return marks[(scalar - leastMarked - 1) / 10];
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= zero && code <= 57;
}

/** Whether it is a digit or a point. Also true for `/`, which is between them in ASCII and in no number: one comparison is fastest. */
function isDigitOrPoint(code = 0): boolean {
  return (code - point) >>> 0 < 12;
}

/** Whether it is the letter of an exponent. */
function isExponent(code: number | undefined): boolean {
  return code === 101 || code === 69;
}

/** Whether a character may be part of a number: a digit, or one of `.eE+-`. Also true for `/`. */
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
  if (start < 4) return false;
  const before = bytes[start - 1] === space ? start - 2 : start - 1;
  const last = bytes[before - 2] ?? 0;
  return bytes[before] === 58 && bytes[before - 1] === quote && last >= 95 && last <= 122;
}

/** Whether the text begins here. Decoding drops a byte order mark. */
function isBeginning(bytes: Uint8Array, at: number): boolean {
  return at === 0 || (at === 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf);
}

/** Whether this can be the place of a number, if it is not within a string. Keys are never numbers. */
function isPlaceOfValue(bytes: Uint8Array, start: number, end: number): boolean {
  if (!isBeginning(bytes, start) && !isOneOf(' \n\r\t:,[', bytes[start - 1])) return false;
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

/** What to store for a number with a fraction or an exponent; undefined if JSON.parse may read it. */
function markedWord(word: string): number | string | undefined {
  if (!validNumber.test(word)) return undefined;
  if (isLost(word)) return word;
  const value = Number(word);
  return value < leastMarked ? undefined : value;
}

/** The value of a marked number in a field that is not declared: a bigint, text if the integer is too long, or else a number. */
export function exactNumber(marked: bigint | number | string): bigint | string | number {
  if (typeof marked !== 'string') return marked;
  return integerFromText(marked) ?? (plainInteger.test(marked) ? marked : Number(marked));
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

/** The end of the digits that begin at `start`, at most `limit`. */
function endOfDigits(bytes: Uint8Array, start: number, limit: number): number {
  let end = start;
  while (end < limit && isDigit(bytes[end])) end++;
  return end;
}

function digitsAt(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at++) value = value * 10 + ((bytes[at] ?? 0) - zero);
  return value;
}

/** A double can store every integer of this many digits. */
const half = longDigits - 1;

/** The number of values of 4 bytes. */
const halfWord = 2 ** 32;
const words = new DataView(new ArrayBuffer(8));

/** `high` · 10^15 + `low`, two integers of at most 15 digits. */
function combined(high: number, low: number): bigint {
  // With a larger `high`, the result could exceed 8 bytes.
  if (high > 18_445) return BigInt(high) * 1_000_000_000_000_000n + BigInt(low);
  // Reading 8 bytes as a bigint is the fastest way to make one. 10^15 is 232,830 · 2^32 + 2,764,472,320.
  const lower = (low % halfWord) + high * 2_764_472_320;
  words.setUint32(0, high * 232_830 + Math.floor(low / halfWord) + Math.floor(lower / halfWord));
  words.setUint32(4, lower % halfWord);
  return words.getBigUint64(0);
}

/** What to store for an integer; undefined if JSON.parse may read it. Most long numbers are integers, so this must be fast. */
function markedInteger(bytes: Uint8Array, start: number, end: number): bigint | number | string | undefined {
  const isNegative = bytes[start] === minus;
  const from = isNegative ? start + 1 : start;
  if (bytes[from] === zero) return undefined;
  if (end - from > mostDigits) return utf8Text(bytes.subarray(start, end));
  if (end - from > 2 * half) return BigInt(utf8Text(bytes.subarray(start, end)));
  // Combining two numbers is faster than parsing text, and numbers are compared faster than bigints.
  const high = digitsAt(bytes, from, end - half);
  const low = digitsAt(bytes, end - half, end);
  const rounded = high * 1_000_000_000_000_000 + low;
  if (!isRounded(rounded)) return isNegative || rounded < leastMarked ? undefined : rounded;
  const exact = combined(high, low);
  return isNegative ? -exact : exact;
}

/** What to store for the number between two positions; undefined if JSON.parse may read it. */
function markedAt(bytes: Uint8Array, start: number, end: number): bigint | number | string | undefined {
  const from = bytes[start] === minus ? start + 1 : start;
  const digitsEnd = endOfDigits(bytes, from, end);
  if (digitsEnd === end) return markedInteger(bytes, start, end);
  const isFraction = bytes[digitsEnd] === point && endOfDigits(bytes, digitsEnd + 1, end) === end;
  if (isFraction && isFarFromInteger(bytes, from, digitsEnd)) return undefined;
  return markedWord(utf8Text(bytes.subarray(start, end)));
}

/** The start of the next long run of digits and points; -1 if there is none. It reads as few bytes as possible. */
function nextLongRun(bytes: Uint8Array, from: number): number {
  for (let at = from + longDigits - 1; at < bytes.length; at += longDigits) {
    // A run of this length that ends at `at` begins here.
    const start = at - longDigits + 1;
    while (at >= start && isDigitOrPoint(bytes[at])) at--;
    if (at < start) return start;
  }
  return -1;
}

/** Writes the mark of the number with this index. */
function writeMark(bytes: Uint8Array, start: number, index: number): void {
  let at = start + longDigits - 1;
  bytes[at] = zero + 1;
  for (let rest = index; rest > 0; rest = (rest / 10) | 0) bytes[--at] = zero + (rest % 10);
  while (--at > start) bytes[at] = zero;
  bytes[start] = zero + 9;
}

function writeSpaces(bytes: Uint8Array, from: number, end: number): void {
  for (let at = from; at < end; at++) bytes[at] = space;
}

/**
 * JSON in which marks replace the long numbers that JSON.parse would change; undefined if there are none. The functions that this calls take
 * bytes and positions, not an object: after each garbage collection, engines discard code that was optimised for the shape of objects
 * that no longer exist.
 */
export function withMarks(bytes: Uint8Array): { readonly text: string; readonly marks: Marks } | undefined {
  const isNumber = placeFinder(bytes);
  const marks: Marks = [];
  let copy: Uint8Array | undefined;
  for (let at = nextLongRun(bytes, 0); at !== -1; ) {
    const start = startOfWord(bytes, at);
    const end = endOfWord(bytes, at + longDigits);
    const marked = isNumber(start, end) ? markedAt(bytes, start, end) : undefined;
    if (marked !== undefined) {
      // Not by slice(), which does not copy if the array is a Buffer of Node.
      copy ??= new Uint8Array(bytes);
      writeMark(copy, start, marks.length);
      writeSpaces(copy, start + longDigits, end);
      marks.push(marked);
    }
    at = nextLongRun(bytes, end);
  }
  return copy === undefined ? undefined : { text: utf8Text(copy), marks };
}

/**
 * The text with marks also for numbers whose exponents make them too large or too small for a double. Few texts have such numbers. They may
 * be shorter than a mark, so the text gets longer.
 */
export function withExtremesMarked(text: string, marks: Marks): string {
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
    parts.push(utf8Text(bytes.subarray(from, start)), String(leastMarked + 10 * marks.length + 1));
    marks.push(word);
    from = end;
  }
  return parts.join('') + utf8Text(bytes.subarray(from));
}
