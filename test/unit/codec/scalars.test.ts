import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  absent,
  empty,
  readBoolean,
  readEnvs,
  readLooseNumber,
  readMbits,
  readPorts,
  readString,
  readTimestamp,
  readWei,
} from '../../../src/codec/scalars.ts';

const runs = { seed: 20_261_122, numRuns: 200 };

type Row = readonly [given: unknown, want: unknown];

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? `${field}n` : field));
  return typeof value === 'number' || text === undefined ? String(value) : text;
}

/** One test per row, named after what goes in and what comes out. */
function table(read: (value: unknown) => unknown, rows: readonly Row[]): void {
  for (const [given, want] of rows) {
    test(`reads ${shown(given)} as ${shown(want)}`, () => {
      expect(read(given)).toStrictEqual(want);
    });
  }
}

describe('readWei', () => {
  table(readWei, [
    [0, 0n],
    [-0, 0n],
    [-5, -5n],
    [Number.MAX_SAFE_INTEGER, 9_007_199_254_740_991n],
    [10n ** 18n, 10n ** 18n],
    [2 ** 53, absent],
    [1e18, absent],
    ['31428028938060847852', 31_428_028_938_060_847_852n],
    [' 12\n', 12n],
    ['1e18', 10n ** 18n],
    ['1e300', absent],
    [0.5, absent],
    [1e-7, absent],
    [Number.POSITIVE_INFINITY, absent],
    [Number.NaN, absent],
    ['', absent],
    [' ', absent],
    ['0.5', absent],
    ['12 OCTA', absent],
    [true, absent],
    [null, absent],
    [undefined, absent],
    [[1], absent],
    [{}, absent],
  ]);
});

describe('readLooseNumber', () => {
  table(readLooseNumber, [
    [3600, 3600],
    [0.5, 0.5],
    [10n ** 18n, 1e18],
    ['3600', 3600],
    [' 3600 ', 3600],
    ['-1.5', -1.5],
    ['+7', 7],
    ['.5', 0.5],
    ['.25', 0.25],
    ['5.', 5],
    ['1e10', 1e10],
    ['1e3', 1000],
    ['1E-3', 0.001],
    ['0012', 12],
    ['', empty],
    ['  ', empty],
    [null, empty],
    ['12s', absent],
    ['1 2', absent],
    ['0x10', absent],
    ['0b1', absent],
    ['1_000', absent],
    ['1,5', absent],
    ['.', absent],
    ['e5', absent],
    ['NaN', absent],
    ['Infinity', absent],
    ['null', absent],
    [true, absent],
    [false, absent],
    [undefined, absent],
    [[], absent],
    [[5], absent],
    [{}, absent],
  ]);

  test('never gives NaN for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+.eE0-9x ]{0,9}$/)), (text) => {
        expect(readLooseNumber(text)).not.toBeNaN();
      }),
      runs,
    );
  });
});

describe('readTimestamp', () => {
  table(readTimestamp, [
    [1_776_161_866_303, 1_776_161_866_303],
    ['1776161866303', 1_776_161_866_303],
    ['2026-04-14T10:17:46.303Z', 1_776_161_866_303],
    ['2026-04-14T12:17:46.303+02:00', 1_776_161_866_303],
    ['2026-04-14T10:17:46Z', 1_776_161_866_000],
    ['2026-04-14T10:17Z', 1_776_161_820_000],
    ['2026-04-14', 1_776_124_800_000],
    [' 2026-04-14 ', 1_776_124_800_000],
    ['since 2026-04-14', absent],
    ['', empty],
    [null, empty],
    ['2026-13-45', absent],
    ['2026-04-14T99:99:99Z', absent],
    ['2026-04-14 at noon', absent],
    ['14 Apr 2026', absent],
    ['Tue, 14 Apr 2026 10:17:46 GMT', absent],
    ['yesterday', absent],
    [true, absent],
    [{}, absent],
    [[1], absent],
  ]);

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test.each(['UTC', 'Asia/Tokyo', 'America/New_York'])(
    'takes a time without a zone as UTC on a machine in %s',
    (zone) => {
      vi.stubEnv('TZ', zone);
      expect(readTimestamp('2026-04-14T10:17:46.303')).toBe(1_776_161_866_303);
      expect(readTimestamp('2026-04-14 10:17:46.303')).toBe(1_776_161_866_303);
      expect(readTimestamp('2026-04-14T12:17:46.303+0200')).toBe(1_776_161_866_303);
    },
  );
});

