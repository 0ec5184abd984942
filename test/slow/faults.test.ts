/** Ten thousand calls of every effect, to hosts with all faults, by callers that abort at any time. */
import { beforeAll, describe, expect, test } from 'vitest';
import { runChild } from './child.ts';
import { fatesOf, type Plan, plansOf } from './fault-plans.ts';
import { serveFaults } from './fault-server.ts';
import type { Run, Said, Settled, Transport } from './run-faults.ts';

const calls = 10_000;
/** The seed of the plans; another seed makes another run. */
const seed = Number(process.env.FAULT_SEED ?? 20_261);
const connectionsPlanned = 5_000;
const runMs = 400_000;
/** Batches until every code path has run and caches are full. Unit: count. */
const warmUp = 6;
/** Random differences of garbage collection; a leak of 450 bytes per call exceeds this. Unit: bytes. */
const heapNoise = 1_500_000;

/** Everything that is known about one call. */
interface Known {
  readonly seed: number;
  readonly plan: Plan;
  readonly settled: Settled;
  /** How often it was carried out. */
  readonly effects: number;
  /** How many of its requests arrived. */
  readonly arrived: number;
}

interface Finished {
  readonly known: readonly Known[];
  readonly absences: number;
  readonly code: number | null;
  readonly complaints: string;
  /** After each batch. Unit: bytes. */
  readonly heaps: readonly number[];
  /** What kept the process alive after each batch, and at the end. */
  readonly left: readonly (readonly string[])[];
}

/** Executes a run, with the hosts in this process and the callers in another. */
async function play(transport: Transport): Promise<Finished> {
  const plans = plansOf(seed, calls);
  const server = await serveFaults(plans, fatesOf(seed, connectionsPlanned));
  const run: Run = { seed, calls, urls: server.urls, transport };
  const { code, said, complaints } = await runChild('run-faults.ts', run);
  await server.settled();
  await server.close();
  // The output of run-faults.ts, without the null at its end.
  const lines = said.filter((line) => line !== null) as Said[];
  const known = lines.flatMap((line) => {
    if (!('settled' in line)) return [];
    const { settled } = line;
    // Every call has a plan.
    const plan = plans[settled.call] as Plan;
    return {
      seed,
      plan,
      settled,
      effects: server.effects[settled.call] ?? 0,
      arrived: server.arrived[settled.call] ?? 0,
    };
  });
  const heaps = lines.flatMap((line) => ('heap' in line ? [line.heap] : []));
  const left = lines.flatMap((line) => ('left' in line ? [line.left] : []));
  return { known, absences: server.absences(), code, complaints, heaps, left };
}

function mustNotHappenTwice({ plan }: Known): boolean {
  return plan.effect === 'billable' || plan.effect === 'disruptive';
}

function saysNothingHappened({ settled }: Known): boolean {
  return settled.outcome === 'not-sent' || settled.outcome === 'rejected';
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

describe.each<[Transport]>([['fetch'], ['nodeFetch']])('Ten thousand calls through faults, by %s:', (transport) => {
  let run: Finished;
  const callsThat = (wrong: (known: Known) => boolean): readonly Known[] => run.known.filter(wrong);

  beforeAll(async () => {
    run = await play(transport);
  }, runMs);

  test('all of them settle within their limits.', () => {
    expect(run.known.map(({ settled }) => settled.call).sort((a, b) => a - b)).toEqual([...Array(calls).keys()]);
    expect(callsThat(({ settled }) => settled.ended === 'hung')).toEqual([]);
  });

  test('no call that must not happen twice is executed twice, or sent twice.', () => {
    expect(callsThat((known) => mustNotHappenTwice(known) && known.effects > 1)).toEqual([]);
    expect(callsThat((known) => mustNotHappenTwice(known) && known.arrived > 1)).toEqual([]);
  });

  test('none is sent more often than its retries allow.', () => {
    // `nodeFetch()` itself repeats a repeatable call once if a kept connection turns out to be dead.
    const perAttempt = transport === 'nodeFetch' ? 2 : 1;
    expect(callsThat(({ plan, arrived }) => arrived > (plan.retries + 1) * perAttempt)).toEqual([]);
  });

  test('a call that succeeds was executed.', () => {
    expect(callsThat(({ settled, effects }) => settled.ended === 'resolved' && effects === 0)).toEqual([]);
  });

  test('a call that was not sent, or was rejected, was not executed.', () => {
    expect(callsThat((known) => saysNothingHappened(known) && known.effects > 0)).toEqual([]);
  });

  test('a call that was not sent did not arrive.', () => {
    expect(callsThat(({ settled, arrived }) => settled.outcome === 'not-sent' && arrived > 0)).toEqual([]);
  });

  test('every failure is an error of the SDK.', () => {
    expect(callsThat(({ settled }) => settled.ended === 'rejected' && settled.outcome === undefined)).toEqual([]);
  });

  test('no listener is left on any signal.', () => {
    expect(callsThat(({ settled }) => settled.listeners > 0)).toEqual([]);
  });

  test('no timer is left, and the process ends by itself without warnings.', () => {
    expect(run.left.flat().filter((resource) => resource === 'Timeout')).toEqual([]);
    expect(run).toMatchObject({ code: 0, complaints: '' });
  });

  test('the heap does not grow.', () => {
    const steady = run.heaps.slice(warmUp);
    const half = Math.floor(steady.length / 2);
    expect(mean(steady.slice(half)) - mean(steady.slice(0, half)), run.heaps.join(' ')).toBeLessThan(heapNoise);
  });

  test('every kind of fault occurred.', () => {
    const count = (matches: (known: Known) => boolean): number => callsThat(matches).length;
    expect({
      resolved: count(({ settled }) => settled.ended === 'resolved'),
      resolvedLater: count(({ settled, arrived }) => settled.ended === 'resolved' && arrived > 1),
      notSent: count(({ settled }) => settled.outcome === 'not-sent'),
      rejected: count(({ settled }) => settled.outcome === 'rejected'),
      unknownAndDone: count(
        (known) => mustNotHappenTwice(known) && known.settled.outcome === 'unknown' && known.effects > 0,
      ),
      unknownAndNotDone: count((known) => known.settled.outcome === 'unknown' && known.effects === 0),
      absences: run.absences,
    }).toSatisfy((seen: Record<string, number>) => Object.values(seen).every((each) => each >= 10));
  });
});
