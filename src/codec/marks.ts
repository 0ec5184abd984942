/**
 * Marks in JSON: strings in place of numbers that JSON.parse would make other numbers of.
 *
 * They are written over the numbers in the bytes of a response, before it becomes text, and are just as long, so nothing moves. A mark begins
 * with characters chosen at random for each response, which no server can know, and goes on with the place of the number in a list. What is
 * left of the number fills it up.
 */
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { integerFromText, isRounded, longDigits, mostDigits, wholePartFromText } from './decimal.ts';

const zero = 48;
const quote = 34;
const backslash = 92;
const minus = 45;
const point = 46;
/** DEL: few texts begin with it, so a look at one character tells nearly all of them from marks. */
export const markCode = 127;
/** A mark between its quotes begins with this many characters, random but for the first. */
const prefixLength = 9;
/** The place of a number takes this many characters, of 5 bits each. The shortest long number has room for a mark: 16 characters. */
const placeLength = 5;
const highestShift = 5 * (placeLength - 1);

/** The numbers of a text that have marks in their places. */
export interface Marks {
  /** What all of them begin with. */
  readonly prefix: string;
  /** What they stand for: an integer, or anything else as it was written. */
  readonly numbers: (bigint | string)[];
}

export function newMarks(): Marks {
  const random = Math.random()
    .toString(36)
    .slice(2, prefixLength + 1)
    .padEnd(prefixLength - 1, '0');
  return { prefix: String.fromCharCode(markCode) + random, numbers: [] };
}

/** One of the characters that say where in the list a number is: '0' to 'O'. */
function placeCode(place: number, shift: number): number {
  return zero + ((place >>> shift) & 31);
}

/** What a scalar stands for, if it is a mark. */
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

/** Whether it is one of the characters. */
function isOneOf(characters: string, code: number | undefined): boolean {
  return code !== undefined && characters.includes(String.fromCharCode(code));
}

/** Tells whether ascending positions are within a string; reads the bytes once in all. */
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

/** Whether what begins at `start` follows `"key":`, so that it cannot be in a string: before a quote within one stands a backslash. */
function followsKey(bytes: Uint8Array, start: number): boolean {
  const before = bytes[start - 1] === 32 ? start - 2 : start - 1;
  const last = bytes[before - 2];
  return bytes[before] === 58 && bytes[before - 1] === quote && last !== undefined && last >= 95 && last <= 122;
}

/** Whether a number may stand here, if this is not within a string. No key is a number. */
function isPlaceOfValue(bytes: Uint8Array, start: number, end: number): boolean {
  if (start > 0 && !isOneOf(' \n\r\t:,[', bytes[start - 1])) return false;
  let after = end;
  while (isSpace(bytes[after])) after++;
  return after === bytes.length || isOneOf(',]}', bytes[after]);
}

/**
 * Whether a fraction is nowhere near an integer, so that no double makes one of it. Up to 10^12 doubles are closer together than 0.001,
 * and unless the first three digits behind the point are all 0 or all 9, the next integer is further away than that.
 */
function isFarFromInteger(bytes: Uint8Array, start: number, pointAt: number): boolean {
  const first = bytes[pointAt + 1];
  const isNear = (first === zero || first === 57) && bytes[pointAt + 2] === first && bytes[pointAt + 3] === first;
  return pointAt - start <= 12 && !isNear;
}

const validNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** An integer without leading zeros. */
const plainInteger = /^-?[1-9]\d*$/;

/** Whether JSON.parse takes a number for another integer, for 0, or for infinite. A fraction that stays one is approximate anyway. */
function isLost(word: string): boolean {
  if (!validNumber.test(word)) return false;
  const value = Number(word);
  if (!Number.isInteger(value)) return !Number.isFinite(value);
  if (isRounded(value))
    return plainInteger.test(word) || (integerFromText(word) ?? wholePartFromText(word)) !== undefined;
  return !plainInteger.test(word) && integerFromText(word) === undefined;
}

/** What a marked number is, where nothing is declared: an integer, as text if it is too long for one, or what JSON.parse makes of it. */
export function exactNumber(marked: bigint | string): bigint | string | number {
  if (typeof marked === 'bigint') return marked;
  return integerFromText(marked) ?? (plainInteger.test(marked) ? marked : Number(marked));
}

function digitsAt(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at++) value = value * 10 + (bytes[at] ?? 0) - zero;
  return value;
}

/** Digits that a double holds, whatever they are. */
const half = longDigits - 1;

