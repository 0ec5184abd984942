import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SystemLogEntry } from '../../../src/index.ts';
import { LogReader } from '../../../src/leases/log-lines.ts';

const runs = { seed: 20_261_122, numRuns: 500 };

/** Reads container logs one after the other. Returns the new lines of each, and the rest at the end. */
function readContainer(...texts: string[]): string[][] {
  const reader = new LogReader();
  const lines = texts.map((container) => [...reader.read({ system: [], container })].map(({ text }) => text));
  return [...lines, reader.end().map(({ text }) => text)];
}

/** Reads system logs one after the other. Returns the new lines of each as `ts text`. */
function readSystem(...logs: SystemLogEntry[][]): string[][] {
  const reader = new LogReader();
  return logs.map((system) => [...reader.read({ system, container: '' })].map(({ ts, text }) => `${ts} ${text}`));
}

const entry = (ts: number, msg = `m${ts}`): SystemLogEntry => ({ ts, msg });

describe('the container log, which is sent in full each time,', () => {
  const longLine = 'x'.repeat(40);
  const table: [title: string, texts: string[], lines: string[][]][] = [
    ['returns its lines', ['a\nb\n'], [['a', 'b'], []]],
    ['returns each line once as it grows', ['a\n', 'a\nb\nc\n', 'a\nb\nc\nd\n'], [['a'], ['b', 'c'], ['d'], []]],
    ['returns nothing if nothing is new', ['a\n', 'a\n', 'a\n'], [['a'], [], [], []]],
    ['holds back a line until it is complete', ['a\nb', 'a\nbc', 'a\nbc\n'], [['a'], [], ['bc'], []]],
    ['returns an unterminated line at the end', ['a\nb'], [['a'], ['b']]],
    ['returns a line that is completed later once', ['a', 'a\n'], [[], ['a'], []]],
    ['recognizes Windows line breaks', ['a\r\nb\r\n'], [['a', 'b'], []]],
    ['recognizes a line break that was cut in two', ['a\r', 'a\r\nb\r\n'], [[], ['a', 'b'], []]],
    ['keeps a carriage return within a line', ['10%\r20%\n'], [['10%\r20%'], []]],
    ['keeps empty lines', ['\n\na\n\n'], [['', '', 'a', ''], []]],
    [
      'returns a line as often as it was written',
      ['a\na\n', 'a\na\na\n', 'a\na\na\na\n'],
      [['a', 'a'], ['a'], ['a'], []],
    ],
    ['returns nothing if it is empty', ['', ''], [[], [], []]],
    ['is remembered through an empty response', ['a\nb', '', 'a\nbc\n'], [['a'], [], ['bc'], []]],
    ['continues after the loss of its oldest lines', ['a\nb\nc\n', 'c\nd\n'], [['a', 'b', 'c'], ['d'], []]],
    [
      'continues after the loss of a part of its oldest line',
      ['one\ntwo\n', 'e\ntwo\nthree\n'],
      [['one', 'two'], ['three'], []],
    ],
    ['continues after the loss of all but its last lines', ['a\nb\nc\n', 'b\nc\n'], [['a', 'b', 'c'], [], []]],
    [
      'continues within a line that is longer than the remembered text',
      [`a\n${longLine}`, `${longLine.slice(10)}y\nb\n`],
      [['a'], [`${longLine}y`, 'b'], []],
    ],
    ['continues where lines repeat', ['a\nb\na\nb\na\n', 'a\nb\na\nc\n'], [['a', 'b', 'a', 'b', 'a'], ['c'], []]],
    ['restarts if nothing is as before', ['a\nb\n', 'c\nd\n'], [['a', 'b'], ['c', 'd'], []]],
    ['restarts with a line that was there earlier', ['start\nfail\n', 'start\n'], [['start', 'fail'], ['start'], []]],
    ['returns the unterminated line when it restarts', ['a\nb', 'c\nd\n'], [['a'], ['b', 'c', 'd'], []]],
    [
      'does not mistake the first letter of a new log for the end of the old one',
      ['a\ndone', 'epoch 1\n'],
      [['a'], ['done', 'epoch 1'], []],
    ],
    [
      'continues within a line of which 16 characters are left',
      ['start-0123456789abcdef', '0123456789abcdef-end\n'],
      [[], ['start-0123456789abcdef-end'], []],
    ],
    [
      'restarts within a line of which only 15 characters are the same',
      ['start-0123456789abcde', '0123456789abcde-end\n'],
      [[], ['start-0123456789abcde', '0123456789abcde-end'], []],
    ],
    ['continues after it has restarted', ['a\n', 'b\n', 'b\nc\n'], [['a'], ['b'], ['c'], []]],
    [
      'keeps all characters',
      ['é😀\n', 'é😀\nкадр \u{1f468}\u200d\u{1f469}\u2028x\n'],
      [['é😀'], ['кадр \u{1f468}\u200d\u{1f469}\u2028x'], []],
    ],
    ['joins a character that was cut in two', ['a\ud83d', 'a\ud83d\ude00\n'], [[], ['a😀'], []]],
  ];
  test.each(table)('%s', (_, texts, lines) => {
    expect(readContainer(...texts)).toEqual(lines);
  });

  test('may be missing', () => {
    const reader = new LogReader();
    expect([...reader.read({ system: [] })]).toEqual([]);
    expect([...reader.read({ system: [], container: 'a\n' })]).toEqual([{ source: 'container', text: 'a' }]);
    expect([...reader.read({ system: [] })]).toEqual([]);
    expect(reader.end()).toEqual([]);
  });
});

