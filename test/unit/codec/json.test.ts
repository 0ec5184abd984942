import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integerFromText, isRounded } from '../../../src/codec/decimal.ts';
import {
  exactScalar,
  type ParsedJson,
  parseExact,
  parseExtremes,
  parseJson,
  parseWithTextIntegers,
  replaceScalars,
} from '../../../src/codec/json.ts';
import { exactNumber, markedNumber } from '../../../src/codec/marks.ts';
import { comparable, digits, jsonText, long, slowExactParse, thrownBy } from './slow-json.ts';

const runs = { seed: 20_261_122, numRuns: 400 };

/** Cuts something out at one place and puts something in. */
interface Edit {
  readonly place: number;
  readonly cut: number;
  readonly put: string;
}
const edit: fc.Arbitrary<Edit> = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.integer({ min: 0, max: 3 }),
  put: fc.oneof(
    fc.constant(''),
    digits,
    digits.map((run) => `0${run}`),
    fc.tuple(digits, digits).map(([whole, fraction]) => `${whole}.${fraction}`),
    fc.constantFrom(...'"\\,:[]{}-+.eE0 \n\u007f\u00a0\ufeff'),
    fc.constantFrom(`{${long}:1}`, `{${long}`, `,${long}`, `:${long},`, `"a":${long}`, `a":${long},"`, `"\\":${long}`),
  ),
});

function edited(text: string, { place, cut, put }: Edit): string {
  const at = Math.floor(place * (text.length + 1));
  return text.slice(0, at) + put + text.slice(at + cut);
}

/** The value with what marks stand for in their places, in a list of its own. */
function unmarked({ value, marks }: ParsedJson): unknown {
  return replaceScalars(value, (scalar) => {
    const number = markedNumber(marks, scalar);
    return number === undefined ? scalar : { number };
  });
}

