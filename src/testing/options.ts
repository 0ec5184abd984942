/** Options of the simulator, their checks and their defaults. */
import { isRecord } from '../codec/record.ts';
import {
  aBasePath,
  aBoolean,
  aFewSessions,
  anAmount,
  aSeed,
  aSpeed,
  aText,
  aTime,
  aWholeNumber,
  type Check,
  check,
  oneOf,
  refuse,
  ruleOf,
  someMs,
} from './checks.ts';
import {
  type ConditionOptions,
  conditionsOf,
  goodConditions,
  groupChecks,
  type SimulatorConditions,
} from './conditions.ts';
import { hostileConditions } from './hostile.ts';
import {
  type AppInit,
  type MachineInit,
  type NodeInit,
  type Population,
  populationChecks,
  type RelayInit,
} from './inits.ts';

/** Options of a simulator. */
export interface OctaSimulatorOptions extends ConditionOptions {
  /** Determines everything that no other option sets. Default 1. */
  readonly seed?: number | string | undefined;
  /** Duration of each request, in virtual time. Default 20. Unit: ms. */
  readonly latencyMs?: number | undefined;
  /** The only valid API key. Default: every key is valid. */
  readonly apiKey?: string | undefined;
  /** Whether requests that require a key are refused without one. Default true; false: as behind a proxy that adds the key. */
  readonly requireKey?: boolean | undefined;
  /** Path prefix of the API, such as `/api/octa`. Default: none. */
  readonly basePath?: string | undefined;
  /** How many of the latest requests `requests` keeps; 0 keeps none. Default 10 000. */
  readonly keepRequests?: number | undefined;
  /** Initial balance of the account. Default: a seeded amount of about 40 OCTA. Unit: Wei. */
  readonly balanceWei?: bigint | undefined;
  /** Machines to rent: how many, or a list. Default 12. */
  readonly machines?: Population<MachineInit> | undefined;
  /** Machines for rendering. Default 4. */
  readonly renderMachines?: Population<MachineInit> | undefined;
  /** VPN relays. Default 6. */
  readonly relays?: Population<RelayInit> | undefined;
  /** Nodes that the account operates. Default 4. */
  readonly nodes?: Population<NodeInit> | undefined;
  /** Apps. Default 5. */
  readonly apps?: Population<AppInit> | undefined;
  /** Time from a start until the session is ready. Default 8000. Unit: ms. */
  readonly readyAfterMs?: number | undefined;
  /**
   * How fast virtual time passes by itself, as a multiple of real time. Default 0: time passes only when code waits on the clock or
   * calls `advance`. While a server of `listen()` runs, the default is 1.
   */
  readonly speed?: number | undefined;
  /** Initial time of the virtual wall clock. Default: a fixed time in 2026. Unit: Unix ms. */
  readonly startedAt?: number | undefined;
  /** Whether responses have the quirks of the real API, such as numbers as text. Default true. */
  readonly quirks?: boolean | undefined;
  /**
   * Seed for random bad conditions: sets `lag`, `uuidCase`, `lies`, `hideVariables` and `foreign`. `conditions` of the simulator shows
   * the result. Explicit options take precedence. Default: none.
   */
  readonly hostile?: number | string | undefined;
}

/** Options with their defaults. */
export interface ResolvedOptions {
  readonly seed: string;
  readonly latencyMs: number;
  readonly apiKey: string | undefined;
  readonly requireKey: boolean;
  readonly basePath: string;
  readonly keepRequests: number;
  readonly balanceWei: bigint | undefined;
  readonly machines: Population<MachineInit>;
  readonly renderMachines: Population<MachineInit>;
  readonly relays: Population<RelayInit>;
  readonly nodes: Population<NodeInit>;
  readonly apps: Population<AppInit>;
  readonly readyAfterMs: number;
  readonly speed: number | undefined;
  readonly startedAt: number;
  readonly quirks: boolean;
  readonly conditions: SimulatorConditions;
}

function by(rule: Check, name: string): (value: unknown) => void {
  return (value) => check(name, value, rule);
}

const optionChecks = {
  ...populationChecks,
  ...groupChecks,
  seed: by(aSeed, 'seed'),
  latencyMs: by(someMs, 'latencyMs'),
  apiKey: by(aText, 'apiKey'),
  requireKey: by(aBoolean, 'requireKey'),
  basePath: by(aBasePath, 'basePath'),
  keepRequests: by(aWholeNumber, 'keepRequests'),
  balanceWei: by(anAmount, 'balanceWei'),
  readyAfterMs: by(someMs, 'readyAfterMs'),
  speed: by(aSpeed, 'speed'),
  startedAt: by(aTime, 'startedAt'),
  quirks: by(aBoolean, 'quirks'),
  uuidCase: by(oneOf(['lower', 'upper', 'mixed']), 'uuidCase'),
  hideVariables: by(aBoolean, 'hideVariables'),
  foreign: by(aFewSessions, 'foreign'),
  hostile: by(aSeed, 'hostile'),
} satisfies Record<keyof OctaSimulatorOptions, (value: unknown) => void>;

function checkOptions(given: unknown): void {
  if (!isRecord(given)) refuse('the argument of OctaSimulator', given, 'an object');
  for (const [name, value] of Object.entries(given)) {
    const checkOption = ruleOf('OctaSimulator', name, optionChecks);
    if (value !== undefined) checkOption(value);
  }
}

function conditionsFor(given: OctaSimulatorOptions): SimulatorConditions {
  const rentable = [given.machines, given.renderMachines, given.relays];
  const hasNone = rentable.every((each) => each === 0 || (Array.isArray(each) && each.length === 0));
  const { hostile, foreign = 0 } = given;
  if (hasNone && foreign > 0) refuse('foreign', foreign, '0 if nothing can be rented');
  const base = hostile === undefined ? goodConditions : hostileConditions(String(hostile));
  return conditionsOf(given, hasNone ? { ...base, foreign: 0 } : base);
}

/** Checks options and adds the defaults. Throws OctaConfigurationError if an option is wrong. */
export function resolveOptions(given: OctaSimulatorOptions): ResolvedOptions {
  checkOptions(given);
  return Object.freeze({
    seed: String(given.seed ?? 1),
    latencyMs: given.latencyMs ?? 20,
    apiKey: given.apiKey,
    requireKey: given.requireKey ?? true,
    basePath: given.basePath ?? '',
    keepRequests: given.keepRequests ?? 10_000,
    balanceWei: given.balanceWei,
    machines: given.machines ?? 12,
    renderMachines: given.renderMachines ?? 4,
    relays: given.relays ?? 6,
    nodes: given.nodes ?? 4,
    apps: given.apps ?? 5,
    readyAfterMs: given.readyAfterMs ?? 8000,
    speed: given.speed,
    startedAt: given.startedAt ?? 1_776_161_866_303,
    quirks: given.quirks ?? true,
    conditions: conditionsFor(given),
  });
}
