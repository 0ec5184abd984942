/** Whether a session is over: all short histories of sightings, and some examples. */
import { describe, expect, test } from 'vitest';
import type { ServiceInfo } from '../../../generated/models.ts';
import {
  type Evidence,
  firstEvidence,
  isCharged,
  isOver,
  isStale,
  type Sighting,
  see,
} from '../../../src/leases/evidence.ts';

const uuid = '5dd2d308-0000-4000-8000-000000000001';
const info = (fields: Partial<ServiceInfo> = {}): ServiceInfo => ({ uuid, ...fields });

/** The evidence after sightings at given times. */
function seeAll(evidence: Evidence, ...sightings: readonly Sighting[]): Evidence {
  return sightings.reduce(see, evidence);
}

const missing = (at: number): Sighting => ({ at, info: 'missing', active: 'absent', recent: 'absent' });
const ended = info({ finished_at: 1_776_000_000_000, termination_reason: 2, charge_amount: 70n, duration: 9 });

describe('every history of up to six sightings', () => {
  /** What a history has shown so far, in the terms of the rules. */
  interface Facts {
    readonly startedAt: number | undefined;
    readonly hasEnded: boolean;
    /** The last sign of life; the response to a start is one. */
    readonly livedAt: number | undefined;
    /** Times of consecutive looks that found the session nowhere, except those within a minute of its start. */
    readonly misses: readonly number[];
    readonly wasListed: boolean;
    /** The highest duration so far. */
    readonly shown: number | undefined;
  }

  /** One sighting, in the terms of the rules. */
  type Meaning = 'life' | 'miss' | 'end' | 'silence';

  interface Kind {
    readonly sighting: (facts: Facts) => Omit<Sighting, 'at'>;
    readonly means: (facts: Facts) => Meaning;
    /** The duration that it shows. */
    readonly shows?: (facts: Facts) => number;
    readonly lists?: true;
  }

  const grown = ({ shown = 0 }: Facts) => shown + 1;
  const unchanged = ({ shown = 1 }: Facts) => shown;
  const nowhere = { active: 'absent', recent: 'absent' } as const;

  const kinds: Readonly<Record<string, Kind>> = {
    listed: {
      sighting: (facts) => ({ active: info({ duration: grown(facts) }) }),
      means: () => 'life',
      shows: grown,
      lists: true,
    },
    'listed, with a reason that only an ended session has': {
      sighting: () => ({ active: info({ termination_reason: 2 }) }),
      means: () => 'life',
      lists: true,
    },
    'info grown': {
      sighting: (facts) => ({ info: info({ duration: grown(facts) }) }),
      means: () => 'life',
      shows: grown,
    },
    'info unchanged': {
      sighting: (facts) => ({ info: info({ duration: unchanged(facts) }) }),
      means: ({ shown }) => (shown === undefined ? 'life' : 'silence'),
      shows: unchanged,
    },
    'info grown, but listed nowhere': {
      sighting: (facts) => ({ info: info({ duration: grown(facts) }), ...nowhere }),
      means: ({ shown }) => (shown === undefined ? 'miss' : 'life'),
      shows: grown,
    },
    'info unchanged, and listed nowhere': {
      sighting: (facts) => ({ info: info({ duration: unchanged(facts) }), ...nowhere }),
      means: () => 'miss',
      shows: unchanged,
    },
    'info without figures, and listed nowhere': {
      sighting: () => ({ info: info(), ...nowhere }),
      means: ({ shown, wasListed }) => (shown === undefined && !wasListed ? 'life' : 'miss'),
    },
    'missing everywhere': { sighting: () => ({ info: 'missing', ...nowhere }), means: () => 'miss' },
    'recent without an end': {
      sighting: () => ({ info: 'missing', active: 'absent', recent: info({ finished_at: 0 }) }),
      means: () => 'miss',
    },
    '404 alone': { sighting: () => ({ info: 'missing' }), means: () => 'silence' },
    'an empty list alone': { sighting: () => ({ active: 'absent' }), means: () => 'silence' },
    'no answer': { sighting: () => ({}), means: () => 'silence' },
    'recent with an end, active without one': {
      sighting: (facts) => ({ recent: ended, active: info({ duration: grown(facts) }) }),
      means: () => 'end',
    },
    'info with an end, listed nowhere': { sighting: () => ({ info: ended, ...nowhere }), means: () => 'end' },
    'recent with an end, without a charge': {
      sighting: () => ({ recent: info({ finished_at: 1_776_000_000_000, duration: 9 }) }),
      means: () => 'end',
    },
    'recent with a reason alone': { sighting: () => ({ recent: info({ termination_reason: 3 }) }), means: () => 'end' },
  };
  const gapsMs = [1_000, 25_000, 70_000];

  function tell(before: Facts, kind: Kind, at: number): Facts {
    const meaning = kind.means(before);
    if (before.hasEnded) return before;
    if (meaning === 'end') return { ...before, hasEnded: true };
    const figures = kind.shows?.(before) ?? before.shown;
    const facts = { ...before, shown: figures, wasListed: before.wasListed || kind.lists === true };
    if (meaning === 'life') return { ...facts, livedAt: at, misses: [] };
    const isYoung = facts.startedAt !== undefined && at - facts.startedAt < 60_000;
    return meaning === 'miss' && !isYoung ? { ...facts, misses: [...facts.misses, at] } : facts;
  }

  /** Returns the names of the rules that are broken. */
  function broken(evidence: Evidence, before: Evidence, facts: Facts): string[] {
    const { verdict } = evidence;
    const { misses } = facts;
    const spanMs = (misses.at(-1) ?? 0) - (misses[0] ?? 0);
    const isGone = misses.length >= 3 && spanMs >= 60_000;
    const rules: Record<string, boolean> = {
      'An end is final, and beats everything.': facts.hasEnded === (verdict === 'finished'),
      'Nothing but a missing charge is learnt after the end.':
        before.verdict !== 'finished' || evidence === before || (!isCharged(before) && isCharged(evidence)),
      'Gone is what was missed three times, over a minute.': facts.hasEnded || isGone === (verdict === 'gone'),
      'Misses within a minute of the start do not count.': evidence.misses === misses.length || facts.hasEnded,
      'A sign of life resets the misses.':
        facts.hasEnded || misses.length > 0 || (evidence.missingSince ?? evidence.missedAt) === undefined,
      'The first and the last miss are known.':
        facts.hasEnded || (evidence.missingSince === misses[0] && evidence.missedAt === misses.at(-1)),
      'What was not missed since its last sign of life is alive, and what gave none is unknown.':
        facts.hasEnded || misses.length > 0 || verdict === (facts.livedAt === undefined ? 'unknown' : 'alive'),
      'The last sign of life is known.': facts.hasEnded || evidence.aliveAt === facts.livedAt,
      'A session that was missed is not alive.': facts.hasEnded || misses.length === 0 || verdict !== 'alive',
      'Whether it was listed is remembered.': facts.hasEnded || evidence.listed === facts.wasListed,
      'Figures never fall.': (evidence.duration ?? -1) >= (before.duration ?? -1),
      'Figures are those that were shown.': facts.hasEnded || evidence.duration === facts.shown,
      'When it started stays known.': evidence.startedAt === facts.startedAt,
      'Over is what is finished or gone.': isOver(evidence) === (verdict === 'finished' || isGone),
    };
    return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
  }

  interface History {
    readonly evidence: Evidence;
    readonly facts: Facts;
    readonly now: number;
    readonly names: readonly string[];
  }

  /** The same for histories that the rules cannot distinguish, so that only one of them is continued. */
  function keyOf({ evidence, facts, now }: History): string {
    const ago = (at: number | undefined) => (at === undefined ? '' : Math.min(now - at, 60_000));
    const { verdict, misses, listed, duration, aliveAt, missingSince, missedAt, record } = evidence;
    return [
      [verdict, misses, listed, duration === undefined, aliveAt === undefined, record === undefined],
      [isCharged(evidence)],
      [missingSince, missedAt, facts.startedAt, facts.misses[0], facts.misses.at(-1)].map(ago),
      [facts.hasEnded, facts.shown === undefined, facts.wasListed, facts.livedAt === undefined, facts.misses.length],
    ].join();
  }

  const begins: Readonly<Record<string, number | undefined>> = { 'its start known': 0, 'its start unknown': undefined };

  test.each(Object.entries(begins))('keeps every rule, %s', (_, startedAt) => {
    const nothing = { hasEnded: false, livedAt: startedAt, misses: [], wasListed: false, shown: undefined };
    const first = { evidence: firstEvidence(startedAt), facts: { startedAt, ...nothing }, now: 0, names: [] };
    let histories: readonly History[] = [first];
    const verdicts = new Set<string>();
    const problems: unknown[] = [];
    for (let length = 1; length <= 6; length++) {
      const next = new Map<string, History>();
      for (const { evidence: before, facts, now, names } of histories) {
        for (const [name, kind] of Object.entries(kinds)) {
          for (const gapMs of gapsMs) {
            const at = now + gapMs;
            const evidence = see(before, { at, ...kind.sighting(facts) });
            const history = {
              evidence,
              facts: tell(facts, kind, at),
              now: at,
              names: [...names, `after ${gapMs / 1000} s: ${name}`],
            };
            const rules = broken(evidence, before, history.facts);
            if (rules.length > 0) problems.push([rules, history.names, evidence]);
            verdicts.add(evidence.verdict);
            const key = keyOf(history);
            if (!next.has(key)) next.set(key, history);
          }
        }
      }
      expect(problems.slice(0, 2)).toEqual([]);
      histories = [...next.values()];
    }
    expect(verdicts).toEqual(new Set(['alive', 'unknown', 'gone', 'finished']));
  });
});

