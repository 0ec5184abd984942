import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceInfo } from '../../../src/index.ts';
import { type Due, Spending, type SpendingLimits } from '../../../src/leases/spending.ts';

/** A reading of the API: its time, the charge, and the duration in seconds. */
type Reading = readonly [at: number, charge: bigint | undefined, duration?: number | undefined];

function infoOf([, charge, duration]: Reading): ServiceInfo {
  return {
    uuid: 'u-1',
    ...(charge === undefined ? {} : { charge_amount: charge }),
    ...(duration === undefined ? {} : { duration }),
  };
}

/** A look whose response does not have the time of the API. */
function lookAt(at: number) {
  return { at, serverNow: undefined };
}

/** The next limit at `now`, for a guard that was created at 0 and had these readings. */
function nextOf(limits: SpendingLimits, readings: readonly Reading[], [now, fresh]: readonly [number, boolean]): Due {
  const spending = new Spending(limits, 0);
  for (const reading of readings) spending.note(infoOf(reading), lookAt(reading[0]));
  return spending.next(now, fresh);
}

const never = Number.POSITIVE_INFINITY;

describe('the limit of time comes', () => {
  const table: [title: string, readings: Reading[], now: number, inMs: number][] = [
    ['its full length after the guard began, while nothing is known', [], 0, 60_000],
    ['sooner as time passes', [], 45_000, 15_000],
    ['now, if its time has come', [], 60_000, 0],
    ['now, if its time has passed', [], 61_000, -1_000],
    ['sooner for a session that ran before', [[1_000, undefined, 20]], 1_000, 40_000],
    ['now for a session that has already run longer', [[0, 0n, 90]], 0, -30_000],
    ['later for a session that counts from when it was ready', [[30_000, undefined, 5]], 30_000, 55_000],
    [
      'by the last reported age, although it is less than the elapsed time',
      [
        [0, 0n, 20],
        [10_000, 0n, 25],
      ],
      10_000,
      35_000,
    ],
    [
      'by our clock while the API repeats the same age',
      [
        [0, 0n, 20],
        [10_000, 0n, 20],
        [20_000, 0n, 20],
      ],
      20_000,
      20_000,
    ],
    [
      'no later if the API reports a lower age than before',
      [
        [0, 0n, 20],
        [10_000, 0n, 3],
      ],
      10_000,
      30_000,
    ],
    [
      'as before if no duration is reported',
      [
        [0, 0n, 20],
        [10_000, 0n],
      ],
      10_000,
      30_000,
    ],
  ];
  test.each(table)('%s', (_, readings, now, inMs) => {
    expect(nextOf({ maxDurationMs: 60_000 }, readings, [now, true])).toEqual({ reason: 'duration', inMs });
    expect(nextOf({ maxDurationMs: 60_000 }, readings, [now, false])).toEqual({ reason: 'duration', inMs });
  });
});

describe('the age of a session is', () => {
  const seconds = 1_776_161_866;
  type Age = Pick<ServiceInfo, 'duration' | 'started_at'>;
  const table: [title: string, info: Age, serverNow: number | undefined, ageMs: number][] = [
    ['its duration', { duration: 20 }, undefined, 20_000],
    ['its duration, whatever its start', { duration: 20, started_at: seconds }, (seconds + 90) * 1000, 20_000],
    ['the time since its start, by the clock of the API', { started_at: seconds }, (seconds + 30) * 1000, 30_000],
    ['the same for a start in ms', { started_at: seconds * 1000 }, (seconds + 30) * 1000, 30_000],
    ['none for a start in the future', { started_at: seconds }, (seconds - 30) * 1000, 0],
    ['by our clock for a start without the clock of the API', { started_at: seconds }, undefined, 10_000],
    ['by our clock if the start is unknown', { started_at: 0 }, (seconds + 30) * 1000, 10_000],
    ['by our clock if nothing is reported', {}, (seconds + 30) * 1000, 10_000],
  ];
  test.each(table)('%s.', (_, info, serverNow, ageMs) => {
    const spending = new Spending({ maxDurationMs: 60_000 }, 0);
    spending.note({ uuid: 'u-1', ...info }, { at: 10_000, serverNow });
    expect(spending.next(10_000, true)).toEqual({ reason: 'duration', inMs: 60_000 - ageMs });
  });

  test('counted from its start, if that was before the guard.', () => {
    expect(new Spending({ maxDurationMs: 60_000 }, 50_000, 20_000).next(50_000, false).inMs).toBe(30_000);
  });
});

