/** A hundred thousand runs of programs with one account under bad conditions: see the six invariants in rental-checks.ts. */
import { expect, test } from 'vitest';
import { runPlans } from '../support/rental-plans.ts';
import { runSuite, type SuiteReport } from '../support/rental-suite.ts';

const runs = Number(process.env.RENTAL_RUNS ?? 100_000);
const batch = Math.min(runs, 5_000);
/** The seed of the plans; another seed makes other runs. */
const seed = Number(process.env.RENTAL_SEED ?? 20_261);

type Counts = Record<string, number>;

function add(totals: Counts, counts: Readonly<Counts>): void {
  for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
}

test('Under bad conditions, none of our sessions runs unreported, none of others is stopped, and nothing hangs.', async () => {
  const totals: Record<Exclude<keyof SuiteReport, 'broken'>, Counts> = { figures: {}, switches: {}, excused: {} };
  const broken: string[] = [];
  for (let done = 0; done < runs; done += batch) {
    const report = await runSuite(runPlans(seed + done, batch), `seed ${seed + done}`);
    broken.push(...report.broken);
    for (const name of ['figures', 'switches', 'excused'] as const) add(totals[name], report[name]);
    if (broken.length > 20) break;
  }
  console.log(totals);
  expect(broken).toEqual([]);
  expect(totals.figures.sessions).toBeGreaterThan(runs);
  // Each switch of the market is on in at least this many runs.
  expect(Math.min(...Object.values(totals.switches))).toBeGreaterThan(runs / 100);
}, 7_200_000);