describe('the end', () => {
  const recent = (fields: Partial<ServiceInfo>) => see(firstEvidence(0), { at: 1, recent: info(fields) }).verdict;

  test('is proven by its time in any response, even while another list still shows the session', () => {
    const running = info({ duration: 5 });
    for (const sighting of [
      { recent: ended, active: running, info: running },
      { info: ended, active: running },
      { active: ended, info: running },
    ]) {
      expect(see(firstEvidence(0), { at: 1, ...sighting })).toMatchObject({ verdict: 'finished', record: ended });
    }
  });

  test('prefers the record in the recent list', () => {
    const other = info({ finished_at: 5 });
    expect(see(firstEvidence(), { at: 1, recent: ended, info: other, active: other }).record).toBe(ended);
    expect(see(firstEvidence(), { at: 1, info: ended, active: other }).record).toBe(ended);
  });

  test('is not proven by a time of 0, or before 1970', () => {
    for (const finished_at of [0, -62_135_596_800_000]) expect(recent({ finished_at })).toBe('alive');
    expect(recent({ finished_at: 1 })).toBe('finished');
  });

  test('is proven by a termination reason only in the recent list, and never by 0', () => {
    expect(recent({ termination_reason: 1 })).toBe('finished');
    expect(recent({ termination_reason: 0 })).toBe('alive');
    const active = info({ termination_reason: 1 });
    expect(see(firstEvidence(), { at: 1, active }).verdict).toBe('alive');
    expect(see(firstEvidence(), { at: 1, info: active }).verdict).toBe('alive');
  });

  test('keeps the highest charge seen, even if its record has a lower one', () => {
    const dear = see(firstEvidence(), { at: 1, active: info({ charge_amount: 90n, duration: 30 }) });
    expect(see(dear, { at: 2, recent: ended })).toMatchObject({ charge: 90n, duration: 30, record: ended });
    expect(see(firstEvidence(), { at: 2, recent: ended })).toMatchObject({ charge: 70n, duration: 9 });
  });
});

