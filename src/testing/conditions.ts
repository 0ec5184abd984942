/** How badly the API behaves: what can be switched on, what is allowed, and what holds by default. */
import { aBoolean, aShare, type Check, checkFields, someMs } from './checks.ts';

/** How long after an event the API still answers as if it had not happened. */
export interface SimulatorLag {
  /** After a session began, for which both lists do not know it. Default 0. Unit: ms. */
  readonly listsMs?: number | undefined;
  /** After a session began, for which `info` and logs answer 404. Default 0. Unit: ms. */
  readonly infoMs?: number | undefined;
  /** After a session began, for which a stop answers 404 and does nothing. Default 0. Unit: ms. */
  readonly stopMs?: number | undefined;
  /** After a session ended, for which the active list still shows it, and the recent list does not. Default 0. Unit: ms. */
  readonly endsMs?: number | undefined;
}

/**
 * What the API says that is not true, and what it does not do. A share is a number from 0 (never, the default) to 1 (always); each
 * case is drawn from the simulator's seed.
 */
export interface SimulatorLies {
  /** Share of requests for the active list that are answered with an empty list. */
  readonly emptyLists?: number | undefined;
  /** Share of the entries of both lists that appear twice. */
  readonly duplicates?: number | undefined;
  /** Whether the recent list also holds the sessions that run, without an end. Default false. */
  readonly recentShowsRunning?: boolean | undefined;
  /** Share of `info` requests for a running session that are answered with 404. */
  readonly lostInfo?: number | undefined;
  /** Whether `info` of a session that has ended answers 200 for ever, as just before its end. Default false. */
  readonly ghostInfo?: boolean | undefined;
  /** Share of sessions that vanish once, 10 to 60 s after they began: `info` answers 404 then, and no list holds them. */
  readonly vanishing?: number | undefined;
  /** For how long the sessions of `vanishing` are gone. Default 20 000. Unit: ms. */
  readonly vanishForMs?: number | undefined;
  /** For how long a rented machine that is ready does not show how to reach it. Default 0. Unit: ms. */
  readonly lateAddressMs?: number | undefined;
  /** Share of sessions whose `charge_amount` is never shown. */
  readonly noCharge?: number | undefined;
  /** Share of the answers about running sessions in which `charge_amount` falls back to half of what it is. */
  readonly fallingCharge?: number | undefined;
  /** Share of sessions whose stops are answered with 200, and do nothing until `ignoredForMs` after the first of them. */
  readonly ignoredStops?: number | undefined;
  /** For how long `ignoredStops` ignores stops. Default 20 000. Unit: ms. */
  readonly ignoredForMs?: number | undefined;
  /** Share of stops of a running session that are answered with 404, and do nothing. */
  readonly wrongStop404?: number | undefined;
  /** Share of stops that end the session at once, but are answered `slowStopMs` later. */
  readonly slowStops?: number | undefined;
  /** How long the answers of `slowStops` take. Default 6000. Unit: ms. */
  readonly slowStopMs?: number | undefined;
  /** Share of starts that take effect, but whose answer is lost with the connection. */
  readonly lostStarts?: number | undefined;
  /** Share of starts that take effect, but are answered with 502, or with 500 and `INTERNAL_ERROR`. */
  readonly failedStarts?: number | undefined;
  /** Share of starts that take effect, but are answered with 400 or 429, or in a batch with a reason for each item. */
  readonly falseRefusals?: number | undefined;
  /** Share of starts that have no effect, and get no answer, 502, or 500 with `INTERNAL_ERROR`. */
  readonly deadStarts?: number | undefined;
  /** Share of starts that begin two sessions; the answer names one of them, or to a batch both in half of the cases. */
  readonly doubleStarts?: number | undefined;
  /** Sessions begin up to this long after their start, and are unknown until then. Default 0. Unit: ms. */
  readonly lateBeginMs?: number | undefined;
  /** Share of answers to batches in which the ids count from 1, are text or are all 0, or whose order is reversed. */
  readonly oddIds?: number | undefined;
}

