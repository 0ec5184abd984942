/** A few of the random rentals that the slow suite makes a hundred thousand of. */
import { expect, test } from 'vitest';
import { rentalPlans } from '../../support/rental-plans.ts';
import { runRentals } from '../../support/rental-runs.ts';

const runs = 400;

test('Whatever goes wrong, no session is left running, none is started twice, and every charge adds up.', async () => {
  const { wrong, figures } = await runRentals(rentalPlans(20_261, runs), 16);
  expect(wrong.slice(0, 3)).toEqual([]);
  // The plans reach what they are made to reach.
  expect(figures.sessions).toBeGreaterThan(runs / 2);
  expect(figures.faultsMet).toBeGreaterThan(runs / 4);
  expect(Object.keys(figures).filter((name) => name.startsWith('ended: ')).length).toBeGreaterThan(6);
}, 60_000);
