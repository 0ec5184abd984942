/**
 * JSON text to values without losing a digit: the only JSON.parse of an answer.
 *
 * JSON.parse rounds integers beyond 2^53, and Node 20 shows a reviver no source text. So the digits of every such integer
 * are collected from the text, in its order, and put back while the values are decoded: each double must be the rounding
 * of the next digits. Where that does not come out even (an object's keys may be reordered, or repeated), the text is
 * parsed again the slow and certain way, by `parseExact`.
 */

/** An answer parsed, with the digits of the integers that JSON.parse had to round. */
export interface ParsedJson {
  readonly text: string;
  readonly value: unknown;
  /** Digits of the integers beyond 2^53, in the order of the text. */
  readonly integers: readonly string[];
}

/** Integers with fewer digits fit a double whatever they are. */
const longDigits = 16;
const zero = 48;
const nine = 57;
const quote = 34;
const colon = 58;
const minus = 45;
const backslash = 92;

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

function isWordCharacter(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the next string that begins at or after `from` begins and ends; -1 when there is none. */
function nextString(text: string, from: number): Span {
  const start = text.indexOf('"', from);
  if (start === -1) return { start: -1, end: -1 };
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = end;
    while (text.charCodeAt(slashes - 1) === backslash) slashes--;
    if ((end - slashes) % 2 === 0) return { start, end };
  }
  return { start, end: text.length };
}

/** Answers whether ascending positions stand within a string; reads the text once in all. */
function stringTracker(text: string): (position: number) => boolean {
  let current = { start: 0, end: 0 };
  return (position) => {
    while (current.start !== -1 && current.end < position)
      current = nextString(text, current.end + (current.end > 0 ? 1 : 0));
    return current.start !== -1 && current.start < position;
  };
}

function skipSpaceBack(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at--;
  return at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** A member of an object: `"key": 123`. A quote after a word character closes a string, so what follows is outside. */
function followsKey(text: string, before: number): boolean {
  if (text.charCodeAt(before) !== colon) return false;
  const end = skipSpaceBack(text, before - 1);
  return text.charCodeAt(end) === quote && isWordCharacter(text.charCodeAt(end - 1));
}

/** Whether what stands around a run of digits makes it a whole JSON integer: `-12`, but not `1.2`, `12e3` or `012`. */
function isWholeInteger(text: string, { start, end }: Span, before: number): boolean {
  const opens = before < 0 || ':,['.includes(text.charAt(before));
  const closes = ',}]'.includes(text.charAt(skipSpace(text, end)));
  const first = text.charCodeAt(text.charCodeAt(start) === minus ? start + 1 : start);
  return opens && closes && first !== zero;
}

/** Integers of 16 digits and more, outside of strings, in order. */
function longIntegers(text: string): Span[] {
  const spans: Span[] = [];
  const inString = stringTracker(text);
  // A run of 16 digits covers at least one of the positions looked at, so most of the text is skipped.
  for (let at = longDigits - 1; at < text.length; at += longDigits) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    while (isDigit(text.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end++;
    if (end - start < longDigits) continue;
    at = end;
    if (text.charCodeAt(start - 1) === minus) start--;
    const span = { start, end };
    const before = skipSpaceBack(text, start - 1);
    if (isWholeInteger(text, span, before) && (followsKey(text, before) || !inString(start))) spans.push(span);
  }
  return spans;
}

/** A character that stands nowhere in the text, neither as it is nor escaped. */
function unusedCharacter(text: string): string {
  const lower = text.includes('\\u') ? text.toLowerCase() : text;
  for (let code = 0x7f; code < 0xd800; code++) {
    const character = String.fromCharCode(code);
    if (!text.includes(character) && !lower.includes(`\\u${code.toString(16).padStart(4, '0')}`)) return character;
  }
  throw new SyntaxError('the text uses every character there is');
}

/** Whether a number may stand for more digits than it can hold. */
export function isRounded(value: number): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
}

/** Parses JSON text, and collects what was rounded. Throws SyntaxError. */
export function parseJson(text: string): ParsedJson {
  const value: unknown = JSON.parse(text);
  const integers: string[] = [];
  for (const { start, end } of longIntegers(text)) {
    const digits = text.slice(start, end);
    if (isRounded(Number(digits))) integers.push(digits);
  }
  return { text, value, integers };
}

/** Replaces wrapped integers, however deep, by what `convert` makes of their digits. Without recursion: depth is theirs. */
function unwrap(root: unknown, mark: string, convert: (digits: string) => unknown): unknown {
  const top = { root };
  const holders: object[] = [top];
  for (let holder = holders.pop(); holder !== undefined; holder = holders.pop()) {
    for (const [key, field] of Object.entries(holder)) {
      if (typeof field === 'object' && field !== null) holders.push(field);
      // An own `__proto__` stays an own property: assignment finds it, and sets only that.
      else if (typeof field === 'string' && field.startsWith(mark)) Reflect.set(holder, key, convert(field.slice(1)));
    }
  }
  return top.root;
}

/**
 * Parses JSON text with every integer of 16 digits and more as what `convert` makes of its digits. Before parsing, they
 * are wrapped into strings that start with a character which stands nowhere in the text. Throws SyntaxError.
 */
export function parseExact(text: string, convert: (digits: string) => unknown = BigInt): unknown {
  const spans = longIntegers(text);
  if (spans.length === 0) return JSON.parse(text);
  const mark = unusedCharacter(text);
  let wrapped = '';
  let from = 0;
  for (const { start, end } of spans) {
    wrapped += `${text.slice(from, start)}"${mark}${text.slice(start, end)}"`;
    from = end;
  }
  return unwrap(JSON.parse(wrapped + text.slice(from)), mark, convert);
}

/** Parses JSON text with long integers as decimal text, for values that JSON.stringify must be able to write. */
export function parseWithTextIntegers(text: string): unknown {
  return parseExact(text, String);
}