/** An integer without a sign; undefined if it is too long for one. Two numbers take less time than a text. */
function integerAt(bytes: Uint8Array, from: number, end: number): bigint | undefined {
  if (end - from > mostDigits) return undefined;
  if (end - from > 2 * half) return BigInt(utf8Text(bytes.subarray(from, end)));
  return BigInt(digitsAt(bytes, from, end - half)) * 1_000_000_000_000_000n + BigInt(digitsAt(bytes, end - half, end));
}

/** Where something stands. Unit: bytes. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where a number stands, or whatever else is written like one. */
function wordAround(bytes: Uint8Array, at: number): Place {
  let start = at;
  while (isNumberPart(bytes[start - 1])) start--;
  let end = at + 1;
  while (isNumberPart(bytes[end])) end++;
  return { start, end };
}

/** Tells whether a number stands somewhere, and not within a string; places have to ascend. */
function placeFinder(bytes: Uint8Array): (start: number, end: number) => boolean {
  const isInString = stringTracker(bytes);
  return (start, end) => followsKey(bytes, start) || (isPlaceOfValue(bytes, start, end) && !isInString(start));
}

/**
 * What was found in a text. It is no class, because engines forget the shape of its objects between two responses, and with it the code that
 * they have optimised for it.
 */
interface Finding {
  readonly bytes: Uint8Array;
  readonly isNumber: (start: number, end: number) => boolean;
  readonly marks: Marks;
  /** Where each of the numbers begins and ends. Unit: bytes. */
  readonly places: number[];
}

function found({ marks, places }: Finding, number: bigint | string, { start, end }: Place): void {
  marks.numbers.push(number);
  places.push(start, end);
}

/** Most long numbers are integers, so this has to be quick. */
function findInteger(finding: Finding, from: number, end: number): void {
  const { bytes, isNumber } = finding;
  const isNegative = bytes[from - 1] === minus;
  const start = isNegative ? from - 1 : from;
  if (bytes[from] === zero || !isNumber(start, end)) return;
  const exact = integerAt(bytes, from, end);
  if (exact === undefined) found(finding, utf8Text(bytes.subarray(start, end)), { start, end });
  else if (exact > Number.MAX_SAFE_INTEGER) found(finding, isNegative ? -exact : exact, { start, end });
}

/** Finds the number that a run of digits and points belongs to, if JSON.parse loses it; gives where that ends. */
function findNumber(finding: Finding, from: number, end: number): number {
  const { bytes, isNumber } = finding;
  let pointAt = from;
  while (pointAt < end && bytes[pointAt] !== point) pointAt++;
  const isWhole = pointAt === end;
  if (!isExponent(bytes[end])) {
    if (isWhole) findInteger(finding, from, end);
    if (isWhole || isFarFromInteger(bytes, from, pointAt)) return end;
  }
  const place = wordAround(bytes, from);
  const word = isNumber(place.start, place.end) ? utf8Text(bytes.subarray(place.start, place.end)) : '';
  if (isLost(word)) found(finding, word, place);
  return place.end;
}

function findLongNumbers(finding: Finding): void {
  const { bytes } = finding;
  for (let at = longDigits - 1; at < bytes.length; at += longDigits) {
    if (!isDigitOrPoint(bytes[at])) continue;
    let start = at;
    while (start > 0 && isDigitOrPoint(bytes[start - 1])) start--;
    let end = at + 1;
    while (end < bytes.length && isDigitOrPoint(bytes[end])) end++;
    at = end - start < longDigits ? end : findNumber(finding, start, end);
  }
}

/** A copy with marks over the numbers that were found. */
function overwritten({ bytes, marks: { prefix }, places }: Finding): Uint8Array {
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

/** JSON with marks over the long numbers that JSON.parse would lose; undefined if there are none. */
export function withMarks(bytes: Uint8Array): { readonly text: string; readonly marks: Marks } | undefined {
  const finding: Finding = { bytes, isNumber: placeFinder(bytes), marks: newMarks(), places: [] };
  findLongNumbers(finding);
  return finding.places.length === 0 ? undefined : { text: utf8Text(overwritten(finding)), marks: finding.marks };
}

/**
 * The text with marks also for numbers whose exponents take them out of what a double can hold. Few texts have one. They may be too short to
 * be written over.
 */
export function withExtremesMarked(text: string, { prefix, numbers }: Marks): string {
  const bytes = utf8Bytes(text);
  const isNumber = placeFinder(bytes);
  const parts: string[] = [];
  let from = 0;
  for (let at = 1; at < bytes.length; at++) {
    if (!isExponent(bytes[at]) || !isDigit(bytes[at - 1])) continue;
    const { start, end } = wordAround(bytes, at);
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
