/** A few of the random jobs that the slow suite makes ten thousand of. */
import { expect, test } from 'vitest';
import { jobPlans } from '../../support/rental-plans.ts';
import { runSuite } from '../../support/rental-suite.ts';

const runs = 60;
const seed = 20_261;

test('On a bad day jobs give the right exit code and every line once, and nothing of them runs on.', async () => {
  const { broken, figures } = await runSuite(jobPlans(seed, runs), `jobs of seed ${seed}`);
  expect(broken).toEqual([]);
  expect(figures['orders: run']).toBeGreaterThan(runs / 2);
}, 120_000);
