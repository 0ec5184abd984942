import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OctaApiError, OctaConfigurationError } from '../../src/errors/errors.ts';
import { formatOcta, fromScaledUsd, parseOcta, toJson, weiToUsd } from '../../src/wei.ts';

const runs = { seed: 20_261_122, numRuns: 500 };
const amounts = fc.bigInt({ min: -(2n ** 256n), max: 2n ** 256n });

describe('formatOcta', () => {
  const rows: readonly (readonly [wei: bigint, digits: number | undefined, want: string])[] = [
    [0n, undefined, '0'],
    [1n, undefined, '0.000000000000000001'],
    [-1n, undefined, '-0.000000000000000001'],
    [10n ** 18n, undefined, '1'],
    [1_500_000_000_000_000_000n, undefined, '1.5'],
    [-1_500_000_000_000_000_000n, undefined, '-1.5'],
    [31_428_028_938_060_847_852n, undefined, '31.428028938060847852'],
    [100n * 10n ** 18n, undefined, '100'],
    [10n ** 17n, undefined, '0.1'],
    [2n ** 256n, undefined, '115792089237316195423570985008687907853269984665640564039457.584007913129639936'],
    [1_500_000_000_000_000_000n, 0, '2'],
    [1_499_999_999_999_999_999n, 0, '1'],
    [500_000_000_000_000_000n, 0, '1'],
    [499_999_999_999_999_999n, 0, '0'],
    [-500_000_000_000_000_000n, 0, '-1'],
    [-499_999_999_999_999_999n, 0, '0'],
    [1_234_500_000_000_000_000n, 3, '1.235'],
    [1_234_499_999_999_999_999n, 3, '1.234'],
    [-1_234_500_000_000_000_000n, 3, '-1.235'],
    [999_999_999_999_999_999n, 17, '1.00000000000000000'],
    [999_999_999_999_999_994n, 17, '0.99999999999999999'],
    [9_995_000_000_000_000_000n, 2, '10.00'],
    [0n, 2, '0.00'],
    [-1n, 2, '0.00'],
    [10n ** 18n, 2, '1.00'],
    [1n, 18, '0.000000000000000001'],
    [10n ** 18n, 18, '1.000000000000000000'],
  ];
  test.each(rows)('writes %s Wei with %s digits as %s', (wei, digits, want) => {
    expect(digits === undefined ? formatOcta(wei) : formatOcta(wei, digits)).toBe(want);
  });

  test('writes text that parseOcta reads back, for any amount', () => {
    fc.assert(
      fc.property(amounts, (wei) => {
        expect(parseOcta(formatOcta(wei))).toBe(wei);
        expect(parseOcta(formatOcta(wei, 18))).toBe(wei);
      }),
      runs,
    );
  });

  test('rounds to the nearest, half away from zero, for any amount and digits', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 18 }), (wei, digits) => {
        const text = formatOcta(wei, digits);
        expect(text).toMatch(digits === 0 ? /^-?\d+$/ : /^-?\d+\.\d+$/);
        expect(text.split('.')[1] ?? '').toHaveLength(digits);
        const [error, sign] = [parseOcta(text) - wei, wei < 0n ? -1n : 1n];
        const unit = 10n ** BigInt(18 - digits);
        expect(2n * error * sign <= unit && 2n * error * sign > -unit).toBe(true);
      }),
      runs,
    );
  });

  test('writes no trailing zeros, no bare point and no negative zero', () => {
    fc.assert(
      fc.property(amounts, (wei) => {
        expect(formatOcta(wei)).toMatch(/^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d{0,17}[1-9])$/);
      }),
      runs,
    );
  });

  const wrong: readonly (readonly [wei: unknown, digits: unknown, message: string])[] = [
    [1500, undefined, 'wei must be a bigint, such as 1500000000000000000n, but is the number 1500'],
    ['1500', undefined, 'wei must be a bigint, such as 1500000000000000000n, but is the string "1500"'],
    [undefined, undefined, 'wei must be a bigint, such as 1500000000000000000n, but is of type undefined'],
    [null, 2, 'wei must be a bigint, such as 1500000000000000000n, but is null'],
    [1n, -1, 'digits must be a whole number from 0 to 18, but is the number -1'],
    [1n, 19, 'digits must be a whole number from 0 to 18, but is the number 19'],
    [1n, 1.5, 'digits must be a whole number from 0 to 18, but is the number 1.5'],
    [1n, Number.NaN, 'digits must be a whole number from 0 to 18, but is the number NaN'],
    [1n, '2', 'digits must be a whole number from 0 to 18, but is the string "2"'],
    [1n, null, 'digits must be a whole number from 0 to 18, but is null'],
    [1n, 2n, 'digits must be a whole number from 0 to 18, but is the bigint 2'],
  ];
  test.each(wrong)('refuses %s with %s digits', (wei, digits, message) => {
    expect(() => Reflect.apply(formatOcta, undefined, [wei, digits])).toThrow(new OctaConfigurationError({ message }));
  });
});

