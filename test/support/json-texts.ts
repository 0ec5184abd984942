/** Random difficult JSON texts, and their content according to an independent parser. */
import { parse } from 'lossless-json';
import { decode } from '../../src/codec/decode.ts';
import { parseJson } from '../../src/codec/json.ts';
import { compiler } from '../../src/codec/plan.ts';
import { integerOf } from '../unit/codec/slow-json.ts';

const types = compiler({
  Holder: 'wei amount\nwei[] amounts\nwei{} by\nHolder inner\nHolder[] inners',
});

/** Pseudo-random numbers from 0 to `below`, without `below` (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Generates texts. */
class Texts {
  readonly #random: (below: number) => number;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  next(): string {
    return this.#object(0);
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#random(items.length)] as Item;
  }

  #digits(most: number): string {
    const count = this.#random(most) + 1;
    const first = String(this.#random(9) + 1);
    return first + Array.from({ length: count - 1 }, () => this.#random(10)).join('');
  }

  #number(): string {
    const sign = this.#one(['', '', '-']);
    const digits = this.#digits(this.#one([3, 17, 22, 78, 130]));
    return this.#one([
      () => sign + digits,
      () => sign + digits,
      // Neighbours that round to the same double.
      () => `3142802893806084785${this.#random(10)}`,
      () =>
        this.#one([
          '9007199254740991',
          '9007199254740992',
          '9007199254740993',
          '0',
          '-0',
          '3.1e19',
          '31000000000000000000',
        ]),
      // Numbers that look like marks.
      () => this.#like(`90000000000000${this.#random(3)}${this.#one(['0', '1', '1', '1'])}`),
      () => `${sign}${digits}.${this.#digits(30)}`,
      () => `${sign}${digits}.${'0'.repeat(this.#random(20) + 1)}`,
      () => `${sign}${digits}${this.#one(['e', 'E', 'e+', 'e-', 'E-'])}${this.#random(40)}`,
      () => `${sign}0.${digits}e${this.#random(60)}`,
    ])();
  }

  /** A number that JSON.parse reads as this integer of 16 digits, or nearly so. */
  #like(integer: string): string {
    return this.#one([
      () => integer,
      () => integer,
      () => `-${integer}`,
      () => `${integer}.${this.#one(['0', '00000', '25', '5', '75'])}`,
      () => `${integer}e0`,
      () => `${integer}00E-2`,
      () => `${integer.slice(0, 1)}.${integer.slice(1)}e15`,
      () => `0.${integer}e+16`,
      () => `${integer.slice(0, 15)}e1`,
    ])();
  }

  #string(): string {
    const parts = Array.from({ length: this.#random(4) }, () =>
      this.#one([
        () => this.#digits(30),
        () => this.#number(),
        () => this.#one(['\\"amount\\":', '\\":', ':', ',', '[', ']', '{', '}', ' ', '\\\\', '\\"', 'é', '😀']),
        () => this.#one(['\u007f', '\\u007f', '\\u007F', '\u0080', '\\u0080', '\u007f\u007f', '\\ud83d', 'x']),
      ])(),
    );
    return `"${parts.join('')}"`;
  }

  #value(depth: number): string {
    if (depth < 3) {
      const nested = this.#random(8);
      if (nested === 0) return this.#list(() => this.#value(depth + 1));
      if (nested === 1) return this.#object(depth + 1);
    }
    return this.#one([
      () => this.#number(),
      () => this.#number(),
      () => this.#string(),
      () => this.#one(['true', 'null']),
    ])();
  }

  #list(item: () => string): string {
    return `[${this.#space()}${Array.from({ length: this.#random(4) }, item).join(`${this.#space()},${this.#space()}`)}]`;
  }

  #space(): string {
    return this.#one(['', '', '', ' ', '\n', '\t ']);
  }

  #amount(): string {
    return this.#one([() => this.#number(), () => `"${this.#number()}"`])();
  }

  #object(depth: number): string {
    const members = Array.from({ length: this.#random(5) }, (): readonly [key: string, value: string] =>
      this.#one<() => readonly [key: string, value: string]>([
        () => ['"amount"', this.#amount()],
        () => ['"amounts"', this.#list(() => this.#amount())],
        () => ['"by"', `{"a":${this.#amount()},"7":${this.#amount()}}`],
        () => ['"inner"', depth < 3 ? this.#object(depth + 1) : '{}'],
        () => ['"inners"', depth < 3 ? this.#list(() => this.#object(depth + 1)) : '[]'],
        () => [
          this.#one(['"x"', '"x"', '"7"', '"0"', '"a b"', '""', '"a\\\\"', '"\\u007f"', '"q\\""']),
          this.#value(depth),
        ],
        () => [this.#string(), this.#value(depth)],
      ])(),
    );
    const texts = members.map(([key, value]) => `${this.#space()}${key}${this.#space()}:${this.#space()}${value}`);
    return `{${texts.join(',')}}`;
  }
}

/** A number, as it is written in the text. */
class Written {
  readonly word: string;

  constructor(word: string) {
    this.word = word;
  }
}

const isBeyond = (exact: bigint): boolean => exact > 2n ** 53n - 1n || exact < 1n - 2n ** 53n;

/** The decoded form of an undeclared value. */
function unknownOf(value: unknown): unknown {
  if (value instanceof Written) {
    const exact = integerOf(value.word);
    if (exact !== undefined && isBeyond(exact))
      return String(exact).replace('-', '').length > 100 ? String(exact) : exact;
    // Too many digits for BigInt.
    const isLong = exact === undefined && /^-?\d{101,}$/.test(value.word);
    return isLong ? value.word : JSON.parse(value.word);
  }
  if (Array.isArray(value)) return value.map(unknownOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, unknownOf(field)]));
}