test('A reading returns whether it has a charge, and a lower charge than before does not count.', () => {
  const spending = new Spending({ maxSpend: 1_000n }, 0);
  const noted = (at: number, charge: bigint | undefined) => spending.note(infoOf([at, charge]), lookAt(at));
  expect([noted(0, undefined), noted(1_000, -1n), noted(2_000, 400n), noted(3_000, 399n), noted(4_000, 400n)]).toEqual([
    ...['unknown', 'unknown', 'known', 'fell', 'known'],
  ]);
});

describe('the limit of money comes, after a reading at the same time,', () => {
  const table: [title: string, readings: Reading[], inMs: number][] = [
    ['never, while nothing is known', [], never],
    [
      'never, while nothing is charged',
      [
        [0, 0n, 0],
        [10_000, 0n, 10],
      ],
      never,
    ],
    [
      'never, if no charge is reported',
      [
        [0, undefined, 100],
        [10_000, undefined, 110],
      ],
      never,
    ],
    ['never, if there is a charge but no rate yet', [[0, 5n, 0]], never],
    ['one tick before it, at the rate of its whole duration', [[0, 400n, 40]], 59_000],
    [
      'at the rate between two looks, if no duration is reported',
      [
        [0, 400n],
        [10_000, 500n],
      ],
      49_000,
    ],
    [
      'not at a rate from before the guard, if no duration is reported',
      [
        [0, 900n],
        [2_000, 901n],
      ],
      98_000,
    ],
    [
      'at the higher of the two rates',
      [
        [0, 100n, 100],
        [10_000, 200n, 110],
      ],
      79_000,
    ],
    [
      'at the highest rate so far',
      [
        [0, 0n, 0],
        [1_000, 100n, 1],
        [11_000, 100n, 11],
      ],
      8_000,
    ],
    ['at a rate that is rounded up', [[0, 101n, 10]], 80_000],
    ['at a rate that is rounded up to 1 Wei', [[0, 1n, 1_000_000]], 998_000],
    [
      'not at a rate between looks that are too close',
      [
        [5_000, 100n, 10],
        [5_999, 200n, 10],
      ],
      39_000,
    ],
    ['at the rate of its first second', [[0, 10n, 1]], 98_000],
    [
      'at the rate of the second between two looks',
      [
        [5_000, 0n],
        [6_000, 100n],
      ],
      8_000,
    ],
    [
      'by the highest charge, if a later one is lower',
      [
        [0, 500n, 50],
        [10_000, 400n, 60],
      ],
      39_000,
    ],
    ['soon, if two ticks are left', [[0, 980n, 98]], 1_000],
    ['soon, but not at once, if one tick is left', [[0, 990n, 99]], 250],
    ['now, if less than a tick is left', [[0, 991n, 100]], 0],
    ['now, if it is reached', [[0, 1_000n, 100]], 0],
    ['now, if it is reached although the rate is unknown', [[0, 1_000n, 0]], 0],
    ['now, if it is exceeded', [[0, 1_001n, 0]], 0],
    ['now, if it is far exceeded', [[0, 10n ** 30n, 100]], 0],
  ];
  test.each(table)('%s', (_, readings, inMs) => {
    const at = readings.at(-1)?.[0] ?? 0;
    const reason = inMs === never ? 'duration' : 'spend';
    expect(nextOf({ maxSpend: 1_000n }, readings, [at, true])).toEqual({ reason, inMs });
  });

  test.each<[title: string, readings: Reading[], inMs: number]>([
    ['never, for a limit of 0, while nothing is charged', [[0, 0n, 10]], never],
    ['now, for a limit of 0, once something is charged', [[0, 1n, 10]], 0],
  ])('%s', (_, readings, inMs) => {
    expect(nextOf({ maxSpend: 0n }, readings, [0, true]).inMs).toBe(inMs);
  });
});

