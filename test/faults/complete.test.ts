/** Every row of the fault matrix has a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { laterRows } from './later-rows.ts';
import { matrixRows } from './matrix.ts';

const rowCount = 98;
const folder = new URL('.', import.meta.url);

/** The rows in the titles of the tests, read from their sources. */
const named = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/'row (\d+): /g)])
  .map(([, number]) => Number(number));

test('Every row from 1 to 98 is named by a test, and no other.', () => {
  const numbers = new Set([...matrixRows, ...laterRows].map(({ number }) => number).concat(named));
  expect([...numbers].toSorted((left, right) => left - right)).toEqual(
    Array.from({ length: rowCount }, (_, index) => index + 1),
  );
});

test('The rows of the first table are in order, and each has an outcome for every effect.', () => {
  const numbers = matrixRows.map(({ number }) => number);
  expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
  expect(matrixRows.filter(({ cells }) => Object.keys(cells).length !== 4)).toEqual([]);
});
