/**
 * JSON to values without losing a digit: the only parser of whole responses.
 *
 * JSON.parse rounds integers beyond 2^53, and Node 20 shows a reviver no source text. So before parsing, strings take the places of those
 * integers, which decoding turns into bigints. Fractions such as 5.00000000000000000001 are replaced, too, because they would come out as
 * integers. Integers with an exponent and few digits, such as 3.1e19, are not: their doubles say what they are.
 */
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { integerFromText, isRounded } from './decimal.ts';
import { exactNumber, type Marks, markedNumber, newMarks, withExtremesMarked, withMarks } from './marks.ts';

/** An answer parsed. */
export interface ParsedJson {
  readonly value: unknown;
  /** The numbers that strings of the value stand for; absent if there are none. */
  readonly marks: Marks | undefined;
  /** What was parsed, marks included. */
  readonly text: string;
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
 * Parses JSON, as text or as the bytes of it. Integers beyond 2^53 with 16 digits or more, and fractions that JSON.parse would make integers,
 * become marks. Throws SyntaxError.
 */
export function parseJson(json: string | Uint8Array): ParsedJson {
  // The space keeps a byte order mark from being dropped, which text must not have.
  const marked = withMarks(typeof json === 'string' ? utf8Bytes(` ${json}`) : json);
  const text = marked?.text ?? (typeof json === 'string' ? json : utf8Text(json));
  try {
    return { value: JSON.parse(text), marks: marked?.marks, text };
  } catch (error) {
    // The message is to be about the text as it came.
    if (marked !== undefined) JSON.parse(typeof json === 'string' ? json : utf8Text(json));
    throw error;
  }
}

/** An exponent that may take a number out of what a double can hold. */
const extreme = /\d[eE][-+]?\d{3}/;

/** Parses once more, with marks for the numbers that came out as 0 or as infinite; undefined if there are none. */
export function parseExtremes(parsed: ParsedJson): ParsedJson | undefined {
  if (!extreme.test(parsed.text)) return undefined;
  const marks = parsed.marks ?? newMarks();
  const text = withExtremesMarked(parsed.text, marks);
  return { value: JSON.parse(text), marks, text };
}

/**
 * What a parsed scalar is exactly. A number beyond 2^53 without a mark has an exponent and at most 15 digits. No two of these are the same
 * double, so its shortest text is what was written.
 */
export function exactScalar(marks: Marks | undefined, scalar: unknown): unknown {
  if (typeof scalar === 'number') return isRounded(scalar) ? (integerFromText(String(scalar)) ?? scalar) : scalar;
  const marked = markedNumber(marks, scalar);
  return marked === undefined ? scalar : exactNumber(marked);
}

/** Parses JSON text with every integer beyond 2^53 as what `convert` makes of it. Throws SyntaxError. */
export function parseExact(text: string, convert: (exact: bigint | string) => unknown = (exact) => exact): unknown {
  const { value, marks } = parseJson(text);
  return replaceScalars(value, (scalar) => {
    const exact = exactScalar(marks, scalar);
    return exact === scalar || (typeof exact !== 'bigint' && typeof exact !== 'string') ? exact : convert(exact);
  });
}

/** Parses JSON text with long integers as decimal text, for values that JSON.stringify must be able to write. */
export function parseWithTextIntegers(text: string): unknown {
  return parseExact(text, String);
}
