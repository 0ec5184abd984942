import { expect, test } from 'vitest';
import { wrongTexts } from '../../support/json-texts.ts';

test('Ten thousand random texts are decoded as an independent parser reads them, to the last digit.', () => {
  expect(wrongTexts(20_261, 10_000).slice(0, 3)).toEqual([]);
});