const none = Symbol('left out');

function amountOf(value: unknown): bigint | typeof none {
  const word = value instanceof Written ? value.word : value;
  if (typeof word !== 'string') return none;
  const exact = integerOf(word) ?? wholeOf(word);
  return exact === undefined || String(exact).replace('-', '').length > 100 ? none : exact;
}

/** The digits before the point of a fraction with 16 or more digits. */
function wholeOf(word: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(word);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent) - fraction.length;
  if (shift >= 0) return undefined;
  const value = BigInt(whole + fraction) / 10n ** BigInt(-shift);
  return value >= 10n ** 15n ? value * (sign === '-' ? -1n : 1n) : undefined;
}

function listOf<Item>(value: unknown, read: (item: unknown) => Item | typeof none): unknown {
  return Array.isArray(value) ? value.map(read).filter((item) => item !== none) : none;
}

/** The decoded form of a declared field. */
const fields: Readonly<Record<string, (value: unknown) => unknown>> = {
  amount: amountOf,
  amounts: (value) => listOf(value, amountOf),
  by: (value) => entriesOf(value, () => amountOf),
  inner: holderOf,
  inners: (value) => listOf(value, holderOf),
};

function entriesOf(value: unknown, readerOf: (key: string) => (value: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Written) return none;
  const entries = Object.entries(value).map(([key, field]) => [key, readerOf(key)(field)] as const);
  return Object.fromEntries(entries.filter(([, field]) => field !== none));
}

function holderOf(value: unknown): unknown {
  return entriesOf(value, (key) => (Object.hasOwn(fields, key) ? fields[key] : undefined) ?? unknownOf);
}

/** Text that is the same only for the same values, of the same types. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${shown(field)}`).join()}}`;
  }
  if (typeof value === 'bigint') return `${value}n`;
  return Object.is(value, -0) ? '-0' : typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** Random texts that the codec decodes differently than the independent parser. */
export function wrongTexts(seed: number, count: number): string[] {
  const texts = new Texts(seed);
  const wrong: string[] = [];
  for (let nth = 0; nth < count; nth++) {
    const text = texts.next();
    const parsed = parse(text, null, {
      parseNumber: (word) => new Written(word),
      onDuplicateKey: ({ newValue }) => newValue,
    });
    const want = shown(holderOf(parsed));
    const got = shown(decode(parseJson(text), [types('Holder')], false).value);
    if (got !== want) wrong.push(`${text}\n  got  ${got}\n  want ${want}`);
  }
  return wrong;
}
