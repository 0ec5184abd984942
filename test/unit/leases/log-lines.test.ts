import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SystemLogEntry } from '../../../src/index.ts';
import { LogReader } from '../../../src/leases/log-lines.ts';

const runs = { seed: 20_261_122, numRuns: 500 };

/** Reads container logs one after the other; gives the new lines of each, and what was left at the end. */
function readContainer(...texts: string[]): string[][] {
  const reader = new LogReader();
  const lines = texts.map((container) => reader.read({ system: [], container }).map(({ text }) => text));
  return [...lines, reader.end().map(({ text }) => text)];
}

/** Reads system logs one after the other; gives the new lines of each as `ts text`. */
function readSystem(...logs: SystemLogEntry[][]): string[][] {
  const reader = new LogReader();
  return logs.map((system) => reader.read({ system, container: '' }).map(({ ts, text }) => `${ts} ${text}`));
}

const entry = (ts: number, msg = `m${ts}`): SystemLogEntry => ({ ts, msg });

describe('the log of a container, as it is sent whole again and again,', () => {
  const longLine = 'x'.repeat(40);
  const table: [title: string, texts: string[], lines: string[][]][] = [
    ['gives its lines', ['a\nb\n'], [['a', 'b'], []]],
    ['gives each line once as it grows', ['a\n', 'a\nb\nc\n', 'a\nb\nc\nd\n'], [['a'], ['b', 'c'], ['d'], []]],
    ['gives nothing when nothing is new', ['a\n', 'a\n', 'a\n'], [['a'], [], [], []]],
    ['holds back a line until it is complete', ['a\nb', 'a\nbc', 'a\nbc\n'], [['a'], [], ['bc'], []]],
    ['gives a line without an end at the end', ['a\nb'], [['a'], ['b']]],
    ['gives a line that was completed late once', ['a', 'a\n'], [[], ['a'], []]],
    ['knows the line breaks of Windows', ['a\r\nb\r\n'], [['a', 'b'], []]],
    ['knows a line break that was cut in two', ['a\r', 'a\r\nb\r\n'], [[], ['a', 'b'], []]],
    ['keeps a return within a line', ['10%\r20%\n'], [['10%\r20%'], []]],
    ['keeps empty lines', ['\n\na\n\n'], [['', '', 'a', ''], []]],
    [
      'gives a line as often as it was written',
      ['a\na\n', 'a\na\na\n', 'a\na\na\na\n'],
      [['a', 'a'], ['a'], ['a'], []],
    ],
    ['gives nothing when it is empty', ['', ''], [[], [], []]],
    ['remembers what it had through an empty answer', ['a\nb', '', 'a\nbc\n'], [['a'], [], ['bc'], []]],
    ['goes on after the loss of its oldest lines', ['a\nb\nc\n', 'c\nd\n'], [['a', 'b', 'c'], ['d'], []]],
    [
      'goes on after the loss of a part of its oldest line',
      ['one\ntwo\n', 'e\ntwo\nthree\n'],
      [['one', 'two'], ['three'], []],
    ],
    ['goes on after the loss of all but what it had last', ['a\nb\nc\n', 'b\nc\n'], [['a', 'b', 'c'], [], []]],
    [
      'goes on within a line that is longer than what is kept',
      [`a\n${longLine}`, `${longLine.slice(10)}y\nb\n`],
      [['a'], [`${longLine}y`, 'b'], []],
    ],
    ['goes on where lines repeat', ['a\nb\na\nb\na\n', 'a\nb\na\nc\n'], [['a', 'b', 'a', 'b', 'a'], ['c'], []]],
    ['begins anew when nothing is as before', ['a\nb\n', 'c\nd\n'], [['a', 'b'], ['c', 'd'], []]],
    [
      'begins anew with a line that was there earlier',
      ['start\nfail\n', 'start\n'],
      [['start', 'fail'], ['start'], []],
    ],
    ['gives the line that was cut off when it begins anew', ['a\nb', 'c\nd\n'], [['a'], ['b', 'c', 'd'], []]],
    [
      'does not take the letter that a new log begins with for the end of the old one',
      ['a\ndone', 'epoch 1\n'],
      [['a'], ['done', 'epoch 1'], []],
    ],
    [
      'goes on within a line of which 16 characters are left',
      ['start-0123456789abcdef', '0123456789abcdef-end\n'],
      [[], ['start-0123456789abcdef-end'], []],
    ],
    [
      'begins anew within a line of which only 15 characters are the same',
      ['start-0123456789abcde', '0123456789abcde-end\n'],
      [[], ['start-0123456789abcde', '0123456789abcde-end'], []],
    ],
    ['goes on after it has begun anew', ['a\n', 'b\n', 'b\nc\n'], [['a'], ['b'], ['c'], []]],
    [
      'keeps characters of any kind',
      ['é😀\n', 'é😀\nкадр \u{1f468}\u200d\u{1f469}\u2028x\n'],
      [['é😀'], ['кадр \u{1f468}\u200d\u{1f469}\u2028x'], []],
    ],
    ['joins a character that was cut in two', ['a\ud83d', 'a\ud83d\ude00\n'], [[], ['a😀'], []]],
  ];
  test.each(table)('%s', (_, texts, lines) => {
    expect(readContainer(...texts)).toEqual(lines);
  });

  test('may be left out', () => {
    const reader = new LogReader();
    expect(reader.read({ system: [] })).toEqual([]);
    expect(reader.read({ system: [], container: 'a\n' })).toEqual([{ source: 'container', text: 'a' }]);
    expect(reader.read({ system: [] })).toEqual([]);
    expect(reader.end()).toEqual([]);
  });
});

