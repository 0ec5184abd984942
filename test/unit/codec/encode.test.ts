import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBody, encodeJson } from '../../../src/codec/encode.ts';
import { OctaConfigurationError } from '../../../src/errors/errors.ts';

const runs = { seed: 20_261_122, numRuns: 300 };

describe('encodeJson', () => {
  const rows: readonly (readonly [title: string, value: unknown, text: string | undefined])[] = [
    ['a bigint as a bare integer', 31_428_028_938_060_847_852n, '31428028938060847852'],
    ['a negative bigint', -(2n ** 128n), '-340282366920938463463374607431768211456'],
    ['a bigint in a field', { base: 10n ** 24n, a: 1 }, '{"base":1000000000000000000000000,"a":1}'],
    ['bigints in lists of lists', [[1n], [[2n ** 64n]]], '[[1],[[18446744073709551616]]]'],
    ['null', null, 'null'],
    ['text with quotes and control characters', 'a"\\\u0001\u2028😀', JSON.stringify('a"\\\u0001\u2028😀')],
    ['half a surrogate pair', '\ud83d', '"\\ud83d"'],
    ['numbers that JSON does not know', [Number.NaN, Number.POSITIVE_INFINITY, -0], '[null,null,0]'],
    ['a field without a value', { a: undefined, b: 1 }, '{"b":1}'],
    ['fields that are functions or symbols', { a: () => 1, b: Symbol('b'), c: 1 }, '{"c":1}'],
    ['items without a value', [undefined, () => 1, Symbol('a')], '[null,null,null]'],
    ['a list with holes', Object.assign([], { 0: 1, 2: 3n }), '[1,null,3]'],
    ['keys that need escaping', { 'a"b': 1, '': 2, __proto__x: 3 }, '{"a\\"b":1,"":2,"__proto__x":3}'],
    ['a key named __proto__', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    ['a Date', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['an object with a toJSON of its own', { toJSON: () => ({ a: 1 }) }, '{"a":1}'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1n }), '{"a":1}'],
    ['an empty object', {}, '{}'],
    ['an empty list', [], '[]'],
    ['nothing as nothing', undefined, undefined],
    ['a function as nothing', () => 1, undefined],
  ];
  test.each(rows)('writes %s', (_, value, text) => {
    expect(encodeJson(value)).toBe(text);
  });

  test('writes what JSON.stringify writes, when there is no bigint', () => {
    const anything = fc.anything({ withNullPrototype: true, withSparseArray: true, withDate: true });
    fc.assert(
      fc.property(anything, (value) => {
        expect(encodeJson(value)).toBe(JSON.stringify(value));
      }),
      runs,
    );
  });

  test('writes every bigint so that BigInt reads it back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 256n), max: 2n ** 256n }), (amount) => {
        const match = /^\{"a":\[(-?\d+)\]\}$/.exec(encodeJson({ a: [amount] }) ?? '');
        expect(BigInt(match?.[1] ?? '')).toBe(amount);
      }),
      runs,
    );
  });
});