test('The end of a log is returned once.', () => {
  const reader = new LogReader();
  expect([...reader.read({ system: [], container: 'a' })]).toEqual([]);
  expect(reader.end()).toEqual([{ source: 'container', text: 'a' }]);
  expect(reader.end()).toEqual([]);
});

describe('the system log, which is sent in full each time,', () => {
  const [a, b, c, d] = [entry(1), entry(2), entry(3), entry(4)];
  const table: [title: string, logs: SystemLogEntry[][], lines: string[][]][] = [
    ['returns its entries', [[a, b]], [['1 m1', '2 m2']]],
    ['returns each entry once as it grows', [[a], [a, b], [a, b, c]], [['1 m1'], ['2 m2'], ['3 m3']]],
    ['is remembered through an empty response', [[a, b], [], [a, b, c]], [['1 m1', '2 m2'], [], ['3 m3']]],
    [
      'continues after the loss of its oldest entries',
      [
        [a, b, c],
        [b, c, d],
      ],
      [['1 m1', '2 m2', '3 m3'], ['4 m4']],
    ],
    [
      'continues if only its last entry is left',
      [
        [a, b, c],
        [c, d],
      ],
      [['1 m1', '2 m2', '3 m3'], ['4 m4']],
    ],
    ['returns nothing if it has only lost entries', [[a, b, c], [c]], [['1 m1', '2 m2', '3 m3'], []]],
    [
      'restarts if nothing is as before',
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
      'returns an entry as often as it occurs',
      [
        [a, a],
        [a, a, a],
      ],
      [['1 m1', '1 m1'], ['1 m1']],
    ],
    ['distinguishes entries by their time', [[entry(1, 'm')], [entry(1, 'm'), entry(2, 'm')]], [['1 m'], ['2 m']]],
    ['distinguishes entries by their text', [[entry(1, 'm')], [entry(1, 'm'), entry(1, 'n')]], [['1 m'], ['1 n']]],
    [
      'distinguishes entries of the same time by their text after a loss',
      [
        [entry(1, 'a'), entry(1, 'b')],
        [entry(1, 'b'), entry(1, 'c')],
      ],
      [['1 a', '1 b'], ['1 c']],
    ],
    ['returns each line of an entry', [[entry(1, 'one\ntwo\r\n\nthree')]], [['1 one', '1 two', '1 ', '1 three']]],
    ['omits line breaks at the end of an entry', [[entry(1, 'one\r\n\n'), entry(2, '\n')]], [['1 one', '2 ']]],
    ['keeps line breaks at its beginning', [[entry(1, '\none')]], [['1 ', '1 one']]],
    ['returns an empty line for an entry without text', [[{ ts: 1 }, entry(2, '')]], [['1 ', '2 ']]],
    ['does not require times', [[{ msg: 'm' }], [{ msg: 'm' }, { msg: 'n' }]], [['undefined m'], ['undefined n']]],
  ];
  test.each(table)('%s', (_, logs, lines) => {
    expect(readSystem(...logs)).toEqual(lines);
  });
});