describe('the limit of money comes, after a slow reading,', () => {
  const table: [title: string, charge: bigint, now: number, inMs: number][] = [
    ['sooner by its delay', 400n, 3_000, 56_000],
    ['soon, if the delay leaves one tick', 970n, 2_000, 250],
    ['when the remaining ticks are over, not later', 970n, 2_900, 100],
    ['now, if the delay leaves nothing', 970n, 3_000, 0],
    ['now, if the delay was longer than the rest', 970n, 5_000, -2_000],
  ];
  test.each(table)('%s', (_, charge, now, inMs) => {
    // Ten Wei for each of 100 s.
    const before: Reading[] = [
      [-200_000, 0n, 0],
      [-100_000, 0n, 0],
    ];
    const readings: Reading[] = [...before, [0, charge, Number(charge) / 10]];
    expect(nextOf({ maxSpend: 1_000n }, readings, [now, true])).toEqual({ reason: 'spend', inMs });
  });
});

test('A response without a charge does not delay the limit of money.', () => {
  const readings: Reading[] = [
    [0, 400n, 40],
    [61_000, undefined, 101],
  ];
  expect(nextOf({ maxSpend: 1_000n }, readings, [61_000, true])).toEqual({ reason: 'spend', inMs: -1_000 });
});

describe('the limit of money comes, without a new reading,', () => {
  const table: [title: string, readings: Reading[], now: number, inMs: number][] = [
    ['one tick before it is reached at the rate so far', [[0, 400n, 40]], 0, 59_000],
    ['sooner as time passes', [[0, 400n, 40]], 50_000, 9_000],
    ['now, one tick before it', [[0, 400n, 40]], 59_000, 0],
    ['now, if it is exceeded at the rate so far', [[0, 400n, 40]], 70_000, -11_000],
    ['now, if one tick was left', [[0, 990n, 99]], 0, 0],
    ['never, if nothing was charged', [[0, 0n, 40]], 1_000_000, never],
    ['never, if there was no reading', [], 1_000_000, never],
  ];
  test.each(table)('%s', (_, readings, now, inMs) => {
    const reason = inMs === never ? 'duration' : 'spend';
    expect(nextOf({ maxSpend: 1_000n }, readings, [now, false])).toEqual({ reason, inMs });
  });
});

describe('of two limits', () => {
  const table: [title: string, maxDurationMs: number, due: Due][] = [
    ['the one of time comes first', 50_000, { reason: 'duration', inMs: 10_000 }],
    ['the one of money comes first', 100_001, { reason: 'spend', inMs: 59_000 }],
    ['the one of time comes first if both come at once', 99_000, { reason: 'duration', inMs: 59_000 }],
  ];
  test.each(table)('%s', (_, maxDurationMs, due) => {
    expect(nextOf({ maxDurationMs, maxSpend: 1_000n }, [[0, 400n, 40]], [0, true])).toEqual(due);
  });

  test('none comes if none is set', () => {
    expect(nextOf({}, [[0, 400n, 40]], [0, true]).inMs).toBe(never);
  });
});

/** A session that is charged by the second, and how it is watched. */
interface Course {
  /** Unit: Wei per hour. */
  readonly rate: bigint;
  /** How long it had run when the guard began. Unit: ms. */
  readonly ranMs: number;
  /** How many seconds the limit allows, in addition to its cost at that time and the first looks. */
  readonly seconds: number;
  /** How long each look takes, in turn; undefined if the look fails. Unit: ms. */
  readonly looks: readonly (number | undefined)[];
  /** Whether the API reports durations. */
  readonly saysDuration: boolean;
}

const longestPauseMs = 10_000;
const slowestMs = 300;

