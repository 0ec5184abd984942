/** Executes many plans, some at a time, and counts what happened. */
import type { SimulatorConditions } from '../../src/testing/index.ts';
import { judge } from './rental-checks.ts';
import type { RunPlan } from './rental-plans.ts';
import { type RunStory, runPlan } from './rental-runs.ts';

/** The result of many runs. */
export interface SuiteReport {
  /** Seed and index of each plan that broke an invariant, and how. */
  readonly broken: readonly string[];
  /** How many runs, actions, sessions, faults and the like there were. */
  readonly figures: Readonly<Record<string, number>>;
  /** In how many runs each switch of the market was on. */
  readonly switches: Readonly<Record<string, number>>;
  /** Sessions that keep running because no rule can see them, by reason. */
  readonly excused: Readonly<Record<string, number>>;
}

/** Switches of the market that are on. */
function switchesOf({ lag, lies, uuidCase, hideVariables, foreign }: SimulatorConditions): string[] {
  // The duration of a lie is not a switch.
  const durations = new Set(['vanishForMs', 'ignoredForMs', 'slowStopMs']);
  const isOn = ([name, value]: [string, unknown]) => !durations.has(name) && value !== 0 && value !== false;
  const others = { hideVariables, foreign, [`uuidCase: ${uuidCase}`]: true };
  return Object.entries({ ...lag, ...lies, ...others }).flatMap((entry) => (isOn(entry) ? [entry[0]] : []));
}

class Tally {
  readonly counts: Record<string, number> = {};

  add(name: string, count = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + count;
  }
}

function count(figures: Tally, { plan, simulator, orders, programs, sweeps, faults, claims }: RunStory): void {
  figures.add('runs');
  figures.add('programs', programs.length);
  figures.add('programs that died', programs.filter(({ isDead }) => isDead).length);
  figures.add('clients that were closed', programs.filter(({ closedAt }) => closedAt !== undefined).length);
  figures.add('sessions', simulator.sessions.filter(({ foreign }) => !foreign).length);
  figures.add('foreign sessions', simulator.sessions.filter(({ foreign }) => foreign).length);
  figures.add(
    'faults met',
    faults.reduce((sum, { hits }) => sum + hits, 0),
  );
  figures.add('guards', orders.flatMap(({ guarded }) => guarded).length);
  figures.add('proofs', claims.length);
  figures.add('sweeps', sweeps.length);
  for (const { action } of orders) figures.add(`orders: ${action.kind}`);
  figures.add(`ledgers: ${plan.ledgers}`);
}

/** Executes plans. `from` is their seed, for the report. */
export async function runSuite(plans: readonly RunPlan[], from: string, atOnce = 32): Promise<SuiteReport> {
  const broken: string[] = [];
  const [figures, switches, excused] = [new Tally(), new Tally(), new Tally()];
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', listen);
  const queue = plans.entries();
  const work = async (): Promise<void> => {
    for (const [index, plan] of queue) {
      const story = await runPlan(plan);
      const { problems, excused: why } = await judge(story);
      for (const problem of problems) broken.push(`${from}, plan ${index}: ${problem}`);
      for (const each of why) excused.add(each);
      for (const each of switchesOf(story.simulator.conditions)) switches.add(each);
      count(figures, story);
      // End all remaining waits, such as those for responses that never arrive.
      for (const program of [...story.programs, ...story.successors.map((each) => each.program)]) program.die();
      story.simulator.reset();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  await new Promise((resolve) => setTimeout(resolve, 1));
  process.off('unhandledRejection', listen);
  for (const reason of unhandled) broken.push(`${from}: (5) unhandled rejection: ${String(reason)}`);
  return { broken, figures: figures.counts, switches: switches.counts, excused: excused.counts };
}