describe('a container log that does not just grow', () => {
  const ten = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'];
  const log = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');
  const table: [title: string, texts: string[], lines: string[][]][] = [
    [
      'returns nothing twice if its lines are shuffled repeatedly',
      [
        log(...ten),
        log('3', '10', '1', '7', '2', '9', '4', '8', '5', '6'),
        log('6', '1', '2', '8', '10', '9', '3', '4', '7', '5'),
      ],
      [ten, [], [], []],
    ],
    [
      'returns the new lines among shuffled ones',
      [log(...ten), log('3', '10', 'x', '1', '7', '2', '9', '4', '8', '5', '6', 'y')],
      [ten, ['x', 'y'], []],
    ],
    [
      'returns nothing twice if it is reversed',
      [log(...ten), log(...ten.toReversed()), log(...ten)],
      [ten, [], [], []],
    ],
    [
      'returns the new lines at the top if the newest line comes first',
      [log('b', 'a'), log('c', 'b', 'a'), log('e', 'd', 'c', 'b', 'a')],
      [['b', 'a'], ['c'], ['e', 'd'], []],
    ],
    [
      'returns a line that was inserted',
      [log('a', 'b', 'c'), log('a', 'x', 'b', 'c', 'd')],
      [['a', 'b', 'c'], ['x', 'd'], []],
    ],
    ['returns a line that was inserted at the top', [log('a', 'b'), log('x', 'a', 'b')], [['a', 'b'], ['x'], []]],
    [
      'returns a line as often as it occurs more than before',
      [log('a', 'b', 'a'), log('a', 'a', 'a', 'b')],
      [['a', 'b', 'a'], ['a'], []],
    ],
    ['recognizes a line with any line break', ['a\r\nb\r\nc\r\n', 'c\r\nx\r\na\r\nb'], [['a', 'b', 'c'], ['x'], []]],
    [
      'returns nothing twice if its shuffled lines have no line break at the end',
      ['a\nb\nc\nd', 'd\na\nc\nb', 'b\nd\na\nc', 'a\nd\nb\nc', 'a\nd\nb\nc\ne'],
      [['a', 'b', 'c'], ['d'], [], [], [], ['e']],
    ],
    [
      'treats an unterminated line as new if it is new',
      ['a\nb\nc\n', 'c\nb\na\nx', 'c\nb\na\nxy\n'],
      [['a', 'b', 'c'], [], ['xy'], []],
    ],
    [
      'has lost its beginning, and was not reordered, if more than half of it is left',
      [log('a', 'b', 'a', 'b'), log('b', 'a', 'b', 'a')],
      [['a', 'b', 'a', 'b'], ['a'], []],
    ],
    [
      'has restarted if a line is missing, even if all others are there',
      [log('boot', 'load', 'crash'), log('boot', 'load')],
      [['boot', 'load', 'crash'], ['boot', 'load'], []],
    ],
    [
      'has restarted if every line has a different time',
      [log('10:00 boot', '10:01 load'), log('10:07 boot', '10:08 load')],
      [['10:00 boot', '10:01 load'], ['10:07 boot', '10:08 load'], []],
    ],
    [
      'returns nothing if it restarts with the same text',
      [log('boot', 'load'), log('boot', 'load')],
      [['boot', 'load'], [], []],
    ],
  ];
  test.each(table)('%s', (_, texts, lines) => {
    expect(readContainer(...texts)).toEqual(lines);
  });

  test('is compared from where the remembered lines begin if it is too long to be remembered', () => {
    const many = Array.from({ length: 400_000 }, (_, at) => `line ${at}\n`);
    const inserted = many.toSpliced(399_990, 0, 'inserted\n');
    const texts = [many, [...inserted, 'new\n'], [...many.slice(1_000), 'newer\n']].map((lines) => lines.join(''));
    const [first, second, third] = readContainer(...texts);
    expect([first?.length, second, third?.length]).toEqual([400_000, ['inserted', 'new'], 399_001]);
  });
});

