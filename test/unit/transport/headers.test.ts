import { describe, expect, test } from 'vitest';
import { copyHeaders, isHeaderValue, lowerCaseNames, wrongHeader } from '../../../src/transport/headers.ts';

describe('A valid header value', () => {
  test.each<[title: string, value: unknown, want: boolean]>([
    ['text', 'Bearer abc', true],
    ['nothing', '', true],
    ['tabs and Latin letters', '\tü\xff', true],
    ['no line break', 'a\nb', false],
    ['no carriage return', 'a\rb', false],
    ['no zero', 'a\0b', false],
    ['no delete', 'a\x7fb', false],
    ['no sign beyond Latin', '✓', false],
    ['no number', 7, false],
    ['not undefined', undefined, false],
  ])('%s.', (_, value, want) => {
    expect(isHeaderValue(value)).toBe(want);
  });
});

describe('Of several headers', () => {
  test.each<[title: string, headers: object, want: string | undefined]>([
    ['none is wrong', { accept: 'a', "!#$%&'*+.^_`|~-09Az": 'b' }, undefined],
    ['one has a name with a space', { accept: 'a', 'x y': 'b' }, 'x y'],
    ['one has a name with a colon', { 'x:y': 'b' }, 'x:y'],
    ['one has no name', { '': 'b' }, ''],
    ['one has a wrong value', { accept: 'a', trace: 'b\r\nc: d' }, 'trace'],
    ['one has no value', { trace: undefined }, 'trace'],
    ['the first wrong one is named', { one: '\n', two: '\n' }, 'one'],
  ])('%s.', (_, headers, want) => {
    expect(wrongHeader(headers)).toBe(want);
  });
});

describe('A copy of headers', () => {
  test('has the same headers, including several cookies, and can be changed.', () => {
    const given = new Headers([
      ['x-team', 'a'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    const copy = copyHeaders(given);
    copy.delete('x-team');
    expect([...copy]).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    expect(given.get('x-team')).toBe('a');
  });

  test.each<[title: string, name: string, value: string]>([
    ['whose names no header can have', 'x bad', '1'],
    ['whose values no header can carry', 'x-bad', 'a\nb'],
  ])('goes without those %s.', (_, name, value) => {
    expect([...copyHeaders(new Map([[name, value]]).set('x-last', '2'))]).toEqual([['x-last', '2']]);
  });
});

test('Names are in lower case, and of two spellings of a name the later one is used.', () => {
  expect(lowerCaseNames({ Accept: 'a', 'X-Team': 'b', ACCEPT: 'c' })).toEqual({ accept: 'c', 'x-team': 'b' });
});
