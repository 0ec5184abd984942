/** A few random jobs, of which the slow suite runs ten thousand. */
import { expect, test } from 'vitest';
import { jobPlans } from '../../support/rental-plans.ts';
import { runSuite } from '../../support/rental-suite.ts';

const runs = 60;
const seed = 20_261;

test('Under bad conditions, jobs return the right exit code and every line once, and nothing keeps running.', async () => {
  const { broken, figures } = await runSuite(jobPlans(seed, runs), `jobs of seed ${seed}`);
  expect(broken).toEqual([]);
  expect(figures['orders: run']).toBeGreaterThan(runs / 2);
}, 120_000);