describe('a system log that does not just grow', () => {
  const [a, b, c] = [entry(1, 'a'), entry(2, 'b'), entry(3, 'c')];
  const table: [title: string, logs: SystemLogEntry[][], lines: string[][]][] = [
    [
      'returns nothing twice if its entries are shuffled',
      [
        [a, b, c],
        [c, a, b],
        [b, c, a],
      ],
      [['1 a', '2 b', '3 c'], [], []],
    ],
    [
      'returns the new entries at the top if the newest entry comes first',
      [
        [b, a],
        [c, b, a],
      ],
      [['2 b', '1 a'], ['3 c']],
    ],
    [
      'returns an entry that was inserted',
      [
        [a, c],
        [a, b, c],
      ],
      [['1 a', '3 c'], ['2 b']],
    ],
    [
      'returns the entry with the new time, wherever it is',
      [
        [a, b],
        [entry(5, 'a'), b, a],
      ],
      [['1 a', '2 b'], ['5 a']],
    ],
    [
      'returns only new entries if the times of its entries change',
      [
        [a, b, c],
        [entry(11, 'a'), entry(12, 'b'), entry(13, 'c')],
        [entry(21, 'a'), entry(22, 'b'), entry(23, 'c'), entry(24, 'd')],
      ],
      [['1 a', '2 b', '3 c'], [], ['24 d']],
    ],
    [
      'returns an entry that occurs once more if the times of its entries change',
      [
        [a, b],
        [entry(11, 'a'), entry(12, 'b'), entry(13, 'a')],
      ],
      [['1 a', '2 b'], ['13 a']],
    ],
    [
      'has restarted if a message is missing',
      [
        [a, b, c],
        [entry(11, 'a'), entry(12, 'b')],
      ],
      [
        ['1 a', '2 b', '3 c'],
        ['11 a', '12 b'],
      ],
    ],
    [
      'has lost its beginning, although its messages are the same',
      [
        [a, b, entry(3, 'a'), entry(4, 'b')],
        [entry(4, 'b'), entry(5, 'a'), entry(6, 'b'), entry(7, 'a')],
      ],
      [
        ['1 a', '2 b', '3 a', '4 b'],
        ['5 a', '6 b', '7 a'],
      ],
    ],
  ];
  test.each(table)('%s', (_, logs, lines) => {
    expect(readSystem(...logs)).toEqual(lines);
  });
});

