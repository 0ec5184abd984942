/** Plans of programs with one account under bad conditions, from a seed: the same seed makes the same plans everywhere. */
import fc from 'fast-check';
import type { Fault } from '../../src/testing/index.ts';

/** One fault: the number of the request for an operation, and what happens to it. */
export interface PlannedFault {
  readonly operation: 'startMr' | 'startRender' | 'startVpn' | 'listSessions' | 'getSessionInfo' | 'stopSession';
  readonly nth: number;
  readonly fault: Fault;
}

/** What a program does with a session. */
export interface Use {
  readonly forMs: number;
  /**
   * `scope`: it is stopped at the end of its scope. `stop`: by a single call, in a scope. `verify`: by `stop({ verify: true })`.
   * `throw`: its scope ends with an error. `keep`: it is kept.
   */
  readonly exit: 'scope' | 'stop' | 'verify' | 'throw' | 'keep';
}

/** The limits of a guard. */
export interface Limits {
  readonly maxDurationMs: number | undefined;
  /** The cost of a number of seconds, rounded up. */
  readonly maxSpendSeconds: number | undefined;
  readonly unknownCharge: 'warn' | 'stop';
}

/** The behaviour of a job's command. */
export interface JobPlan {
  /** How many lines it prints, and how long it waits before each. */
  readonly lines: number;
  readonly everyMs: number;
  readonly code: number;
  readonly idleTimeoutMs: number | undefined;
}

type Service = 'mr' | 'render' | 'vpn';

interface Rented {
  readonly atMs: number;
  readonly service: Service;
  readonly readyTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly limits: Limits;
  readonly abortAfterMs: number | undefined;
  readonly use: Use;
}

/** One action of a program. */
export type Action =
  | (Rented & { readonly kind: 'rent'; readonly nodes: readonly number[]; readonly adoptUnmarked: boolean })
  | (Rented & { readonly kind: 'rentMany'; readonly nodes: readonly number[]; readonly atLeast: boolean })
  | (Rented & { readonly kind: 'run'; readonly nodes: readonly number[]; readonly job: JobPlan })
  | {
      readonly kind: 'start';
      readonly atMs: number;
      readonly service: Service;
      readonly node: number;
      readonly guard: Limits | undefined;
      readonly use: Use;
    }
  | { readonly kind: 'startMany'; readonly atMs: number; readonly nodes: readonly number[]; readonly use: Use }
  | { readonly kind: 'sweep'; readonly atMs: number; readonly service: Service | undefined }
  | { readonly kind: 'reconcile'; readonly atMs: number; readonly adopt: boolean };

/** One program: a client, and its actions. */
export interface ProgramPlan {
  readonly actions: readonly Action[];
  /**
   * How it ends early: it `dies` at a time, or with a number of starts in progress; or its client is closed, with all sessions that it
   * has started. Undefined: it does not end early.
   */
  readonly end:
    | { readonly how: 'dies'; readonly afterMs: number }
    | { readonly how: 'dies'; readonly atStart: number }
    | { readonly how: 'closes'; readonly afterMs: number }
    | undefined;
}

/** A session that another program starts with the same account. */
export interface ForeignPlan {
  readonly atMs: number;
  readonly node: number;
  /** Its variables: none, another mark, or other variables. */
  readonly envs: 'none' | 'mark' | 'other';
}

/** One run: a market, and the programs of one account. */
export interface RunPlan {
  readonly seed: number;
  /** Seed of the bad conditions. */
  readonly hostile: number;
  /** Whether sessions also begin late, are listed later, and vanish once for half a minute: the worst that a careful client can handle. */
  readonly worse: boolean;
  /** Whether each program has its own ledger, all share one, or there is none. */
  readonly ledgers: 'none' | 'own' | 'shared';
  /** When the next write to each ledger fails. Unit: ms; undefined: never. */
  readonly ledgerFailsAtMs: number | undefined;
  readonly programs: readonly ProgramPlan[];
  readonly foreign: readonly ForeignPlan[];
  readonly faults: readonly PlannedFault[];
  /** Nodes that refuse once. */
  readonly refusing: readonly number[];
  readonly diesAfterMs: number | undefined;
  readonly neverReady: boolean;
  /** Seconds of one session that the balance pays for. */
  readonly affordableSeconds: number;
}

