/**
 * Parses JSON without losing a digit. All responses are parsed here.
 *
 * JSON.parse rounds integers beyond 2^53, and Node 20 does not pass the source text to a reviver. So these integers are replaced by smaller
 * ones (marks) before parsing, and decoding converts the marks to bigints. Fractions such as 5.00000000000000000001 are also replaced,
 * because JSON.parse would make integers of them. Integers with an exponent and few digits, such as 3.1e19, are not replaced: doubles keep them.
 */
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { integerFromText, isRounded } from './decimal.ts';
import { exactNumber, type Marks, markedNumber, withExtremesMarked, withMarks } from './marks.ts';

/** A parsed response. */
export interface ParsedJson {
  readonly value: unknown;
  /** The marks in the value, and their numbers; undefined if there are none. */
  readonly marks: Marks | undefined;
  /** The text that was parsed, including marks. */
  readonly text: string;
}

/** Replaces scalars in place, at any depth. Without recursion, because the sender decides how deep the value is. */
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
      // If the object has its own `__proto__`, this sets only that property, not the prototype.
      if (replaced !== field) Reflect.set(holder, key, replaced);
    }
  }
  return top.root;
}

/**
 * Parses JSON from text or bytes. Replaces by marks: integers beyond 2^53 with 16 digits or more, fractions that JSON.parse would round to
 * integers, and numbers that could be mistaken for marks. Throws SyntaxError.
 */
export function parseJson(json: string | Uint8Array): ParsedJson {
  // Decoding bytes drops a byte order mark at the beginning. Text must not have one, so the space keeps it, and parsing fails.
  const marked = withMarks(typeof json === 'string' ? utf8Bytes(` ${json}`) : json);
  const text = marked?.text ?? (typeof json === 'string' ? json : utf8Text(json));
  try {
    return { value: JSON.parse(text), marks: marked?.marks, text };
  } catch (error) {
    // Parse the original text, so that the message is about it.
    if (marked !== undefined) JSON.parse(typeof json === 'string' ? json : utf8Text(json));
    throw error;
  }
}

/** An exponent that may make a number too large or too small for a double. */
const extreme = /\d[eE][-+]?\d{3}/;

/** Parses again, with marks for numbers that JSON.parse made 0 or infinite; undefined if there are none. */
export function parseExtremes(parsed: ParsedJson): ParsedJson | undefined {
  if (!extreme.test(parsed.text)) return undefined;
  const marks = parsed.marks ?? [];
  const text = withExtremesMarked(parsed.text, marks);
  return { value: JSON.parse(text), marks, text };
}

/**
 * The exact value of a parsed scalar. A number beyond 2^53 without a mark has an exponent and at most 15 digits. Different numbers of this
 * kind are different doubles, so the shortest text of the double has the digits of the response.
 */
export function exactScalar(marks: Marks | undefined, scalar: unknown): unknown {
  if (typeof scalar !== 'number') return scalar;
  const marked = markedNumber(marks, scalar);
  if (marked !== undefined) return exactNumber(marked);
  return isRounded(scalar) ? (integerFromText(String(scalar)) ?? scalar) : scalar;
}

/** Parses JSON text, and converts every integer beyond 2^53 with `convert`. Throws SyntaxError. */
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
