/** The table of retries in the guide agrees with the fault matrix. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cellsOf, type Effect, type Row } from '../support/fault-cells.ts';
import { givenUpRows, laterRows, limitRows, ownFetchRow } from './later-rows.ts';
import { matrixRows } from './matrix.ts';

const guide = readFileSync(new URL('../../docs/errors-and-retries.md', import.meta.url), 'utf8');
const section = guide.slice(guide.indexOf('\n## Retries\n')).split(/\n## (?!Retries)/)[0] ?? '';

/** The lines of the table as arrays of cells, without its head and the line below. */
const table = section
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, after = '', repeatable = '', onceOnly = '']) => ({ after, repeatable, onceOnly }));

function rows(...numbers: readonly number[]): readonly Row[] {
  return [...matrixRows, ...laterRows].filter(({ number }) => numbers.includes(number));
}

/** The rows of the matrix for each line of the table, by its first cell. */
const ties: Readonly<Record<string, readonly Row[]>> = {
  'no connection: refused, DNS, TLS': rows(2, 57),
  'the certificate is not accepted': rows(23),
  'connection lost, before or during the response': rows(4, 5, 6, 8, 10, 12, 13, 14, 15, 18, 89),
  'a time limit (`timeoutMs`, or one of the runtime)': rows(7, 9, 17, 24, 63),
  '408, 429, 500, 502, 503, 504': rows(31, 35, 37, 38, 39, 40, 41, 42, 44, 45, 46, 80),
  'any other error status, including redirects': rows(20, 21, 22, 27, 28, 29, 30, 32, 33, 34, 36, 64),
  'truncated JSON': rows(16),
  'any other unreadable success': rows(19, 50, 51, 84, 88),
  'your signal, or `totalTimeoutMs`': [givenUpRows.withinHeaders, givenUpRows.withinBody, ...limitRows],
};

/**
 * Rows without a line: those that may end in two ways (3), depend on the runtime's parser (11), have dead connections (25, 26),
 * or have a wait that is longer than `maxRetryAfterMs` (43), which the text describes.
 */
const untied = [3, 11, 25, 26, 43];

/** The retries of a row for these effects, without calls that succeeded at once. */
function verdicts(row: Row, effects: readonly Effect[]): string[] {
  return effects
    .flatMap((effect) => cellsOf(row, effect))
    .filter(({ ends, attempts }) => ends !== 'ok' || attempts > 1)
    .map(({ attempts }) => (attempts > 1 ? 'retried' : 'never'));
}

/** The retries that a line promises for a row: some failures are retried only at another host. */
function promised(words: string, { hosts }: Row): string {
  if (words.includes('another base URL') && hosts.length === 1) return 'never';
  return /^(?:retried|never)/.exec(words)?.[0] ?? `neither retried nor never, but ${words}`;
}

test('The table has a line for each entry of this list, and no other.', () => {
  expect(table.map(({ after }) => after)).toEqual(Object.keys(ties));
});

describe.each(table)('After $after', ({ after, repeatable, onceOnly }) => {
  const columns: [string, string, readonly Effect[]][] = [
    ['what may be repeated', repeatable, ['read', 'idempotent']],
    ['what must not happen twice', onceOnly, ['disruptive', 'billable']],
  ];

  test.each(columns)('%s is retried as in the matrix: %s.', (_, words, effects) => {
    const tied = ties[after] ?? [];
    const said = tied.map((row) => ({ row: row.number, says: [...new Set(verdicts(row, effects))] }));
    const wanted = tied.map((row, at) => ({
      row: row.number,
      says: said[at]?.says.length ? [promised(words, row)] : [],
    }));
    expect(said).toEqual(wanted);
    expect(said.flatMap(({ says }) => says)).not.toEqual([]);
  });
});

test('Every row with one host and one failing fault has a line.', () => {
  const tied = new Set(Object.values(ties).flatMap((each) => each.map(({ number }) => number)));
  const failing = matrixRows.filter(({ hosts, cells }) => {
    const [first, ...others] = hosts;
    return (
      others.length === 0 &&
      first?.length === 1 &&
      cellsOf({ cells }, 'read').some(({ attempts, ends }) => ends !== 'ok' || attempts > 1)
    );
  });
  expect(failing.map(({ number }) => number).filter((number) => !tied.has(number) && !untied.includes(number))).toEqual(
    [],
  );
});

test("It says that the right column is never for a caller's own fetch, as in the matrix.", () => {
  expect(section.replaceAll('\n', ' ')).toContain(
    'a custom `fetch` may itself repeat or forward requests. There, the whole right column is `never`',
  );
  expect(verdicts(ownFetchRow, ['disruptive', 'billable'])).toEqual(['never', 'never']);
});