describe('parseExact', () => {
  test('gives every integer of valid JSON exactly, and everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(comparable(parseExact(text))).toStrictEqual(comparable(slowExactParse(text)));
      }),
      runs,
    );
  });

  test('throws exactly when JSON.parse throws, whatever was done to the text', () => {
    fc.assert(
      fc.property(jsonText, fc.array(edit, { minLength: 1, maxLength: 3 }), (text, edits) => {
        const broken = edits.reduce(edited, text);
        const want = thrownBy(() => JSON.parse(broken));
        expect(thrownBy(() => parseExact(broken)) instanceof SyntaxError, broken).toBe(want instanceof SyntaxError);
        expect(thrownBy(() => parseJson(broken)) instanceof SyntaxError, broken).toBe(want instanceof SyntaxError);
        if (want !== undefined) return;
        expect(comparable(parseExact(broken))).toStrictEqual(comparable(slowExactParse(broken)));
      }),
      { ...runs, numRuns: 2_000 },
    );
  });

  const whole: readonly (readonly [title: string, text: string, want: unknown])[] = [
    ['alone', long, BigInt(long)],
    ['alone between spaces', ` \n${long}\t\r\n`, BigInt(long)],
    ['negative', `-${long}`, -BigInt(long)],
    ['with 16 digits', '[9007199254740993]', [9007199254740993n]],
    ['that is the largest of all doubles, as a number', '[9007199254740991]', [9007199254740991]],
    ['that is the smallest, as a number', '[-9007199254740991]', [-9007199254740991]],
    ['next to it', '[9007199254740992,-9007199254740992]', [9007199254740992n, -9007199254740992n]],
    ['with a fraction of zeros', `[${long}.0,1.000]`, [BigInt(long), 1]],
    ['with an exponent', '[1.5e18,-12345678901234567.89E+2,1e3]', [15n * 10n ** 17n, -1234567890123456789n, 1000]],
    ['with 78 digits', `{"a":${(2n ** 256n).toString()}}`, { a: 2n ** 256n }],
    ['in a list', `[${long},-${long} ,\n${long}]`, [BigInt(long), -BigInt(long), BigInt(long)]],
    ['in lists of lists', `[[[${long}]],[${long}]]`, [[[BigInt(long)]], [BigInt(long)]]],
    ['in a field', `{"balance":${long}}`, { balance: BigInt(long) }],
    ['around the colon of a field with spaces', `{"balance" \n:\t ${long} }`, { balance: BigInt(long) }],
    ['under an empty key', `{"":${long}}`, { '': BigInt(long) }],
    ['under a key that ends with a backslash', `{"a\\\\":${long}}`, { 'a\\': BigInt(long) }],
    ['under a key that ends with a quote', `{"a\\"":${long}}`, { 'a"': BigInt(long) }],
    ['under a key in another script', `{"баланс":${long}}`, { баланс: BigInt(long) }],
    ['under a key that is an integer', `{"${long}":${long}}`, { [long]: BigInt(long) }],
    ['after text with an escaped quote', `["a\\"b",${long}]`, ['a"b', BigInt(long)]],
    ['after text that ends with backslashes', `["\\\\\\\\",${long}]`, ['\\\\', BigInt(long)]],
    ['the last of a repeated key', `{"a":1,"a":${long}}`, { a: BigInt(long) }],
  ];
  test.each(whole)('keeps the digits of a long integer %s', (_, text, want) => {
    expect(parseExact(text)).toStrictEqual(want);
  });

  const text: readonly string[] = [
    long,
    `-${long}`,
    `"balance": ${long}, "next": 1`,
    `"balance":${long}}`,
    `{"balance":${long}}`,
    `[${long}]`,
    `,${long},`,
    `: ${long} ]`,
    `\\": ${long},`,
    `\\\\": ${long}}`,
    `\n${long}\n,`,
    `a":${long},"b`,
  ];
  test.each(text)('leaves text alone that merely looks like an integer: %j', (inner) => {
    const list = JSON.stringify([inner, { [inner]: inner }, inner]);
    expect(parseExact(list)).toStrictEqual(JSON.parse(list));
    expect(parseExact(`${list.slice(0, -1)},${long}]`)).toStrictEqual([...JSON.parse(list), BigInt(long)]);
  });

  const otherNumbers = [
    `${long}.5`,
    `0.${long}`,
    `${long}E-30`,
    '1e300',
    '-1e999',
    '1.5e-400',
    `1.5e${'0'.repeat(20)}1`,
    `-0.${long}`,
  ];
  test.each(otherNumbers)('leaves %s, which is no long integer, to JSON.parse', (given) => {
    expect(parseExact(`[${given},"${long}"]`)).toStrictEqual([JSON.parse(given), long]);
  });

  const broken = [
    '',
    ' ',
    `0${long}`,
    `-0${long}`,
    `+${long}`,
    `- ${long}`,
    `--${long}`,
    `${long}.`,
    `${long}e`,
    `${long}-`,
    `.${long}`,
    `${long} ${long}`,
    `[${long} ${long}]`,
    `[${long}`,
    `[,${long}]`,
    `[${long},]`,
    `{${long}}`,
    `{${long}:1}`,
    `{"a":1,${long}:2}`,
    `{"a":1,${long}}`,
    `{"a"${long}}`,
    `{"a":${long}`,
    `{"a"::${long}}`,
    `{a":${long},"}`,
    `[1":${long},"]`,
    `{"a":"b":${long}}`,
    `{"a\\":${long}}`,
    `"${long}`,
    `["\\":${long},]`,
    `\ufeff${long}`,
    `[\u00a0${long}]`,
    `${long}n`,
    `0x${long}`,
    `'${long}'`,
    `["a\n",${long}]`,
  ];
  test.each(broken)('refuses %j, as JSON.parse does', (given) => {
    expect(() => JSON.parse(given)).toThrow(SyntaxError);
    expect(() => parseExact(given)).toThrow(SyntaxError);
    expect(() => parseJson(given)).toThrow(SyntaxError);
    expect(() => parseWithTextIntegers(given)).toThrow(SyntaxError);
  });

  const likeMarks: readonly (readonly [word: string, want: number])[] = [
    ['9000000000000001', 9_000_000_000_000_001],
    ['9000000000000001.0', 9_000_000_000_000_001],
    ['9000000000000001.25', 9_000_000_000_000_001],
    ['9000000000000000.75', 9_000_000_000_000_001],
    ['9000000000000001e0', 9_000_000_000_000_001],
    ['90000000000000010e-1', 9_000_000_000_000_001],
    ['9.000000000000001e15', 9_000_000_000_000_001],
    ['0.9000000000000001E+16', 9_000_000_000_000_001],
    ['9000000000000011', 9_000_000_000_000_011],
    ['9000000000000021', 9_000_000_000_000_021],
    ['9007199254740991', 9_007_199_254_740_991],
    ['-9000000000000001', -9_000_000_000_000_001],
    ['9000000000000000', 9_000_000_000_000_000],
    ['9e15', 9_000_000_000_000_000],
    ['9000000000000002', 9_000_000_000_000_002],
    ['8999999999999991', 8_999_999_999_999_991],
  ];
  test.each(likeMarks)('does not mistake %s for the mark of another number', (word, want) => {
    for (const text of [`[${word},${long}]`, `[${long},${word}]`, `[${word},${long},1e-400]`]) {
      const [first, second] = parseExact(text) as unknown[];
      expect([first, second], text).toStrictEqual(
        text.startsWith(`[${long}`) ? [BigInt(long), want] : [want, BigInt(long)],
      );
    }
    expect(parseWithTextIntegers(`[${word},${long}]`)).toStrictEqual([want, long]);
    expect(parseExact(`{"a":${word},"${word}":"${word}"}`)).toStrictEqual({ a: want, [word]: word });
  });

  test('finds long integers at every offset', () => {
    for (let offset = 0; offset < 64; offset++) {
      const text = `[${'1,'.repeat(offset % 7)}"${'x'.repeat(offset)}",9007199254740993,${long}]`;
      expect(parseExact(text)).toStrictEqual([
        ...Array(offset % 7).fill(1),
        'x'.repeat(offset),
        9007199254740993n,
        BigInt(long),
      ]);
    }
  });

  test('hands the digits of long integers, and of these alone, to the converter', () => {
    const text = `{"a":["x",${long},{"b":-${long}}],"c":"${long}","d":7}`;
    const want = { a: ['x', `<${long}>`, { b: `<-${long}>` }], c: long, d: 7 };
    expect(parseExact(text, (given) => `<${given}>`)).toStrictEqual(want);
  });

  test('keeps an own __proto__ an own property, and changes no prototype', () => {
    const value = parseExact(`{"__proto__":${long},"a":{"__proto__":{"isAdmin":${long}}}}`);
    expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toBe(BigInt(long));
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Reflect.get(Object.prototype, 'isAdmin')).toBeUndefined();
  });

  test('reaches integers however deep they are', () => {
    const depth = 50_000;
    let inner = parseExact(`${'[{"a":'.repeat(depth)}${long}${'}]'.repeat(depth)}`);
    for (let level = 0; level < depth; level++) inner = (inner as [{ a: unknown }])[0].a;
    expect(inner).toBe(BigInt(long));
  });
});