describe('parseOcta', () => {
  const rows: readonly (readonly [octa: string, want: bigint])[] = [
    ['0', 0n],
    ['-0', 0n],
    ['0.0', 0n],
    ['1', 10n ** 18n],
    ['1.5', 1_500_000_000_000_000_000n],
    ['+1.5', 1_500_000_000_000_000_000n],
    ['-1.5', -1_500_000_000_000_000_000n],
    ['0.1', 10n ** 17n],
    ['0.000000000000000001', 1n],
    ['-0.000000000000000001', -1n],
    ['31.428028938060847852', 31_428_028_938_060_847_852n],
    ['007.50', 7_500_000_000_000_000_000n],
    ['  2 \n', 2n * 10n ** 18n],
    ['1.000000000000000000', 10n ** 18n],
    ['115792089237316195423570985008687907853269984665640564039457.584007913129639936', 2n ** 256n],
  ];
  test.each(rows)('reads %j as %s Wei', (octa, want) => {
    expect(parseOcta(octa)).toBe(want);
  });

  const needed = "octa must be a decimal string, such as '1.5', with at most 18 digits after the point";
  const unreadable = [
    '',
    ' ',
    '.5',
    '1.',
    '.',
    '-',
    '--1',
    '+-1',
    '- 1',
    '1 000',
    '1,5',
    '1_000',
    '1e18',
    '1.5e1',
    '0x10',
    '1n',
    '1.0000000000000000000',
    '0.0000000000000000001',
    '1.2.3',
    '١.٥',
    'NaN',
    'Infinity',
    '1 OCTA',
  ];
  test.each(unreadable)('refuses %j', (octa) => {
    const message = `${needed}, but is the string ${JSON.stringify(octa)}`;
    expect(() => parseOcta(octa)).toThrow(new OctaConfigurationError({ message }));
  });

  const circular: { self?: unknown } = {};
  circular.self = circular;
  const wrong: readonly (readonly [title: string, value: unknown])[] = [
    ['a number', 1.5],
    ['a bigint', 5n],
    ['nothing', undefined],
    ['null', null],
    ['an object', {}],
    ['an object that holds itself', circular],
    ['a list', ['1.5']],
    ['a symbol', Symbol('1')],
  ];
  test.each(wrong)('refuses %s', (_, value) => {
    expect(() => Reflect.apply(parseOcta, undefined, [value])).toThrow(OctaConfigurationError);
  });
});

describe('weiToUsd', () => {
  const rows: readonly (readonly [wei: bigint, price: number, want: number])[] = [
    [0n, 0.104, 0],
    [10n ** 18n, 0.104, 0.104],
    [-(10n ** 18n), 0.104, -0.104],
    [1_500_000_000_000_000_000n, 2, 3],
    [-1_500_000_000_000_000_000n, 2, -3],
    [5n * 10n ** 17n, 0.5, 0.25],
    [1n, 1, 1e-18],
    [10n ** 30n, 1, 1e12],
    [10n ** 18n, 0, 0],
  ];
  test.each(rows)('values %s Wei at %s as %s', (wei, price, want) => {
    expect(weiToUsd(wei, price)).toBe(want);
  });

  test('stays within a few rounding errors of the exact value', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 120n }), fc.integer({ min: 1, max: 1_000_000 }), (wei, price) => {
        const exact = Number(wei * BigInt(price)) / 1e18;
        expect(Math.abs(weiToUsd(wei, price) / exact - 1)).toBeLessThan(1e-14);
      }),
      runs,
    );
  });

  const wrong: readonly (readonly [wei: unknown, price: unknown, message: string])[] = [
    [5, 1, 'wei must be a bigint, but is the number 5'],
    ['5', 1, 'wei must be a bigint, but is the string "5"'],
    [1n, Number.NaN, 'marketPrice must be a finite number, but is the number NaN'],
    [1n, Number.POSITIVE_INFINITY, 'marketPrice must be a finite number, but is the number Infinity'],
    [1n, '0.1', 'marketPrice must be a finite number, but is the string "0.1"'],
    [1n, undefined, 'marketPrice must be a finite number, but is of type undefined'],
    [10n ** 330n, 1, 'the value in USD must fit into a number, but is the number Infinity'],
  ];
  test.each(wrong)('refuses %s Wei at %s', (wei, price, message) => {
    expect(() => Reflect.apply(weiToUsd, undefined, [wei, price])).toThrow(new OctaConfigurationError({ message }));
  });
});

