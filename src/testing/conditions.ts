/** Options that make the simulated API misbehave, with their checks and defaults. */
import { aBoolean, aShare, type Check, checkFields, someMs } from './checks.ts';

/** How long after an event the API still responds as if it had not happened. */
export interface SimulatorLag {
  /** How long after its begin both lists omit a session. Default 0. Unit: ms. */
  readonly listsMs?: number | undefined;
  /** How long after its begin `info` and logs of a session return 404. Default 0. Unit: ms. */
  readonly infoMs?: number | undefined;
  /** How long after its begin a stop of a session returns 404 and has no effect. Default 0. Unit: ms. */
  readonly stopMs?: number | undefined;
  /** How long after its end the active list still shows a session, and the recent list omits it. Default 0. Unit: ms. */
  readonly endsMs?: number | undefined;
}

/**
 * Wrong responses, and requests without their effect. A share is a number from 0 (never, the default) to 1 (always); the seed of the
 * simulator decides each case.
 */
export interface SimulatorLies {
  /** Share of requests for the active list that are answered with an empty list. */
  readonly emptyLists?: number | undefined;
  /** Share of the entries of both lists that appear twice. */
  readonly duplicates?: number | undefined;
  /** Whether the recent list also shows running sessions, which have no `finished_at`. Default false. */
  readonly recentShowsRunning?: boolean | undefined;
  /** Share of `info` requests for a running session that are answered with 404. */
  readonly lostInfo?: number | undefined;
  /** Whether `info` of an ended session still returns 200, with its state just before its end. Default false. */
  readonly ghostInfo?: boolean | undefined;
  /** Share of sessions that vanish once, 10 to 60 s after they began: `info` returns 404, and no list shows them. */
  readonly vanishing?: number | undefined;
  /** How long the sessions of `vanishing` stay gone. Default 20 000. Unit: ms. */
  readonly vanishForMs?: number | undefined;
  /** How long a ready machine does not show its addresses. Default 0. Unit: ms. */
  readonly lateAddressMs?: number | undefined;
  /** Share of sessions whose `charge_amount` is never shown. */
  readonly noCharge?: number | undefined;
  /** Share of responses about running sessions in which `charge_amount` is half its real value. */
  readonly fallingCharge?: number | undefined;
  /** Share of sessions whose stops return 200 but have no effect until `ignoredForMs` after the first one. */
  readonly ignoredStops?: number | undefined;
  /** How long `ignoredStops` ignores stops. Default 20 000. Unit: ms. */
  readonly ignoredForMs?: number | undefined;
  /** Share of stops of a running session that return 404 and have no effect. */
  readonly wrongStop404?: number | undefined;
  /** Share of stops that end the session at once, but respond `slowStopMs` later. */
  readonly slowStops?: number | undefined;
  /** How long the responses of `slowStops` take. Default 6000. Unit: ms. */
  readonly slowStopMs?: number | undefined;
  /** Share of starts that take effect, but whose response is lost with the connection. */
  readonly lostStarts?: number | undefined;
  /** Share of starts that take effect, but return 502, or 500 with `INTERNAL_ERROR`. */
  readonly failedStarts?: number | undefined;
  /** Share of starts that take effect, but return 400 or 429, or in a batch a refusal for each item. */
  readonly falseRefusals?: number | undefined;
  /** Share of starts that have no effect, and get no response, 502, or 500 with `INTERNAL_ERROR`. */
  readonly deadStarts?: number | undefined;
  /** Share of starts that begin two sessions. The response names one of them; for a batch, in half of the cases both. */
  readonly doubleStarts?: number | undefined;
  /** Sessions begin up to this long after their start; until then the API does not know them. Default 0. Unit: ms. */
  readonly lateBeginMs?: number | undefined;
  /** Share of batch responses whose ids count from 1, are text or are all 0, or whose order is reversed. */
  readonly oddIds?: number | undefined;
}

/** The letter case of UUIDs in responses; `mixed`: upper case in responses to starts, lower case elsewhere. */
export type UuidCase = 'lower' | 'upper' | 'mixed';

/** The conditions of a simulator, including defaults and the values that `hostile` set. */
export interface SimulatorConditions {
  /** How long events stay invisible. */
  readonly lag: { readonly [Name in keyof Required<SimulatorLag>]: NonNullable<SimulatorLag[Name]> };
  /** The letter case of UUIDs. */
  readonly uuidCase: UuidCase;
  /** Wrong responses, and requests without their effect. */
  readonly lies: { readonly [Name in keyof Required<SimulatorLies>]: NonNullable<SimulatorLies[Name]> };
  /** Whether the API hides the variables of sessions. */
  readonly hideVariables: boolean;
  /** How many sessions of other programs run at the beginning. Unit: count. */
  readonly foreign: number;
}

/** Options that make the API misbehave. */
export interface ConditionOptions {
  /** How long lists, `info`, logs and stops ignore new sessions and their ends. Default: no delay. */
  readonly lag?: SimulatorLag | undefined;
  /**
   * The letter case of the UUIDs of sessions in responses. Default `lower`. Requests may use either case; `sessions` and `running` of
   * the simulator use lower case.
   */
  readonly uuidCase?: UuidCase | undefined;
  /** Wrong responses, and requests without their effect. Default: none. */
  readonly lies?: SimulatorLies | undefined;
  /** Whether lists and `info` leave out `user_envs`. Default false. */
  readonly hideVariables?: boolean | undefined;
  /** How many sessions of other programs run at the beginning, on nodes that can still be rented. Default 0. Unit: count. */
  readonly foreign?: number | undefined;
}

type Lies = SimulatorConditions['lies'];

/** Lies that are set as a share. */
export type LieShare = Exclude<keyof Lies, `${string}Ms` | 'recentShowsRunning' | 'ghostInfo'>;

/** The default conditions: the API behaves correctly. */
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

/** Overrides values; undefined keeps the base value. */
function over<Values extends object>(base: Values, given: object = {}): Values {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.freeze({ ...base, ...Object.fromEntries(said) });
}

/** Applies the options to the base conditions. */
export function conditionsOf(options: ConditionOptions, base: SimulatorConditions): SimulatorConditions {
  const { lag, uuidCase, lies, hideVariables, foreign } = options;
  const groups = { lag: over(base.lag, lag), lies: over(base.lies, lies) };
  return Object.freeze({ ...over(base, { uuidCase, hideVariables, foreign }), ...groups });
}