test('The end of a log is given once.', () => {
  const reader = new LogReader();
  reader.read({ system: [], container: 'a' });
  expect(reader.end()).toEqual([{ source: 'container', text: 'a' }]);
  expect(reader.end()).toEqual([]);
});

describe('the log of the system, as it is sent whole again and again,', () => {
  const [a, b, c, d] = [entry(1), entry(2), entry(3), entry(4)];
  const table: [title: string, logs: SystemLogEntry[][], lines: string[][]][] = [
    ['gives its entries', [[a, b]], [['1 m1', '2 m2']]],
    ['gives each entry once as it grows', [[a], [a, b], [a, b, c]], [['1 m1'], ['2 m2'], ['3 m3']]],
    ['remembers what it had through an empty answer', [[a, b], [], [a, b, c]], [['1 m1', '2 m2'], [], ['3 m3']]],
    [
      'goes on after the loss of its oldest entries',
      [
        [a, b, c],
        [b, c, d],
      ],
      [['1 m1', '2 m2', '3 m3'], ['4 m4']],
    ],
    [
      'goes on when only its last entry is left',
      [
        [a, b, c],
        [c, d],
      ],
      [['1 m1', '2 m2', '3 m3'], ['4 m4']],
    ],
    ['gives nothing when it has only lost entries', [[a, b, c], [c]], [['1 m1', '2 m2', '3 m3'], []]],
    [
      'begins anew when nothing is as before',
      [
        [a, b],
        [c, d],
      ],
      [
        ['1 m1', '2 m2'],
        ['3 m3', '4 m4'],
      ],
    ],
    [
      'gives an entry as often as it is there',
      [
        [a, a],
        [a, a, a],
      ],
      [['1 m1', '1 m1'], ['1 m1']],
    ],
    ['knows entries apart by their time', [[entry(1, 'm')], [entry(1, 'm'), entry(2, 'm')]], [['1 m'], ['2 m']]],
    ['knows entries apart by their text', [[entry(1, 'm')], [entry(1, 'm'), entry(1, 'n')]], [['1 m'], ['1 n']]],
    [
      'knows entries of one moment apart by their text after a loss',
      [
        [entry(1, 'a'), entry(1, 'b')],
        [entry(1, 'b'), entry(1, 'c')],
      ],
      [['1 a', '1 b'], ['1 c']],
    ],
    ['gives each line of an entry', [[entry(1, 'one\ntwo\r\n\nthree')]], [['1 one', '1 two', '1 ', '1 three']]],
    ['leaves out line breaks at the end of an entry', [[entry(1, 'one\r\n\n'), entry(2, '\n')]], [['1 one', '2 ']]],
    ['keeps line breaks at its beginning', [[entry(1, '\none')]], [['1 ', '1 one']]],
    ['gives an empty line for an entry without text', [[{ ts: 1 }, entry(2, '')]], [['1 ', '2 ']]],
    ['does not need times', [[{ msg: 'm' }], [{ msg: 'm' }, { msg: 'n' }]], [['undefined m'], ['undefined n']]],
  ];
  test.each(table)('%s', (_, logs, lines) => {
    expect(readSystem(...logs)).toEqual(lines);
  });
});

test('Lines say whose they are, and when they were written if that is known; those of the system come first.', () => {
  const system = [entry(1776161866303, 'pulled'), { msg: 'started' }];
  expect(new LogReader().read({ system, container: 'hello\n' })).toStrictEqual([
    { source: 'system', ts: 1776161866303, text: 'pulled' },
    { source: 'system', text: 'started' },
    { source: 'container', text: 'hello' },
  ]);
});