describe('a sign of life', () => {
  const seen = () => see(firstEvidence(), { at: 0, active: info({ duration: 10, charge_amount: 100n }) });
  const nowhere = { active: 'absent', recent: 'absent' } as const;
  const later = (fields: Partial<ServiceInfo>) => see(seen(), { at: 1_000, info: info(fields), ...nowhere }).verdict;

  test('of an unlisted session is a duration or charge that has grown', () => {
    expect(later({ duration: 11 })).toBe('alive');
    expect(later({ charge_amount: 101n })).toBe('alive');
    expect(later({ duration: 10, charge_amount: 101n })).toBe('alive');
    expect(later({ duration: 10, charge_amount: 100n })).toBe('unknown');
    expect(later({ duration: 9, charge_amount: 99n })).toBe('unknown');
    expect(later({})).toBe('unknown');
  });

  test('is the first info response if no list was read, and after that only growing figures', () => {
    const first = see(firstEvidence(), { at: 5, info: info({ duration: 3 }) });
    expect(first).toMatchObject({ verdict: 'alive', aliveAt: 5 });
    expect(see(first, { at: 9, info: info({ duration: 3 }) }).aliveAt).toBe(5);
    expect(see(first, { at: 9, info: info({ duration: 4 }) }).aliveAt).toBe(9);
    const charged = see(firstEvidence(), { at: 5, info: info({ charge_amount: 0n }) });
    expect(see(charged, { at: 9, info: info({ charge_amount: 0n }) }).aliveAt).toBe(5);
    expect(see(charged, { at: 9, info: info({ charge_amount: 1n }) }).aliveAt).toBe(9);
  });

  test('is a response without figures, only if no list has shown the session yet', () => {
    const never = see(firstEvidence(), { at: 1, info: info(), ...nowhere });
    expect(never).toMatchObject({ verdict: 'alive', aliveAt: 1 });
    const listed = see(firstEvidence(), { at: 0, active: info() });
    expect(see(listed, { at: 1, info: info(), ...nowhere }).verdict).toBe('unknown');
  });

  test('is not the first response with figures of an unlisted session, which cannot be compared', () => {
    for (const fields of [{ duration: 0 }, { charge_amount: 0n }]) {
      expect(see(firstEvidence(), { at: 1, info: info(fields), ...nowhere }).verdict).toBe('unknown');
    }
  });

  test('is a figure that appears for the first time beside a known one', () => {
    const charged = see(firstEvidence(), { at: 0, active: info({ charge_amount: 0n }) });
    expect(see(charged, { at: 1, info: info({ duration: 0 }), ...nowhere }).verdict).toBe('alive');
    const timed = see(firstEvidence(), { at: 0, active: info({ duration: 0 }) });
    expect(see(timed, { at: 1, info: info({ charge_amount: 0n }), ...nowhere }).verdict).toBe('alive');
  });

  test('reverts the verdict gone', () => {
    const gone = seeAll(firstEvidence(), missing(0), missing(30_000), missing(60_000));
    expect(gone.verdict).toBe('gone');
    expect(isOver(gone)).toBe(true);
    const back = see(gone, { at: 61_000, active: info() });
    expect(back).toMatchObject({ verdict: 'alive', misses: 0, missingSince: undefined, missedAt: undefined });
    expect(isOver(back)).toBe(false);
  });
});