describe('parseJson', () => {
  test('gives the values of JSON.parse where nothing would be lost, and no marks', () => {
    const text = `{"a":[1,-2.5,"${long}",null,true],"b":{"c":1e3}}`;
    expect(parseJson(text)).toStrictEqual({ value: JSON.parse(text), marks: undefined, text });
  });

  test('gives integers that would be rounded as marks', () => {
    const parsed = parseJson(`[${long},"${long}",3.1000000000000000e19,3.1e19,1e300,-${long}]`);
    const want = [{ number: BigInt(long) }, long, { number: '3.1000000000000000e19' }, 3.1e19, 1e300];
    expect(unmarked(parsed)).toStrictEqual([...want, { number: -BigInt(long) }]);
  });

  test.each(['5.00000000000000000001', '8570870.0000000001', '0.86491470110805099e16', `${long}.5`])(
    'gives %s, which would come out as an integer, as a mark',
    (word) => {
      expect(unmarked(parseJson(`[${word},7.5]`))).toStrictEqual([{ number: word }, 7.5]);
      expect(parseExact(`[${word}]`)).toStrictEqual(JSON.parse(`[${word}]`));
    },
  );

  test('marks a number whose exponent is long', () => {
    const words = ['1e2345678901234567', '-1.5E+2345678901234567', '1e-2345678901234567'];
    expect(unmarked(parseJson(`[${words.join()},5e0000000000000001]`))).toStrictEqual([
      ...words.map((number) => ({ number })),
      50,
    ]);
  });

  test('leaves fractions that stay fractions alone, and those of zeros', () => {
    const text = '[0.12345678901234567890,12345678.12345678,12345678.00000000,1.50000000000000000000]';
    expect(parseJson(text)).toStrictEqual({ value: JSON.parse(text), marks: undefined, text });
  });

  test('reads bytes as it reads their text, and leaves them as they are', () => {
    const bytes = new TextEncoder().encode(`{"é":[${long},"ж"],"a":9007199254740993}`);
    const before = bytes.slice();
    expect(unmarked(parseJson(bytes))).toStrictEqual({
      é: [{ number: BigInt(long) }, 'ж'],
      a: { number: 9_007_199_254_740_993n },
    });
    expect(bytes).toStrictEqual(before);
  });

  test('drops the byte order mark of bytes, as fetch does', () => {
    expect(unmarked(parseJson(new TextEncoder().encode(`\ufeff[${long}]`)))).toStrictEqual([{ number: BigInt(long) }]);
  });

  test.each([long, `-${long}`, `${long}.0`])('marks %s behind a byte order mark', (word) => {
    const { value, marks } = parseJson(new TextEncoder().encode(`\ufeff${word}`));
    expect(exactScalar(marks, value)).toBe(BigInt(word.replace('.0', '')));
    expect(thrownBy(() => parseJson(new TextEncoder().encode(`\ufeff\ufeff${word}`)))).toStrictEqual(
      thrownBy(() => JSON.parse(`\ufeff${word}`)),
    );
  });

  test.each([`[${long}]`, `[${long},]`])('leaves a Buffer with %s as it is, and its errors are about that', (text) => {
    const buffer = Buffer.from(text);
    expect(thrownBy(() => parseJson(buffer))).toStrictEqual(thrownBy(() => JSON.parse(text)));
    expect(buffer.toString()).toBe(text);
  });

  test.each([`{"a":${long},}`, `{"a":${long},"b":5.00000000000000000001`])(
    'says of %j what JSON.parse says of it',
    (broken) => {
      const want = thrownBy(() => JSON.parse(broken));
      expect(thrownBy(() => parseJson(broken))).toStrictEqual(want);
      expect(thrownBy(() => parseJson(new TextEncoder().encode(broken)))).toStrictEqual(want);
    },
  );

  test('distinguishes many marks', () => {
    const integers = Array.from({ length: 40_000 }, (_, index) => BigInt(long) + BigInt(index));
    expect(parseExact(`[${integers.join()}]`)).toStrictEqual(integers);
  });
});