test('Lines have their source, and their time if it is known; system lines come first.', () => {
  const system = [entry(1776161866303, 'pulled'), { msg: 'started' }];
  expect([...new LogReader().read({ system, container: 'hello\n' })]).toStrictEqual([
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

/** The lengths at which the log is read, in ascending order. */
const looks = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

test('However a log grows, each line is returned once, in order.', () => {
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

test('However a log loses its beginning, each line is returned once, in order, while enough of it remains.', () => {
  // Lines are numbered, because in a log that repeats itself the loss is ambiguous.
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

test('However the system log grows and loses its beginning, each entry is returned once, in order.', () => {
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

/** How often each line occurs. */
function counted(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** Whether `now` begins with half of `before` or more, taken from its end, as if the log had lost its beginning. */
function looksCut(before: readonly string[], now: readonly string[]): boolean {
  return before.some(
    (_, at) => at > 0 && at * 2 <= before.length && before.slice(at).every((line, nth) => line === now[nth]),
  );
}

test('However lines are reordered and inserted, each is returned once.', () => {
  const steps = fc.array(fc.tuple(fc.nat(5), fc.infiniteStream(fc.nat(1_000))), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(steps, fc.constantFrom('\n', '\r\n'), fc.boolean(), (turns, lineBreak, isEnded) => {
      const lines = ['line 0', 'line 1'];
      let before: readonly string[] = [];
      const texts = turns.map(([added, places]) => {
        for (let nth = 0; nth < added; nth++) lines.push(`line ${lines.length}`);
        const placed = lines.map((line) => ({ line, place: places.next().value }));
        const now = placed.sort((left, right) => left.place - right.place).map(({ line }) => line);
        fc.pre(!looksCut(before, now));
        before = now;
        return now.join(lineBreak) + (isEnded ? lineBreak : '');
      });
      expect(
        readContainer(...texts)
          .flat()
          .sort(),
      ).toEqual(lines.sort());
    }),
    runs,
  );
});

test('Whatever happens to a log, no line is returned that is not in it, or more often than in all responses together.', () => {
  const unit = fc.constantFrom('a', 'b', '\n', '\n', '\r\n');
  fc.assert(
    fc.property(fc.array(fc.string({ unit, maxLength: 30 }), { maxLength: 8 }), (texts) => {
      // Each response ends with a line break, so that no line is joined from two of them.
      const whole = texts.map((text) => (text === '' ? '' : `${text}\n`));
      const there = counted(whole.flatMap(wholeLines));
      const tooOften = [...counted(readContainer(...whole).flat())].filter(
        ([line, count]) => count > (there.get(line) ?? 0),
      );
      expect(tooOften).toEqual([]);
    }),
    runs,
  );
});

test('If a log loses its beginning between two responses, different lines are each returned once, in order.', () => {
  const turn = fc.record({ lost: fc.double({ min: 0, max: 1, noNaN: true }), grown: fc.nat(80), empty: fc.boolean() });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 20 }), fc.constantFrom('\n', '\r\n'), (turns, lineBreak) => {
      const whole = Array.from({ length: 120 }, (_, at) => `${'x'.repeat(at % 7)}#${at}${lineBreak}`).join('');
      let [start, end] = [0, 0];
      const texts = turns.flatMap(({ lost, grown, empty }) => {
        // At least 16 characters of the old text remain, or all of it.
        start += Math.floor(lost * Math.max(0, end - start - 16));
        end = Math.min(whole.length, end + grown);
        return empty ? ['', whole.slice(start, end)] : [whole.slice(start, end)];
      });
      expect(readContainer(...texts).flat()).toEqual(wholeLines(whole.slice(0, end)));
    }),
    runs,
  );
});

describe('long logs are read in linear time:', () => {
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

  test('a log of 1 MB that restarts almost as it ended', () => {
    const text = 'a'.repeat(size);
    const lines = readContainer(`${text}b\n`, `${text}c\n`);
    expect(lines.map((each) => each.map((line) => line.at(-1)))).toEqual([['b'], ['c'], []]);
  });

  test('a system entry that is full of line breaks', () => {
    const [lines = []] = readSystem([entry(1, `${'\n'.repeat(300_000)}x`)]);
    expect([lines.length, lines.at(-1)]).toEqual([300_001, '1 x']);
  });

  test('many similar system entries', () => {
    const alike = Array.from({ length: 100_000 }, () => entry(1, 'm'));
    const [, lines] = readSystem([...alike, entry(2, 'm')], [...alike, entry(3, 'n')]);
    expect(lines).toHaveLength(100_001);
  });

  test('a log of repeated characters that is many times longer than the remembered text', () => {
    const before = `${'.'.repeat(8 * size)}\n`;
    const lines = readContainer(before, `x${'.'.repeat(9 * size)}`);
    expect(lines.map((each) => each.map((line) => line.length))).toEqual([[8 * size], [], [9 * size + 1]]);
  });

  test('a line that arrives in many pieces', () => {
    const text = '.'.repeat(8 * size);
    const lines = readContainer(...[1, 2, 3, 4, 5, 6, 7, 8].map((part) => text.slice(0, part * size)), `${text}\n`);
    expect(lines.map((each) => each.length)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
  });
});
