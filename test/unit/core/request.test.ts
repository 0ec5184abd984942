import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillPath, mergeBody, pathSegment, queryString } from '../../../src/core/request.ts';
import { OctaConfigurationError } from '../../../src/errors/errors.ts';

const lone = '\ud800';

describe('A path segment', () => {
  test.each<[title: string, given: unknown, want: string]>([
    ['of a number is its digits', 42, '42'],
    ['of 0 is a digit too', 0, '0'],
    ['of a bigint is its digits', 18446744073709551616n, '18446744073709551616'],
    ['of plain text is that text', 'a1b2-c3', 'a1b2-c3'],
    ['that goes up keeps its dots and loses its slash', '../accounts', '..%2Faccounts'],
    ['that brings a query has none', 'a?x=1', 'a%3Fx%3D1'],
    ['that brings a fragment has none', 'a#x', 'a%23x'],
    ['that is two segments becomes one', 'a/b', 'a%2Fb'],
    ['that goes back becomes one', 'a\\b', 'a%5Cb'],
    ['that is encoded already is encoded again', '%2e%2e', '%252e%252e'],
    ['that is half encoded is encoded again', '.%2e', '.%252e'],
    ['of three dots is a name like any other', '...', '...'],
    ['of braces is no parameter', '{id}', '%7Bid%7D'],
    ['with a line break stays one line', 'a\nb', 'a%0Ab'],
    ['beyond ASCII is its bytes', 'ü😀', '%C3%BC%F0%9F%98%80'],
  ])('%s.', (_, given, want) => {
    expect(pathSegment('id', given)).toBe(want);
  });

  test.each<[given: unknown, shown: string]>([
    ['', '""'],
    [' \t', '" \\t"'],
    ['.', '"."'],
    ['..', '".."'],
    [lone, '"\\ud800"'],
    [null, 'null'],
    [undefined, 'of type undefined'],
    [Number.NaN, 'of type number'],
    [1.5, 'of type number'],
    [2 ** 53, 'of type number'],
    [true, 'of type boolean'],
    [[1], 'of type object'],
    [{ toString: () => '..' }, 'of type object'],
    [Symbol('id'), 'of type symbol'],
  ])('cannot be %j.', (given, shown) => {
    const allowed = "a non-empty string or a whole number, but not '.' or '..'";
    const want = new OctaConfigurationError({ message: `node_id is ${shown}; allowed: ${allowed}` });
    expect(() => pathSegment('node_id', given)).toThrow(want);
  });

  test('never changes other parts of a URL, for any text.', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'./\\%2eE?#;@: ') })),
        (text) => {
          let segment: string;
          try {
            segment = pathSegment('id', text);
          } catch (error) {
            expect(error).toBeInstanceOf(OctaConfigurationError);
            return;
          }
          expect(new URL(`https://api.test/nodes/${segment}/reboot`).pathname).toBe(`/nodes/${segment}/reboot`);
          expect(decodeURIComponent(segment)).toBe(text);
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });
});

describe('A path', () => {
  test('gets its parameters.', () => {
    expect(fillPath('/idle_jobs/{node_id}/{job_id}/logs', { node_id: 7, job_id: 'a/b' })).toBe(
      '/idle_jobs/7/a%2Fb/logs',
    );
  });

  test('without parameters does not change.', () => {
    expect(fillPath('/accounts', { id: 7 })).toBe('/accounts');
  });

  test('names the parameter that is missing.', () => {
    expect(() => fillPath('/nodes/{node_id}', {})).toThrow(/^node_id is of type undefined; allowed: /);
  });

  test('does not replace placeholders within a value.', () => {
    expect(fillPath('/a/{one}/{two}', { one: '{two}', two: 2 })).toBe('/a/%7Btwo%7D/2');
  });
});

describe('A query', () => {
  test.each<[title: string, given: Record<string, unknown>, want: string]>([
    ['of nothing is empty', {}, ''],
    ['leaves out what is absent', { a: undefined, b: null, c: '' }, 'c='],
    [
      'takes text, numbers, booleans and bigints',
      { a: 'x', b: 1.5, c: false, d: 2n ** 64n },
      'a=x&b=1.5&c=false&d=18446744073709551616',
    ],
    ['writes a date as ISO 8601', { at: new Date(0) }, 'at=1970-01-01T00%3A00%3A00.000Z'],
    ['repeats the name for each item of a list', { id: [1, null, 2] }, 'id=1&id=2'],
    ['escapes what would change it', { 'a&b': 'c=d&e#f+g h{i}' }, 'a%26b=c%3Dd%26e%23f%2Bg+h%7Bi%7D'],
  ])('%s.', (_, given, want) => {
    expect(queryString(given)).toBe(want);
  });

  test.each<[title: string, given: unknown, type: string]>([
    ['an object', { b: 1 }, 'object'],
    ['a list in a list', [[1]], 'object'],
    ['a date that is none', new Date(Number.NaN), 'object'],
    ['a function', () => 1, 'function'],
    ['a symbol', Symbol('a'), 'symbol'],
  ])('refuses %s, and names the parameter.', (_, given, type) => {
    const message = `query parameter a is of type ${type}; allowed: strings, numbers, booleans, dates and arrays of these`;
    expect(() => queryString({ a: given })).toThrow(new OctaConfigurationError({ message }));
  });
});

describe('A body', () => {
  test.each<[title: string, body: unknown, extra: Record<string, unknown> | undefined, want: unknown]>([
    ['stays as it is without extra fields', { a: 1 }, undefined, { a: 1 }],
    ['gets extra fields', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['lets extra fields win', { a: 1 }, { a: 2 }, { a: 2 }],
    [
      'that is a batch gets them in each item',
      [{ a: 1 }, { a: 2 }],
      { b: 3 },
      [
        { a: 1, b: 3 },
        { a: 2, b: 3 },
      ],
    ],
    ['that is missing is made of them', undefined, { b: 2 }, { b: 2 }],
    ['that is neither object nor list stays as it is', 'text', { b: 2 }, 'text'],
    ['that is null stays as it is', null, { b: 2 }, null],
  ])('%s.', (_, body, extra, want) => {
    expect(mergeBody(body, extra)).toEqual(want);
  });

  test('of the caller is not changed.', () => {
    const body = Object.freeze({ a: 1 });
    expect(mergeBody(body, { b: 2 })).not.toBe(body);
  });
});