describe('encodeBody', () => {
  const prices = { base: 'wei-input', storage: 'wei-input', note: 'string' };
  const start = { node_id: 'number!', image: 'string!', app: 'string' };

  const amounts: readonly (readonly [title: string, given: unknown, want: string])[] = [
    ['a bigint', 31_428_028_938_060_847_852n, '31428028938060847852'],
    ['zero', 0n, '0'],
    ['an integer number', 1500, '1500'],
    ['a large number that was written with an exponent', 1e18, '1000000000000000000'],
    ['a larger number by the digits it was written with', 1e23, '100000000000000000000000'],
    ['negative zero', -0, '0'],
    ['decimal digits', '31428028938060847852', '31428028938060847852'],
    ['decimal digits between spaces', ' 12\n', '12'],
    ['decimal digits with leading zeros', '007', '7'],
  ];
  test.each(amounts)('takes as an amount %s', (_, given, want) => {
    expect(encodeJson(encodeBody({ base: given }, prices))).toBe(`{"base":${want}}`);
  });

  test('takes any amount exactly, as bigint and as text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n }), (amount) => {
        const want = { base: amount, storage: amount };
        expect(encodeBody({ base: amount, storage: String(amount) }, prices)).toStrictEqual(want);
      }),
      runs,
    );
  });

  const refused: readonly (readonly [given: unknown, shown: string])[] = [
    [-1n, '-1'],
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    ['', '""'],
    ['1.5', '"1.5"'],
    ['-1', '"-1"'],
    ['1e18', '"1e18"'],
    ['0x10', '"0x10"'],
    ['1_000', '"1_000"'],
    ['١', '"١"'],
    [true, 'true'],
    [null, 'null'],
    [Symbol('a'), 'Symbol(a)'],
    [{}, 'an object'],
  ];
  test.each(refused)('refuses the amount %s', (given, shown) => {
    const message = `base is ${shown}; allowed: a whole number, 0 or more, as a bigint, a number or a string of digits`;
    expect(() => encodeBody({ base: given }, prices)).toThrow(new OctaConfigurationError({ message }));
  });

  test('refuses an amount that has no text of its own', () => {
    expect(() => encodeBody({ base: Object.create(null) }, prices)).toThrow(OctaConfigurationError);
  });

  test('leaves an amount out that is not given, and everything else alone', () => {
    const body = { base: undefined, note: '12', extra: 12n, list: ['1'] };
    expect(encodeBody(body, prices)).toStrictEqual(body);
  });

  test('changes nothing in what it is given', () => {
    const body = Object.freeze({ base: '5', storage: 7 });
    expect(encodeBody(body, prices)).toStrictEqual({ base: 5n, storage: 7n });
    expect(body).toStrictEqual({ base: '5', storage: 7 });
  });

  const missing: readonly (readonly [title: string, body: unknown, message: string])[] = [
    ['not there', { image: 'i' }, 'node_id is missing'],
    ['undefined', { node_id: undefined, image: 'i' }, 'node_id is missing'],
    ['null', { node_id: 1, image: null }, 'image is missing'],
    ['not there in the only item', [{ node_id: 1 }], 'image is missing'],
    ['not there in one of several items', [{ node_id: 1, image: 'i' }, { node_id: 2 }], '[1].image is missing'],
  ];
  test.each(missing)('names a required field that is %s', (_, body, message) => {
    expect(() => encodeBody(body, start)).toThrow(new OctaConfigurationError({ message }));
  });

  test('names the item of an amount that is refused', () => {
    const body = [{ base: 1 }, { base: -1 }];
    expect(() => encodeBody(body, prices)).toThrow(/^\[1\]\.base is -1;/);
  });

  const numbers = { node_id: 'number!', disk_size: 'number', ratio: 'number?', image: 'string' };

  test.each(['node_id', 'disk_size', 'ratio'])('refuses a number that JSON cannot write: %s', (name) => {
    for (const given of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const message = `${name} is ${given}; allowed: a finite number`;
      expect(() => encodeBody({ node_id: 1, [name]: given }, numbers)).toThrow(new OctaConfigurationError({ message }));
    }
    const several = [{ node_id: 1 }, { node_id: 1, [name]: Number.NaN }];
    expect(() => encodeBody(several, numbers)).toThrow(/^\[1\]\.\w+ is NaN; allowed: a finite number$/);
  });

  const typed = {
    node_id: 'number!',
    ratio: 'number?',
    image: 'string',
    gpu: 'boolean',
    ports: 'number[]',
    envs: 'string{}',
    project_id: 'any',
  };
  const wrongTypes: readonly (readonly [field: object, message: string])[] = [
    [{ node_id: '7' }, 'node_id is a string; allowed: a finite number'],
    [{ node_id: true }, 'node_id is a boolean; allowed: a finite number'],
    [{ node_id: [7] }, 'node_id is an array; allowed: a finite number'],
    [{ ratio: {} }, 'ratio is an object; allowed: a finite number'],
    [{ image: 5 }, 'image is a number; allowed: a string'],
    [{ image: Number.NaN }, 'image is NaN; allowed: a string'],
    [{ gpu: 'true' }, 'gpu is a string; allowed: true or false'],
    [{ ports: 80 }, 'ports is a number; allowed: an array'],
    [{ ports: { 0: 80 } }, 'ports is an object; allowed: an array'],
    [{ ports: [80, '443'] }, 'ports[1] is a string; allowed: a finite number'],
    [{ ports: [80, null] }, 'ports[1] is null; allowed: a finite number'],
    [{ ports: [undefined] }, 'ports[0] is undefined; allowed: a finite number'],
    [{ envs: ['A=1'] }, 'envs is an array; allowed: a plain object'],
    [{ envs: 'PASSWORD=secret' }, 'envs is a string; allowed: a plain object'],
    [{ envs: new Map([['A', '1']]) }, 'envs is an object; allowed: a plain object'],
    [{ envs: new Date(0) }, 'envs is an object; allowed: a plain object'],
    [{ envs: Promise.resolve({}) }, 'envs is an object; allowed: a plain object'],
    [{ envs: { PASSWORD: 1234 } }, 'envs.PASSWORD is a number; allowed: a string'],
  ];
  test.each(wrongTypes)('refuses a field of the wrong type, and does not show its value: %j', (field, message) => {
    expect(() => encodeBody({ node_id: 1, ...field }, typed)).toThrow(new OctaConfigurationError({ message }));
  });

  test('accepts fields of the right type, null in optional fields, and any value of unknown fields', () => {
    const body = {
      node_id: 7n,
      ratio: null,
      image: '',
      gpu: false,
      ports: [80, 443n],
      envs: { A: '', B: undefined },
      project_id: ['7'],
      other: Number.NaN,
    };
    expect(encodeBody(body, typed)).toStrictEqual(body);
    expect(encodeBody({ node_id: 0, ports: null, envs: undefined, gpu: null }, typed)).toMatchObject({ node_id: 0 });
  });

  test('takes an amount that has to be there', () => {
    const required = { base: 'wei-input!' };
    expect(encodeBody({ base: '5' }, required)).toStrictEqual({ base: 5n });
    const message = 'base is missing';
    expect(() => encodeBody({}, required)).toThrow(new OctaConfigurationError({ message }));
  });

  test('takes values that count as false for what they are', () => {
    const body = { node_id: 0, image: '' };
    expect(encodeBody(body, start)).toStrictEqual(body);
  });

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['text', 'a string'],
    [5, 'a number'],
    [new Date(0), 'an object'],
    [new Map(Object.entries(start)), 'an object'],
  ])('refuses a body that is no object: %s', (body, shown) => {
    const message = `the request body is ${shown}; allowed: a plain object`;
    expect(() => encodeBody(body, start)).toThrow(new OctaConfigurationError({ message }));
  });

  const items: readonly (readonly [body: unknown, message: string])[] = [
    [[{ node_id: 1, image: 'i' }, 5], '[1] is a number; allowed: a plain object'],
    [[[{ node_id: 1, image: 'i' }]], 'the request body is an array; allowed: a plain object'],
  ];
  test.each(items)('refuses an item that is no object: %j', (body, message) => {
    expect(() => encodeBody(body, start)).toThrow(new OctaConfigurationError({ message }));
  });
});
