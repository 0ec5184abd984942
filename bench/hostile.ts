/** Measures texts that are designed to be slow to read: twice the size may take little more than twice the time. */
import * as plans from '../generated/plans.ts';
import { decode } from '../src/codec/decode.ts';
import { parseJson, parseWithTextIntegers } from '../src/codec/json.ts';
import { compiler } from '../src/codec/plan.ts';
import { compare } from './measure.ts';
import type { Result } from './result.ts';

const types = compiler(plans);

function quietly(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    // Some of them are not valid JSON; the time to detect that matters.
    if (!(error instanceof SyntaxError)) throw error;
  }
}

function read(type: string): (text: string) => void {
  const form = types(type);
  return (text) => quietly(() => decode(parseJson(text), [form], true));
}

const balance = read('Balance');
const network = read('NetworkInfo');
const error = (text: string): void => quietly(() => parseWithTextIntegers(text));

function everyCharacter(size: number): string {
  const all = Array.from({ length: 0xd800 - 0x7f }, (_, index) => String.fromCharCode(0x7f + index));
  const texts = Array.from({ length: Math.ceil(size / all.length / 2) }, () => JSON.stringify(all));
  return `{"balance":12345678901234567890,"x":[${texts.join(',')}]}`;
}

interface Hostile {
  readonly what: string;
  /** Unit: characters, about. */
  readonly size: number;
  readonly make: (size: number) => string;
  readonly read: (text: string) => void;
}

const mega = 1_000_000;
const texts: readonly Hostile[] = [
  {
    what: 'a fraction of zeros and a 1, quoted',
    size: mega,
    make: (n) => `{"balance":"1.${'0'.repeat(n)}1"}`,
    read: balance,
  },
  { what: 'a fraction of zeros and a 1', size: mega, make: (n) => `{"balance":1.${'0'.repeat(n)}1}`, read: balance },
  {
    what: 'ones and an x for a number',
    size: mega,
    make: (n) => `{"market_price":"${'1'.repeat(n)}x"}`,
    read: network,
  },
  { what: 'zeros and an x for an amount', size: mega, make: (n) => `{"balance":"${'0'.repeat(n)}x"}`, read: balance },
  { what: 'an amount of a million digits', size: mega, make: (n) => `{"balance":${'9'.repeat(n)}}`, read: balance },
  { what: 'an unknown integer of a million digits', size: mega, make: (n) => `{"x":${'9'.repeat(n)}}`, read: balance },
  { what: 'opening brackets alone', size: 4 * mega, make: (n) => '['.repeat(n), read: balance },
  {
    what: 'lists in lists',
    size: mega,
    make: (n) => `{"x":${'['.repeat(n / 2)}12345678901234567890${']'.repeat(n / 2)}}`,
    read: balance,
  },
  { what: 'an error of lists in lists', size: mega, make: (n) => '['.repeat(n / 2) + ']'.repeat(n / 2), read: error },
  { what: 'every character there is', size: mega, make: everyCharacter, read: balance },
  { what: 'exponents without an end', size: 8 * mega, make: (n) => `{"x":"${'1e'.repeat(n / 2)}"}`, read: balance },
  {
    what: 'huge exponents without an end',
    size: 4 * mega,
    make: (n) => `{"balance":0,"x":"${'1e999'.repeat(n / 5)}"}`,
    read: balance,
  },
  {
    what: 'huge exponents',
    size: mega,
    make: (n) => `{"balance":0,"x":[${'1e-400, '.repeat(n / 8)}"${'1e-400 '.repeat(n / 7)}"]}`,
    read: balance,
  },
  { what: 'points without an end', size: mega, make: (n) => `{"x":"${'12345678.'.repeat(n / 9)}"}`, read: balance },
  {
    what: 'backslashes and quotes',
    size: mega,
    make: (n) => `{"x":"${'\\\\\\"'.repeat(n / 4)}","balance":[12345678901234567890]}`,
    read: balance,
  },
  {
    what: 'spaces behind integers',
    size: mega,
    make: (n) => `[${`12345678901234567890${' '.repeat(80)},`.repeat(n / 100)}1]`,
    read: balance,
  },
];

/** Measures how the time grows with the text. */
export async function benchHostile(): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const { what, size, make, read: work } of texts) {
    const [text, twice] = [make(size), make(2 * size)];
    const { once, double } = await compare({ once: () => work(text), double: () => work(twice) }, 9);
    results.push({
      what: `${what}: ${(text.length / mega).toFixed(1)} MB, and twice that`,
      measured: [`${once.wallMs.toFixed(1)} ms, ${double.wallMs.toFixed(1)} ms`],
      verdict: { value: double.wallMs / once.wallMs, unit: '×', is: 'at most', target: 2.4 },
    });
  }
  return results;
}
