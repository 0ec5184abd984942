/** Bad conditions that a seed decides: each switch is on for about half of all seeds. */
import { goodConditions, type LieShare, type SimulatorConditions } from './conditions.ts';
import { Random } from './random.ts';

type Range = readonly [least: number, most: number];

/** Shares that are bad, but that a careful client can still handle. */
const shares: Readonly<Record<LieShare, Range>> = {
  emptyLists: [0.02, 0.15],
  duplicates: [0.05, 0.3],
  lostInfo: [0.02, 0.2],
  vanishing: [0.05, 0.3],
  noCharge: [0.1, 0.5],
  fallingCharge: [0.02, 0.2],
  ignoredStops: [0.1, 0.5],
  wrongStop404: [0.05, 0.3],
  slowStops: [0.1, 0.5],
  lostStarts: [0.05, 0.25],
  failedStarts: [0.05, 0.25],
  falseRefusals: [0.05, 0.2],
  deadStarts: [0.05, 0.25],
  doubleStarts: [0.02, 0.15],
  oddIds: [0.1, 0.5],
};

/** Unit: ms. */
const lags: Readonly<Record<keyof SimulatorConditions['lag'], Range>> = {
  listsMs: [1000, 30_000],
  infoMs: [1000, 20_000],
  stopMs: [1000, 20_000],
  endsMs: [1000, 15_000],
};

/** The conditions of a seed. */
export function hostileConditions(seed: string): SimulatorConditions {
  const random = new Random(`hostile/${seed}`);
  const { lies, lag } = goodConditions;
  const isOn = (name: string): boolean => random.fork(`${name}/is on`).chance(0.5);
  const share = ([name, [least, most]]: [string, Range]) =>
    isOn(name) ? [[name, random.fork(name).decimal(least, most, 2)]] : [];
  const time = (name: string, [least, most]: Range): number => random.fork(name).integer(least, most);
  return {
    lag: {
      ...lag,
      ...Object.fromEntries(
        Object.entries(lags).flatMap(([name, range]) => (isOn(name) ? [[name, time(name, range)]] : [])),
      ),
    },
    uuidCase: random.fork('uuidCase').pick(['lower', 'upper', 'mixed']),
    lies: {
      ...lies,
      ...Object.fromEntries(Object.entries(shares).flatMap(share)),
      recentShowsRunning: isOn('recentShowsRunning'),
      ghostInfo: isOn('ghostInfo'),
      vanishForMs: time('vanishForMs', [5000, 30_000]),
      lateAddressMs: isOn('lateAddressMs') ? time('lateAddressMs', [1000, 20_000]) : 0,
      ignoredForMs: time('ignoredForMs', [5000, 60_000]),
      slowStopMs: time('slowStopMs', [2000, 30_000]),
      lateBeginMs: isOn('lateBeginMs') ? time('lateBeginMs', [1000, 50_000]) : 0,
    },
    hideVariables: random.fork('hideVariables').chance(0.25),
    foreign: random.fork('foreign').integer(0, 3),
  };
}
