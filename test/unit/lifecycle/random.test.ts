/** A few of the random runs that the slow suite makes a hundred thousand of. */
import { expect, test } from 'vitest';
import { runPlans } from '../../support/rental-plans.ts';
import { runSuite } from '../../support/rental-suite.ts';

const runs = 300;
const seed = 20_261;

test('On a bad day nothing of ours runs untold, nothing of others is stopped, and nothing hangs.', async () => {
  const { broken, figures, switches } = await runSuite(runPlans(seed, runs), `seed ${seed}`);
  expect(broken).toEqual([]);
  // The plans reach what they are made to reach.
  expect(figures.sessions).toBeGreaterThan(runs);
  expect(figures['faults met']).toBeGreaterThan(runs / 20);
  expect(Math.min(...Object.values(switches))).toBeGreaterThan(runs / 10);
}, 120_000);