/** Guards a session as `SessionGuard` does. Returns its cost when it was stopped, in Wei. */
function spentOf({ rate, ranMs, looks, saysDuration }: Course, maxSpend: bigint): bigint {
  const secondsAt = (now: number): number => Math.floor((now + ranMs) / 1000);
  const chargeAt = (now: number): bigint => (rate * BigInt(secondsAt(now))) / 3600n;
  const spending = new Spending({ maxSpend }, 0);
  let now = 0;
  for (let turn = 0; ; turn++) {
    const takesMs = looks[turn % looks.length];
    // The response is from some time during the request; the earliest time is the worst case.
    if (takesMs !== undefined) {
      spending.note(infoOf([now, chargeAt(now), saysDuration ? secondsAt(now) : undefined]), lookAt(now));
    }
    now += takesMs ?? slowestMs;
    const { inMs } = spending.next(now, takesMs !== undefined);
    if (inMs <= 0) return chargeAt(now);
    now += Math.min(inMs, longestPauseMs);
  }
}

/** The limit: the cost before the guard, the looks until its rate is known, and some seconds. */
function allowanceOf({ rate, ranMs, seconds, looks }: Course): bigint {
  const blindMs = looks.length * 3 * longestPauseMs;
  return (rate * BigInt(Math.ceil((ranMs + blindMs) / 1000) + seconds)) / 3600n;
}

const course = {
  // Up to many OCTA per hour, and enough that a tick costs more than a few Wei.
  rate: fc.bigInt({ min: 10n ** 10n, max: 10n ** 21n }),
  ranMs: fc.nat(10_000_000),
  seconds: fc.nat(1_000),
  saysDuration: fc.boolean(),
};
const runs = { seed: 20_261_122, numRuns: 300 };

test('A guard that looks when it is due, with responses within 300 ms or none, never exceeds the limit.', () => {
  const look = fc.option(fc.nat(slowestMs), { nil: undefined, freq: 3 });
  const looks = fc.array(look, { minLength: 1, maxLength: 5 }).map((some) => [0, ...some]);
  fc.assert(
    fc.property(fc.record({ ...course, looks }), (given) => {
      const maxSpend = allowanceOf(given);
      expect(spentOf(given, maxSpend) <= maxSpend).toBe(true);
    }),
    runs,
  );
});

test('A guard that always gets a response at once stops at most two ticks early.', () => {
  fc.assert(
    fc.property(fc.record({ ...course, looks: fc.constant([0]) }), (given) => {
      const maxSpend = allowanceOf(given);
      const tick = given.rate / 3600n + 1n;
      const left = maxSpend - spentOf(given, maxSpend);
      expect(left >= 0n && left <= 2n * tick).toBe(true);
    }),
    runs,
  );
});

describe('the first charge is looked for', () => {
  const limits = { maxSpend: 1_000n };

  test.each([
    [0, 1_000],
    [9_999, 1_000],
    [60_000, 6_000],
    [3_600_000, 360_000],
  ])('after %i ms: in %i ms', (now, inMs) => {
    expect(new Spending(limits, 0).firstChargeInMs(now)).toBe(inMs);
  });

  test('no more once the rate is known, or without a limit of money', () => {
    const spending = new Spending(limits, 0);
    spending.note({ uuid: 'u-1', charge_amount: 10n, duration: 1 }, lookAt(1_000));
    expect(spending.firstChargeInMs(2_000)).toBe(Number.POSITIVE_INFINITY);
    expect(new Spending({ maxDurationMs: 5 }, 0).firstChargeInMs(1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a look may take', () => {
  test('until the limit of time', () => {
    expect(new Spending({ maxDurationMs: 5_000 }, 0).lookWithinMs(2_000)).toBe(3_000);
  });

  test('until the limit of money, and at least one tick', () => {
    const spending = new Spending({ maxSpend: 1_000n }, 0);
    expect(spending.lookWithinMs(0)).toBe(Number.POSITIVE_INFINITY);
    spending.note({ uuid: 'u-1', charge_amount: 400n, duration: 40 }, lookAt(0));
    expect([0, 50_000, 59_000, 70_000].map((now) => spending.lookWithinMs(now))).toEqual([
      60_000, 10_000, 1_000, 1_000,
    ]);
  });
});