/** Machines, and render machines, of the market. Relays are not shared: each order has its own. */
export const marketNodes = { mr: [1, 2, 3, 4], render: [11, 12, 13] } as const;

/** Undefined, except in one of `count` cases. */
function sometimes<Value>(value: fc.Arbitrary<Value>, oneOf: number): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: oneOf - 1 }, { arbitrary: value, weight: 1 });
}

function oneIn(count: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 1, max: count }).map((number) => number === count);
}

const atMs = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40_000 }));
const service = fc.constantFrom<Service>('mr', 'mr', 'mr', 'render', 'vpn');
const node = fc.integer({ min: 0, max: 3 });
const use: fc.Arbitrary<Use> = fc.record({
  forMs: fc.integer({ min: 1, max: 60_000 }),
  exit: fc.constantFrom('scope', 'scope', 'scope', 'stop', 'verify', 'throw', 'keep'),
});
const limits: fc.Arbitrary<Limits> = fc.record({
  maxDurationMs: fc.option(fc.integer({ min: 5_000, max: 120_000 }), { nil: undefined, freq: 3 }),
  maxSpendSeconds: fc.option(fc.integer({ min: 5, max: 120 }), { nil: undefined, freq: 1 }),
  unknownCharge: fc.constantFrom('warn', 'stop'),
});
const rented = {
  atMs,
  service,
  readyTimeoutMs: fc.constantFrom(5_000, 30_000, 120_000, 120_000),
  pollIntervalMs: fc.constantFrom(1_000, 3_000, 3_000),
  limits,
  abortAfterMs: sometimes(fc.integer({ min: 0, max: 60_000 }), 5),
  use,
};

const rent: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('rent'),
  ...rented,
  nodes: fc.uniqueArray(node, { minLength: 1, maxLength: 3 }),
  adoptUnmarked: oneIn(6),
});
const rentMany: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('rentMany'),
  ...rented,
  nodes: fc.uniqueArray(node, { minLength: 2, maxLength: 3 }),
  atLeast: oneIn(3),
});
const runJob: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('run'),
  ...rented,
  service: fc.constant('mr'),
  // A job requires a limit.
  limits: limits.filter((each) => each.maxDurationMs !== undefined || each.maxSpendSeconds !== undefined),
  nodes: fc.uniqueArray(node, { minLength: 1, maxLength: 3 }),
  job: fc.record({
    lines: fc.integer({ min: 0, max: 12 }),
    everyMs: fc.integer({ min: 1, max: 15_000 }),
    code: fc.constantFrom(0, 0, 1, 3, 255),
    idleTimeoutMs: sometimes(fc.integer({ min: 4_000, max: 30_000 }), 4),
  }),
});
const start: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('start'),
  atMs,
  service,
  node,
  guard: fc.option(
    limits.filter(({ maxDurationMs, maxSpendSeconds }) => maxDurationMs !== undefined || maxSpendSeconds !== undefined),
    { nil: undefined, freq: 2 },
  ),
  use,
});
const startMany: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('startMany'),
  atMs,
  nodes: fc.uniqueArray(node, { minLength: 1, maxLength: 3 }),
  use,
});
const sweep: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('sweep'),
  atMs: fc.integer({ min: 0, max: 120_000 }),
  service: fc.option(fc.constantFrom<Service>('mr', 'render', 'vpn'), { nil: undefined }),
});
const reconcile: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('reconcile'),
  atMs: fc.integer({ min: 0, max: 200_000 }),
  adopt: fc.boolean(),
});

const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: rent, weight: 10 },
  { arbitrary: rentMany, weight: 2 },
  { arbitrary: start, weight: 5 },
  { arbitrary: startMany, weight: 2 },
  { arbitrary: sweep, weight: 1 },
  { arbitrary: reconcile, weight: 1 },
);

