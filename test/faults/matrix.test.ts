import { describe, test } from 'vitest';
import { cellTests, expectCell, observe } from '../support/fault-cells.ts';
import { transports } from '../support/fault-transports.ts';
import { rowsWith } from './matrix.ts';

describe.each(transports)('With %s', (name, makeFetch) => {
  test.concurrent.each(cellTests(rowsWith(name)))('%s', async (_, row, effect) => {
    expectCell(row, effect, await observe(row, effect, makeFetch()));
  });
});