describe('a look that finds nothing', () => {
  test('counts only if info and both lists were read', () => {
    for (const part of ['info', 'active', 'recent'] as const) {
      const { [part]: _, ...partly } = missing(0);
      expect(see(firstEvidence(), partly)).toEqual(firstEvidence());
    }
    expect(see(firstEvidence(), missing(7))).toMatchObject({ misses: 1, missingSince: 7, missedAt: 7 });
  });

  test('proves the end after two more, at least a minute after the first', () => {
    const verdictAfter = (...times: number[]) => seeAll(firstEvidence(), ...times.map(missing)).verdict;
    expect(verdictAfter(0, 60_000)).toBe('unknown');
    expect(verdictAfter(0, 1, 59_999)).toBe('unknown');
    expect(verdictAfter(0, 1, 60_000)).toBe('gone');
    expect(verdictAfter(0, 1, 2, 3, 4, 5)).toBe('unknown');
  });

  test('does not count within a minute of the start', () => {
    const young = seeAll(firstEvidence(1_000), missing(2_000), missing(30_000), missing(60_999));
    expect(young).toEqual(firstEvidence(1_000));
    expect(seeAll(young, missing(61_000))).toMatchObject({ verdict: 'unknown', misses: 1, missingSince: 61_000 });
    expect(seeAll(young, missing(61_000), missing(90_000), missing(121_000)).verdict).toBe('gone');
  });

  test('is not caused by a stop, which a sighting does not contain', () => {
    const alive = see(firstEvidence(0), { at: 100_000, active: info() });
    // A stop's response is not part of a sighting, so an empty sighting remains.
    expect(see(alive, { at: 200_000 })).toEqual(alive);
    expect(Object.keys(missing(0)).sort()).toEqual(['active', 'at', 'info', 'recent']);
  });
});

test('Initially a session is alive if its start got a response, and unknown otherwise.', () => {
  const known = { misses: 0, listed: false, duration: undefined, charge: undefined, record: undefined };
  expect(firstEvidence(5)).toMatchObject({ ...known, verdict: 'alive', startedAt: 5, aliveAt: 5 });
  expect(firstEvidence()).toMatchObject({ ...known, verdict: 'unknown', startedAt: undefined, aliveAt: undefined });
});

test('The record is the latest one, and within one look that of info.', () => {
  const [one, two] = [info({ progress: 'one' }), info({ progress: 'two' })];
  expect(see(firstEvidence(), { at: 1, active: one, info: two }).record).toBe(two);
  expect(seeAll(firstEvidence(), { at: 1, info: two }, { at: 2, active: one }).record).toBe(one);
  expect(seeAll(firstEvidence(), { at: 1, active: one }, missing(2)).record).toBe(one);
});

test('Each figure is the highest one so far.', () => {
  const seen = seeAll(
    firstEvidence(),
    { at: 1, active: info({ duration: 10, charge_amount: 5n }) },
    { at: 2, active: info({ duration: 4, charge_amount: 8n }) },
    { at: 3, active: info() },
  );
  expect(seen).toMatchObject({ duration: 10, charge: 8n });
  expect(see(firstEvidence(), { at: 1, active: info({ charge_amount: 0n }) })).toMatchObject({ charge: 0n });
  expect(see(firstEvidence(), { at: 1, active: info({ duration: 0 }) })).toMatchObject({ duration: 0 });
});

test('An info response is reliable for ten seconds after a sign of life.', () => {
  const alive = see(firstEvidence(), { at: 1_000, active: info() });
  expect([isStale(alive, 1_000), isStale(alive, 10_999), isStale(alive, 11_000)]).toEqual([false, false, true]);
  expect(isStale(see(alive, missing(2_000)), 2_000)).toBe(true);
  expect(isStale(firstEvidence(), 0)).toBe(true);
  expect(isStale(see(alive, { at: 2_000, recent: ended }), 99_000)).toBe(false);
});
