/**
 * JSON text to values without losing a digit: the only parser of whole responses.
 *
 * JSON.parse rounds integers beyond 2^53, and Node 20 shows a reviver no source text. So before parsing, those integers are
 * wrapped into strings that begin with a mark, which no string of the text begins with; decoding turns them into bigints. Fractions
 * such as 5.00000000000000000001 are wrapped, too, because they would come out as integers. Integers with an exponent and few digits, such
 * as 3.1e19, are not: their doubles say what they are.
 */

import { integerFromText, isRounded, mostDigits } from './decimal.ts';
import { extreme, type NumberToken, plainInteger, roundedNumbers } from './rounded.ts';

/** An answer parsed. */
export interface ParsedJson {
  readonly value: unknown;
  /** What strings that stand for a number begin with; absent if there are none. */
  readonly mark: string | undefined;
  /** As it came. */
  readonly text: string;
}

/** DEL: servers do not write it, and unlike most other characters it leaves a text with one byte per character. */
const firstMark = '\u007f';
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

/** Wraps the tokens of a text into strings with a mark. */
function wrap(text: string, tokens: readonly NumberToken[], mark: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, lost } of tokens) {
    parts.push(text.slice(from, start), `${mark}${lost}`);
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('"');
}

/**
 * Parses JSON text. Integers beyond 2^53 with 16 digits or more, and fractions that JSON.parse would make integers, become strings with a
 * mark; with `withExtremes` also numbers whose exponents have three digits or more. Throws SyntaxError.
 */
export function parseJson(text: string, withExtremes = false): ParsedJson {
  const tokens = roundedNumbers(text, withExtremes);
  if (tokens.length === 0) return { value: JSON.parse(text), mark: undefined, text };
  try {
    const mark = unusedMark(text);
    return { value: JSON.parse(wrap(text, tokens, mark)), mark, text };
  } catch (error) {
    // The message is to be about the text as it came.
    JSON.parse(text);
    throw error;
  }
}

/** Parses once more, with marks for the numbers that came out as 0 or as infinite; undefined if there are none. Throws SyntaxError. */
export function parseExtremes({ text }: ParsedJson): ParsedJson | undefined {
  return extreme.test(text) ? parseJson(text, true) : undefined;
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

/**
 * What a parsed scalar is exactly. A number beyond 2^53 without a mark has an exponent and at most 15 digits. No two of these are the same
 * double, so its shortest text is what was written.
 */
export function exactScalar(mark: string | undefined, scalar: unknown): unknown {
  if (typeof scalar === 'number') return isRounded(scalar) ? (integerFromText(String(scalar)) ?? scalar) : scalar;
  const behind = textBehind(mark, scalar);
  return behind === undefined ? scalar : numberBehind(behind);
}

/** Parses JSON text with every integer beyond 2^53 as what `convert` makes of it. Throws SyntaxError. */
export function parseExact(text: string, convert: (exact: bigint | string) => unknown = (exact) => exact): unknown {
  const { value, mark } = parseJson(text);
  return replaceScalars(value, (scalar) => {
    const exact = exactScalar(mark, scalar);
    return exact === scalar || (typeof exact !== 'bigint' && typeof exact !== 'string') ? exact : convert(exact);
  });
}

/** Parses JSON text with long integers as decimal text, for values that JSON.stringify must be able to write. */
export function parseWithTextIntegers(text: string): unknown {
  return parseExact(text, String);
}
