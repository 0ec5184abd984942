/** Every row of the lifecycle matrix has a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const rowCount = 46;
const folder = new URL('.', import.meta.url);

/** The rows in the titles of the tests, read from their sources. */
const named = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/["'`]row (\d+): /g)])
  .map(([, number]) => Number(number));

test('Every row from 1 to 46 is named by a test, and no other.', () => {
  const numbers = [...new Set(named)].toSorted((left, right) => left - right);
  expect(numbers).toEqual(Array.from({ length: rowCount }, (_, index) => index + 1));
});