describe('parseExtremes', () => {
  test.each(['1e-400', '-1.5e-0400', '1e999', '-1E+999'])('gives %s, which a double cannot hold, as a mark', (word) => {
    const parsed = parseJson(`{"a":[${word},0],"b":"${word}","c":${long}}`);
    const want = { a: [{ number: word }, 0], b: word, c: { number: BigInt(long) } };
    expect(unmarked(parseExtremes(parsed) ?? parsed)).toStrictEqual(want);
  });

  test('marks a number once that has both many digits and a huge exponent', () => {
    const word = `${long}e-400`;
    const parsed = parseJson(`[1e-400,${word},1e-401]`);
    const want = ['1e-400', word, '1e-401'].map((number) => ({ number }));
    expect(unmarked(parseExtremes(parsed) ?? parsed)).toStrictEqual(want);
  });

  test('gives nothing when no exponent is huge', () => {
    expect(parseExtremes(parseJson('[0,1e-99,3.1e19]'))).toBeUndefined();
  });
});

describe('exactScalar', () => {
  test('gives the integer that a number with an exponent was written as', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999_999_999_999 }),
        fc.integer({ min: 1, max: 84 }),
        (digits, power) => {
          const exact = BigInt(digits) * 10n ** BigInt(power);
          const want = exact > 2n ** 53n ? exact : Number(exact);
          for (const word of [`${digits}e${power}`, `${digits}E+${power}`]) {
            expect(exactScalar(undefined, JSON.parse(word)), word).toBe(want);
            expect(parseExact(`{"a":-${word}}`), word).toStrictEqual({ a: -want });
          }
        },
      ),
      runs,
    );
  });
});

