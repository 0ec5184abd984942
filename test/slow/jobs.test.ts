/** Ten thousand runs of programs that run jobs under bad conditions: see the invariants in rental-checks.ts. */
import { expect, test } from 'vitest';
import { jobPlans } from '../support/rental-plans.ts';
import { runSuite } from '../support/rental-suite.ts';

const runs = Number(process.env.JOB_RUNS ?? 10_000);
const batch = Math.min(runs, 1_000);
const seed = Number(process.env.JOB_SEED ?? 20_261);

test('Under bad conditions, jobs return the right exit code and every line once, and nothing keeps running.', async () => {
  const broken: string[] = [];
  const figures: Record<string, number> = {};
  for (let done = 0; done < runs; done += batch) {
    const report = await runSuite(jobPlans(seed + done, batch), `jobs of seed ${seed + done}`);
    broken.push(...report.broken);
    for (const [name, count] of Object.entries(report.figures)) figures[name] = (figures[name] ?? 0) + count;
    if (broken.length > 20) break;
  }
  console.log(figures);
  expect(broken).toEqual([]);
  expect(figures['orders: run']).toBeGreaterThan(runs / 2);
}, 7_200_000);
