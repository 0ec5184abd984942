/**
 * JSON text to values without losing a digit: the only JSON.parse of an answer.
 *
 * JSON.parse rounds integers beyond 2^53, and Node 20 shows a reviver no source text. So the digits of those integers
 * are looked up in the text, and kept by the double that they were rounded to; decoding gives each double its digits
 * back. Where that would be ambiguous, the text is parsed again, the slow and certain way, by `parseExact`. (One thing is
 * left: a float such as 3.1e19 that equals a rounded integer of the same text is given that integer's digits.)
 */

/** An answer parsed, with what JSON.parse had to round. */
export interface ParsedJson {
  readonly text: string;
  readonly value: unknown;
  /** The exact integer for each rounded double; absent when one double stands for different integers of the text. */
  readonly integers: ReadonlyMap<number, bigint> | undefined;
}

/** Integers with fewer digits fit a double whatever they are. */
const longDigits = 16;
/** More digits than any amount has; a number like 1e300 is not written out. */
const mostDigits = 100;
const zero = 48;
const nine = 57;
const quote = 34;
const backslash = 92;
const minus = 45;
const colon = 58;
const space = 32;
const plus = 43;
const point = 46;
const smallE = 101;
const largeE = 69;

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

/** Where the string of valid JSON that begins at `start` ends. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (let slashes = end; ; slashes = end) {
    while (text.charCodeAt(slashes - 1) === backslash) slashes--;
    if ((end - slashes) % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
}

/** Answers whether ascending positions of valid JSON stand within a string; reads the text once in all. */
function stringTracker(text: string): (position: number) => boolean {
  let start = text.indexOf('"');
  let end = start === -1 ? text.length : endOfString(text, start);
  return (position) => {
    while (end < position && start !== -1) {
      start = text.indexOf('"', end + 1);
      end = start === -1 ? text.length : endOfString(text, start);
    }
    return start !== -1 && start < position;
  };
}

/**
 * What a run of digits is of its number: all of it (`whole`), digits that make it no larger than it would be without them
 * (`harmless`: behind a point, or in an exponent), or anything else.
 */
function roleOf(text: string, start: number, end: number): 'whole' | 'harmless' | 'part' {
  const next = text.charCodeAt(end);
  const scaled = next === smallE || next === largeE;
  const sign = text.charCodeAt(start - 1);
  const before = sign === minus || sign === plus ? text.charCodeAt(start - 2) : sign;
  if (before === smallE || before === largeE) return 'harmless';
  if (sign === point) return scaled && text.charCodeAt(end + 1) !== minus ? 'part' : 'harmless';
  return scaled || next === point ? 'part' : 'whole';
}

function isWordCharacter(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

/** Quotes are looked for only if the run might be in a string: after `"key":` it is not, since a word ends the quote. */
function followsKey(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1) === space ? start - 2 : start - 1;
  if (text.charCodeAt(before) !== colon || text.charCodeAt(before - 1) !== quote) return false;
  return isWordCharacter(text.charCodeAt(before - 2));
}

/**
 * Visits the runs of 16 digits and more, outside of strings, that belong to numbers of which JSON.parse may have lost
 * digits. `whole` says that the run, with its sign, is all of its number. Ends early when `visit` gives false.
 */
function visitLongRuns(text: string, visit: (digits: string, whole: boolean) => boolean): void {
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
    const role = roleOf(text, start, end);
    if (role === 'harmless') continue;
    if (text.charCodeAt(start - 1) === minus) start--;
    const outside = followsKey(text, start) || !inString(start);
    if (outside && !visit(text.slice(start, end), role === 'whole')) return;
  }
}

/** Whether a number may stand for more digits than it can hold. */
export function isRounded(value: number): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
}

const noIntegers: ReadonlyMap<number, bigint> = /* @__PURE__ */ new Map();

function roundedIntegers(text: string): ReadonlyMap<number, bigint> | undefined {
  let integers: Map<number, bigint> | undefined;
  let certain = true;
  visitLongRuns(text, (digits, whole) => {
    const double = Number(digits);
    if (whole && !isRounded(double)) return true;
    const exact = BigInt(digits);
    integers ??= new Map();
    const known = integers.get(double);
    if (known === undefined) integers.set(double, exact);
    certain = whole && (known === undefined || known === exact);
    return certain;
  });
  return certain ? (integers ?? noIntegers) : undefined;
}

/** Parses JSON text, and keeps what was rounded. Throws SyntaxError. */
export function parseJson(text: string): ParsedJson {
  const value: unknown = JSON.parse(text);
  return { text, value, integers: roundedIntegers(text) };
}

/** The exact integer that decimal text says, an exponent or a fraction of zeros included; undefined for anything else. */
export function integerFromText(text: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]\+?(\d{1,3}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  const kept = fraction.replace(/0+$/, '');
  const fits = kept.length <= shift && whole.length + shift <= mostDigits;
  return fits || (shift === 0 && kept === '') ? BigInt(`${sign}${whole}${kept.padEnd(shift, '0')}`) : undefined;
}

/** Whether a character goes on with a number that has begun: a digit, or one of `.eE+-`. */
function isNumberPart(code: number): boolean {
  return isDigit(code) || code === point || code === smallE || code === largeE || code === plus || code === minus;
}

/** Numbers of valid JSON, outside of strings, that are long or have an exponent; all others fit a double. */
function* largeNumbers(text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (isDigit(code) || code === minus) {
      const start = at;
      let scaled = false;
      for (let next = code; isNumberPart(next); next = text.charCodeAt(++at))
        scaled ||= next === smallE || next === largeE;
      if (scaled || at - start >= longDigits) yield { start, end: at };
      at--;
    }
  }
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
 * Parses JSON text with every integer beyond 2^53, however it is written, as what `convert` makes of it. Before parsing,
 * they are wrapped into strings that start with a character which stands nowhere in the text. Throws SyntaxError.
 */
export function parseExact(text: string, convert: (exact: bigint) => unknown = (exact) => exact): unknown {
  const value: unknown = JSON.parse(text);
  let wrapped = '';
  let from = 0;
  let mark = '';
  for (const { start, end } of largeNumbers(text)) {
    const token = text.slice(start, end);
    const exact = isRounded(Number(token)) ? integerFromText(token) : undefined;
    if (exact === undefined) continue;
    mark ||= unusedCharacter(text);
    wrapped += `${text.slice(from, start)}"${mark}${exact}"`;
    from = end;
  }
  if (mark === '') return value;
  const unwrap = (field: unknown) =>
    typeof field === 'string' && field.startsWith(mark) ? convert(BigInt(field.slice(1))) : field;
  return replaceScalars(JSON.parse(wrapped + text.slice(from)), unwrap);
}

/** Parses JSON text with long integers as decimal text, for values that JSON.stringify must be able to write. */
export function parseWithTextIntegers(text: string): unknown {
  return parseExact(text, String);
}