describe('exactNumber', () => {
  test.each<[title: string, marked: bigint | string, want: unknown]>([
    ['an integer', -BigInt(long), -BigInt(long)],
    ['the integer that an exponent makes', '3.1000000000000000e19', 31n * 10n ** 18n],
    ['the digits of a longer one, because BigInt takes too long for many', '9'.repeat(101), '9'.repeat(101)],
    ['what JSON.parse makes of a fraction', '5.00000000000000000001', 5],
  ])('gives %s.', (_, marked, want) => {
    expect(exactNumber(marked)).toBe(want);
  });

  test.each([16, 29, 30, 31, 99, 100, 101])('gives an integer of %d digits exactly.', (length) => {
    const digits = '1234567890'.repeat(11).slice(0, length);
    const want = length > 100 ? [digits, `-${digits}`] : [BigInt(digits), -BigInt(digits)];
    expect(parseExact(`[${digits},-${digits}]`)).toStrictEqual(length === 16 ? [Number(digits), -digits] : want);
  });
});

describe('isRounded', () => {
  const rows: readonly (readonly [value: number, want: boolean])[] = [
    [0, false],
    [0.5, false],
    [Number.MAX_SAFE_INTEGER, false],
    [Number.MIN_SAFE_INTEGER, false],
    [2 ** 53, true],
    [-(2 ** 53), true],
    [1e300, true],
    [Number.POSITIVE_INFINITY, true],
    [Number.NEGATIVE_INFINITY, true],
  ];
  test.each(rows)('says of %s: %s', (value, want) => {
    expect(isRounded(value)).toBe(want);
  });
});

describe('integerFromText', () => {
  const rows: readonly (readonly [string, bigint | undefined])[] = [
    ['0', 0n],
    ['-0', 0n],
    ['007', 7n],
    ['-12', -12n],
    ['31428028938060847852', 31_428_028_938_060_847_852n],
    ['1.0', 1n],
    ['1.000', 1n],
    ['-3.10e1', -31n],
    ['1e18', 10n ** 18n],
    ['1E+18', 10n ** 18n],
    ['1.5e18', 1_500_000_000_000_000_000n],
    ['3.1428028938060847852e19', 31_428_028_938_060_847_852n],
    ['31428028938060847852.000', 31_428_028_938_060_847_852n],
    ['1e99', 10n ** 99n],
    ['1e100', undefined],
    ['1e1000', undefined],
    ['9'.repeat(100), 10n ** 100n - 1n],
    ['9'.repeat(101), undefined],
    [`${'9'.repeat(101)}.0`, undefined],
    [`${'0'.repeat(200)}7`, 7n],
    ['0e999999999', 0n],
    ['1.5e0018', 1_500_000_000_000_000_000n],
    ['12345678901234567890e-1', 1_234_567_890_123_456_789n],
    ['1e', undefined],
    ['1.05e1', undefined],
    ['0.5', undefined],
    ['1e-1', undefined],
    ['10e-1', 1n],
    ['12e-1', undefined],
    ['1.', undefined],
    ['.5', undefined],
    ['+1', undefined],
    ['--1', undefined],
    ['', undefined],
    ['-', undefined],
    [' 1', undefined],
    ['1 000', undefined],
    ['1,000', undefined],
    ['1_000', undefined],
    ['0x10', undefined],
    ['1n', undefined],
    ['١٢', undefined],
    ['1\n', undefined],
    ['Infinity', undefined],
    ['NaN', undefined],
  ];
  test.each(rows)('reads %j as %s', (given, want) => {
    expect(integerFromText(given)).toBe(want);
  });

  test('reads what BigInt writes, with any exponent taken out', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 256n), max: 2n ** 256n }), fc.nat({ max: 20 }), (integer, shift) => {
        expect(integerFromText(String(integer))).toBe(integer);
        const [sign, digits] = integer < 0n ? ['-', String(-integer)] : ['', String(integer)];
        const padded = digits.padStart(shift + 1, '0');
        const point = padded.length - shift;
        const fraction = shift === 0 ? '' : `.${padded.slice(point)}`;
        expect(integerFromText(`${sign}${padded.slice(0, point)}${fraction}e${shift}`)).toBe(integer);
      }),
      runs,
    );
  });
});

describe('parseWithTextIntegers', () => {
  test('gives long integers as their digits and leaves the rest alone', () => {
    const want = { a: long, b: [`-${long}`], c: 1, d: null };
    expect(parseWithTextIntegers(`{"a":${long},"b":[-${long}],"c":1,"d":null}`)).toStrictEqual(want);
  });

  test('gives values that JSON.stringify can write', () => {
    fc.assert(
      fc.property(jsonText, (given) => {
        expect(typeof JSON.stringify(parseWithTextIntegers(given))).toBe('string');
      }),
      { ...runs, numRuns: 100 },
    );
  });
});
