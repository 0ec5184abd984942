import { expect, test } from 'vitest';
import { wrongTexts } from '../support/json-texts.ts';

const perSeed = 10_000;
const seeds = 100;

test('A million random texts are decoded like by an independent parser, to the last digit.', {
  timeout: 900_000,
}, () => {
  for (let seed = 1; seed <= seeds; seed++) expect(wrongTexts(seed, perSeed).slice(0, 3), `seed ${seed}`).toEqual([]);
});