const end: fc.Arbitrary<ProgramPlan['end']> = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 6 },
  { arbitrary: fc.record({ how: fc.constant('dies'), afterMs: fc.integer({ min: 0, max: 90_000 }) }), weight: 1 },
  { arbitrary: fc.record({ how: fc.constant('dies'), atStart: fc.integer({ min: 1, max: 2 }) }), weight: 1 },
  { arbitrary: fc.record({ how: fc.constant('closes'), afterMs: fc.integer({ min: 0, max: 90_000 }) }), weight: 1 },
);

function programOf(what: fc.Arbitrary<Action>): fc.Arbitrary<ProgramPlan> {
  return fc.record({
    actions: fc.oneof(
      { arbitrary: fc.array(what, { minLength: 1, maxLength: 1 }), weight: 5 },
      { arbitrary: fc.array(what, { minLength: 2, maxLength: 3 }), weight: 1 },
    ),
    end,
  });
}

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault>(
    { lost: 'before' },
    { lost: 'after' },
    { stall: 'headers' },
    { stall: 'body' },
    { cut: true },
    { invalidJson: true },
    { status: 429, headers: { 'retry-after': '1' } },
    { status: 429, headers: { 'retry-after': '30' } },
    { status: 401 },
  ),
  fc.constantFrom(500, 502, 503, 504, 408).map((status) => ({ status })),
  fc.integer({ min: 1, max: 40_000 }).map((delayMs) => ({ delayMs })),
  fc.integer({ min: 1, max: 40_000 }).map((delayMs) => ({ delayMs, lost: 'after' as const })),
);

const plannedFault: fc.Arbitrary<PlannedFault> = fc.record({
  operation: fc.constantFrom(
    'startMr',
    'startMr',
    'startRender',
    'startVpn',
    'listSessions',
    'getSessionInfo',
    'stopSession',
  ),
  nth: fc.integer({ min: 1, max: 4 }),
  fault,
});

function runOf(program: fc.Arbitrary<ProgramPlan>): fc.Arbitrary<RunPlan> {
  return fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    hostile: fc.integer({ min: 1, max: 1_000_000 }),
    worse: oneIn(4),
    ledgers: fc.constantFrom('none', 'own', 'shared'),
    ledgerFailsAtMs: sometimes(fc.integer({ min: 0, max: 60_000 }), 10),
    programs: fc.oneof(
      { arbitrary: fc.array(program, { minLength: 1, maxLength: 1 }), weight: 6 },
      { arbitrary: fc.array(program, { minLength: 2, maxLength: 2 }), weight: 2 },
      { arbitrary: fc.array(program, { minLength: 3, maxLength: 4 }), weight: 1 },
    ),
    foreign: fc.oneof(
      fc.constant([]),
      fc.array(
        fc.record({ atMs: fc.integer({ min: 0, max: 60_000 }), node, envs: fc.constantFrom('none', 'mark', 'other') }),
        { maxLength: 2 },
      ),
    ),
    faults: fc.oneof(fc.constant([]), fc.array(plannedFault, { maxLength: 3 })),
    refusing: fc.oneof(fc.constant([]), fc.subarray([...marketNodes.mr], { maxLength: 2 })),
    diesAfterMs: sometimes(fc.integer({ min: 0, max: 200_000 }), 8),
    neverReady: oneIn(10),
    affordableSeconds: fc.constantFrom(30, ...Array.from({ length: 9 }, () => 1_000_000)),
  });
}

const run = runOf(programOf(action));
const jobs = runOf(programOf(runJob));

/** Whether there is a single program with a single rental. */
export function isAlone({ programs, foreign }: RunPlan): boolean {
  return programs.length === 1 && programs[0]?.actions.length === 1 && foreign.length === 0;
}

/** A number of plans from a seed. */
export function runPlans(seed: number, count: number): readonly RunPlan[] {
  return fc.sample(run, { seed, numRuns: count });
}

/** A number of plans of programs that run jobs. */
export function jobPlans(seed: number, count: number): readonly RunPlan[] {
  return fc.sample(jobs, { seed, numRuns: count });
}
