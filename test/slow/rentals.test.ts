/** A hundred thousand rentals, guards and scopes on simulated markets, with faults at random points. */
import { expect, test } from 'vitest';
import { rentalPlans } from '../support/rental-plans.ts';
import { runRentals } from '../support/rental-runs.ts';

const runs = 100_000;
const batch = 10_000;
/** What the plans are drawn from; another one makes another run. */
const seed = Number(process.env.RENTAL_SEED ?? 20_261);

test('No session is left running, none is started twice for one call, and every charge adds up to the Wei.', async () => {
  const totals: Record<string, number> = {};
  for (let done = 0; done < runs; done += batch) {
    const { wrong, figures } = await runRentals(rentalPlans(seed + done, batch), 16);
    expect(wrong.slice(0, 3)).toEqual([]);
    for (const [name, count] of Object.entries(figures)) totals[name] = (totals[name] ?? 0) + count;
  }
  console.log(totals);
  expect(totals.sessions).toBeGreaterThan(runs / 2);
  expect(totals.faultsMet).toBeGreaterThan(runs / 4);
}, 1_800_000);