describe('readMbits', () => {
  table(readMbits, [
    [940, 940],
    ['940.5', 940.5],
    [0, 0],
    [100_000, 100_000],
    [100_001, 0.800008],
    [125_000_000, 1000],
    ['62500000', 500],
    ['', empty],
    [null, empty],
    ['fast', absent],
    [false, absent],
    [[], absent],
  ]);
});

describe('readPorts', () => {
  table(readPorts, [
    [[22], [22]],
    [
      [22, '80', 65_535, 0],
      [22, 80, 65_535, 0],
    ],
    ['[22]', [22]],
    [' [22, "80"] ', [22, 80]],
    ['[]', []],
    ['22', [22]],
    ['22,80', [22, 80]],
    ['22, 80 ', [22, 80]],
    [22, [22]],
    ['', []],
    [' ', []],
    [null, []],
    [undefined, []],
    [[], []],
    [[65_536], absent],
    [[-1], absent],
    [[22.5], absent],
    [[22, null], absent],
    [[22, ''], absent],
    [[22, 'ssh'], absent],
    [[[22]], absent],
    ['22,', absent],
    ['22-80', absent],
    ['[22', absent],
    ['[null]', absent],
    ['null', absent],
    ['{"22":80}', absent],
    ['ssh', absent],
    [{ 22: 80 }, absent],
    [true, absent],
    [70_000, absent],
  ]);
});

describe('readEnvs', () => {
  table(readEnvs, [
    [{}, {}],
    [
      { A: 'x', B: '' },
      { A: 'x', B: '' },
    ],
    [
      { BOOL: false, NUMBER: 3, EMPTY: null, HALF: 0.5 },
      { BOOL: 'false', NUMBER: '3', EMPTY: '', HALF: '0.5' },
    ],
    [
      { LIST: [1, 'a'], MAP: { b: null } },
      { LIST: '[1,"a"]', MAP: '{"b":null}' },
    ],
    [[], {}],
    ['', empty],
    [null, empty],
    [['A=1'], absent],
    ['A=1', absent],
    [5, absent],
    [true, absent],
    [undefined, absent],
  ]);

  test('writes large integers exactly, however deep', () => {
    const given = { A: 12345678901234567890n, B: { b: [12345678901234567890n] } };
    expect(readEnvs(given)).toStrictEqual({ A: '12345678901234567890', B: '{"b":["12345678901234567890"]}' });
  });

  test('keeps a variable named __proto__ a variable', () => {
    const envs = readEnvs(JSON.parse('{"__proto__":{"isAdmin":true},"A":1}'));
    expect(Object.entries(envs as object)).toStrictEqual([
      ['__proto__', '{"isAdmin":true}'],
      ['A', '1'],
    ]);
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
  });
});

describe('readString', () => {
  table(readString, [
    [5, '5'],
    [0.5, '0.5'],
    [12345678901234567890n, '12345678901234567890'],
    [true, 'true'],
    [false, 'false'],
    [null, absent],
    [undefined, absent],
    [{}, absent],
    [['a'], absent],
  ]);
});

describe('readBoolean', () => {
  table(readBoolean, [
    [1, true],
    ['1', true],
    ['true', true],
    [0, false],
    ['0', false],
    ['false', false],
    [2, absent],
    [1n, absent],
    ['yes', absent],
    ['', absent],
    ['TRUE', absent],
    [null, absent],
    [{}, absent],
    [[], absent],
  ]);
});