describe('fromScaledUsd', () => {
  const rows: readonly (readonly [scaled: number, want: number])[] = [
    [0, 0],
    [1, 0.0001],
    [3400, 0.34],
    [1200, 0.12],
    [10_000, 1],
    [-2500, -0.25],
    [0.5, 0.00005],
  ];
  test.each(rows)('reads %s as %s USD', (scaled, want) => {
    expect(fromScaledUsd(scaled)).toBe(want);
  });

  test.each<[scaled: unknown, message: string]>([
    ['3400', 'scaled must be a finite number, but is the string "3400"'],
    [Number.NaN, 'scaled must be a finite number, but is the number NaN'],
    [Number.NEGATIVE_INFINITY, 'scaled must be a finite number, but is the number -Infinity'],
  ])('refuses %s', (scaled, message) => {
    expect(() => Reflect.apply(fromScaledUsd, undefined, [scaled])).toThrow(new OctaConfigurationError({ message }));
  });
});

describe('toJson', () => {
  const rows: readonly (readonly [title: string, value: unknown, want: string])[] = [
    ['a bigint as decimal text', 31_428_028_938_060_847_852n, '"31428028938060847852"'],
    ['bigints however deep', { a: [{ b: -1n }], c: 2 }, '{"a":[{"b":"-1"}],"c":2}'],
    ['values without bigints as JSON.stringify does', { a: [1, 'x', null, true] }, '{"a":[1,"x",null,true]}'],
    ['null', null, 'null'],
    ['nothing, as a call without an answer gives', undefined, 'null'],
    ['what its toJSON gives, also a bigint', { m: { toJSON: () => 5n } }, '{"m":"5"}'],
    ['a Date', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['no field without a value', { a: undefined, b: 1n }, '{"b":"1"}'],
  ];
  test.each(rows)('writes %s', (_, value, want) => {
    expect(toJson(value)).toBe(want);
  });

  test('writes a bigint exactly, even with a BigInt.prototype.toJSON', () => {
    onTestFinished(() => {
      Reflect.deleteProperty(BigInt.prototype, 'toJSON');
    });
    Object.defineProperty(BigInt.prototype, 'toJSON', {
      configurable: true,
      value(this: bigint) {
        return Number(this);
      },
    });
    const wei = 31_428_028_938_060_847_852n;
    expect(toJson({ wei, all: [wei] })).toBe('{"wei":"31428028938060847852","all":["31428028938060847852"]}');
    expect(toJson(wei)).toBe('"31428028938060847852"');
  });

  test.each<[title: string, make: () => unknown]>([
    [
      'a value that contains itself',
      () => {
        const value: Record<string, unknown> = {};
        value.self = value;
        return value;
      },
    ],
    [
      'what nests too deeply',
      () => {
        let value: unknown = 1;
        for (let level = 0; level < 50_000; level++) value = [value];
        return value;
      },
    ],
    [
      'what has a toJSON that throws',
      () => ({
        toJSON: () => {
          throw new TypeError('no');
        },
      }),
    ],
  ])('refuses %s with an error of its own', (_, make) => {
    const message =
      'the value cannot be written as JSON; check for circular references, deep nesting and toJSON methods that throw';
    expect(() => toJson(make())).toThrow(new OctaConfigurationError({ message }));
  });

  test('writes an error of the SDK by its fields', () => {
    const error = new OctaApiError({ message: 'm', status: 418, body: { balance: 5n } });
    expect(JSON.parse(toJson({ error }))).toMatchObject({
      error: { message: 'm', status: 418, body: { balance: '5' } },
    });
  });

  test('indents like JSON.stringify', () => {
    expect(toJson({ a: 1n }, 2)).toBe('{\n  "a": "1"\n}');
    expect(toJson([1n], '\t')).toBe('[\n\t"1"\n]');
  });

  test('loses no digit of any amount', () => {
    fc.assert(
      fc.property(amounts, (wei) => {
        expect(BigInt(JSON.parse(toJson({ wei })).wei)).toBe(wei);
      }),
      runs,
    );
  });
});