/** The letter case of the UUIDs in answers; `mixed`: upper case in the answers to starts, lower case elsewhere. */
export type UuidCase = 'lower' | 'upper' | 'mixed';

/** How badly the API of a simulator behaves, with every default and all that `hostile` has drawn. */
export interface SimulatorConditions {
  /** How long events stay unknown. */
  readonly lag: { readonly [Name in keyof Required<SimulatorLag>]: NonNullable<SimulatorLag[Name]> };
  /** The letter case of UUIDs. */
  readonly uuidCase: UuidCase;
  /** What is not true. */
  readonly lies: { readonly [Name in keyof Required<SimulatorLies>]: NonNullable<SimulatorLies[Name]> };
  /** Whether variables of sessions are shown nowhere. */
  readonly hideVariables: boolean;
  /** How many sessions of other programs run at the beginning. Unit: count. */
  readonly foreign: number;
}

/** Options that make the API behave badly. */
export interface ConditionOptions {
  /** How long sessions and their ends stay unknown to lists, `info`, logs and stops. Default: not at all. */
  readonly lag?: SimulatorLag | undefined;
  /**
   * The letter case of the UUIDs of sessions in answers. Default `lower`. Requests may use any, and `sessions` and `running` of the
   * simulator show lower case.
   */
  readonly uuidCase?: UuidCase | undefined;
  /** What the API says that is not true, and what it does not do. Default: nothing. */
  readonly lies?: SimulatorLies | undefined;
  /** Whether lists and `info` leave out `user_envs`. Default false. */
  readonly hideVariables?: boolean | undefined;
  /** How many sessions of other programs run at the beginning, on nodes that can be rented all the same. Default 0. Unit: count. */
  readonly foreign?: number | undefined;
}

type Lies = SimulatorConditions['lies'];

/** Lies that happen in a share of the cases. */
export type LieShare = Exclude<keyof Lies, `${string}Ms` | 'recentShowsRunning' | 'ghostInfo'>;

/** Everything is as it should be. */
export const goodConditions: SimulatorConditions = {
  lag: { listsMs: 0, infoMs: 0, stopMs: 0, endsMs: 0 },
  uuidCase: 'lower',
  lies: {
    emptyLists: 0,
    duplicates: 0,
    recentShowsRunning: false,
    lostInfo: 0,
    ghostInfo: false,
    vanishing: 0,
    vanishForMs: 20_000,
    lateAddressMs: 0,
    noCharge: 0,
    fallingCharge: 0,
    ignoredStops: 0,
    ignoredForMs: 20_000,
    wrongStop404: 0,
    slowStops: 0,
    slowStopMs: 6000,
    lostStarts: 0,
    failedStarts: 0,
    falseRefusals: 0,
    deadStarts: 0,
    doubleStarts: 0,
    lateBeginMs: 0,
    oddIds: 0,
  },
  hideVariables: false,
  foreign: 0,
};

function ruleFor(name: string, good: unknown): Check {
  if (typeof good === 'boolean') return aBoolean;
  return name.endsWith('Ms') ? someMs : aShare;
}

function rulesFor(group: object): Record<string, Check> {
  return Object.fromEntries(Object.entries(group).map(([name, good]) => [name, ruleFor(name, good)]));
}

/** Checks of the groups, by the name of their option. They throw OctaConfigurationError. */
export const groupChecks = {
  lag: (value: unknown) => checkFields('lag', value, rulesFor(goodConditions.lag)),
  lies: (value: unknown) => checkFields('lies', value, rulesFor(goodConditions.lies)),
};

/** One set of values over another; undefined says nothing. */
function over<Values extends object>(base: Values, given: object = {}): Values {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.freeze({ ...base, ...Object.fromEntries(said) });
}

/** Conditions as the options have them, over those that hold anyway. */
export function conditionsOf(options: ConditionOptions, base: SimulatorConditions): SimulatorConditions {
  const { lag, uuidCase, lies, hideVariables, foreign } = options;
  const groups = { lag: over(base.lag, lag), lies: over(base.lies, lies) };
  return Object.freeze({ ...over(base, { uuidCase, hideVariables, foreign }), ...groups });
}