/** Text with many lines, repetitions and odd line breaks. */
const anyLog = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r\n', '\r', '😀'), maxLength: 200 }),
  fc.array(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 40 }).map((lines) => lines.join('\n')),
);

const wholeLines = (text: string): string[] => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/));

/** Where the log is looked at, in order. */
const looks = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

test('However a log grows, its lines come out once, in order.', () => {
  fc.assert(
    fc.property(anyLog, looks, (text, parts) => {
      const ends = [
        ...parts.sort((left, right) => left - right).map((part) => Math.floor(part * text.length)),
        text.length,
      ];
      const lines = readContainer(...ends.map((end) => text.slice(0, end))).flat();
      expect(lines).toEqual(wholeLines(text));
    }),
    runs,
  );
});

test('However a log loses its beginning, its lines come out once, in order, as long as enough of it stays.', () => {
  // Numbered lines: in a log that repeats itself nobody can tell how much was lost.
  const counted = fc
    .array(fc.string({ unit: fc.constantFrom('x', 'y', '\r', 'é'), maxLength: 12 }), { maxLength: 60 })
    .map((lines) => lines.map((line, at) => `${line}#${at}${at % 3 === 0 ? '\r\n' : '\n'}`).join(''));
  const steps = fc.array(fc.nat(30), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(counted, steps, fc.integer({ min: 60, max: 90 }), (text, grown, kept) => {
      const ends = [0];
      for (let at = 0; (ends.at(-1) ?? 0) < text.length; at++) {
        ends.push(Math.min(text.length, (ends.at(-1) ?? 0) + 1 + (grown[at % grown.length] ?? 0)));
      }
      const lines = readContainer(...ends.map((end) => text.slice(Math.max(0, end - kept), end))).flat();
      expect(lines).toEqual(wholeLines(text));
    }),
    runs,
  );
});

test('However the log of the system grows and loses its beginning, its entries come out once, in order.', () => {
  const messages = fc.array(fc.constantFrom('pulling', 'starting', 'failed'), { maxLength: 30 });
  const steps = fc.array(fc.nat(4), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(messages, steps, fc.integer({ min: 6, max: 40 }), (texts, grown, kept) => {
      const whole = texts.map((text, at) => entry(at, text));
      const ends = [0];
      for (let at = 0; (ends.at(-1) ?? 0) < whole.length; at++) {
        ends.push(Math.min(whole.length, (ends.at(-1) ?? 0) + 1 + (grown[at % grown.length] ?? 0)));
      }
      const lines = readSystem(...ends.map((end) => whole.slice(Math.max(0, end - kept), end)));
      expect(lines.flat()).toEqual(texts.map((text, at) => `${at} ${text}`));
    }),
    runs,
  );
});

describe('what is long is read in one pass:', () => {
  const size = 1 << 20;

  test('a log of 1 MB that rotates', () => {
    const text = Array.from({ length: size / 8 }, (_, at) => `${at}`.padStart(7, '0')).join('\n');
    const lines = readContainer(`${text}\n`, `${text.slice(size / 2)}\nlast\n`);
    expect([lines[0]?.length, lines[1], lines[2]]).toEqual([size / 8, ['last'], []]);
  });

  test('a log of 1 MB that rotates and repeats itself', () => {
    const text = 'a'.repeat(size);
    const lines = readContainer(`b${text}`, `${text}\nlast\n`);
    expect([lines[0], lines[1]?.map((line) => line.length), lines[2]]).toEqual([[], [size + 1, 4], []]);
  });

  test('a log of 1 MB that begins anew almost as it ended', () => {
    const text = 'a'.repeat(size);
    const lines = readContainer(`${text}b\n`, `${text}c\n`);
    expect(lines.map((each) => each.map((line) => line.at(-1)))).toEqual([['b'], ['c'], []]);
  });

  test('an entry of the system that is full of line breaks', () => {
    const [lines = []] = readSystem([entry(1, `${'\n'.repeat(300_000)}x`)]);
    expect([lines.length, lines.at(-1)]).toEqual([300_001, '1 x']);
  });

  test('many entries of the system that are alike', () => {
    const alike = Array.from({ length: 100_000 }, () => entry(1, 'm'));
    const [, lines] = readSystem([...alike, entry(2, 'm')], [...alike, entry(3, 'm')]);
    expect(lines).toHaveLength(100_001);
  });
});
