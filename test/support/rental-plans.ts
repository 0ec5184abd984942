/** Rentals of every kind, with faults at random points, drawn from a seed: the same seed gives the same plans everywhere. */
import fc from 'fast-check';
import type { Fault } from '../../src/testing/index.ts';

/** One fault: which request for an operation it meets, and what happens to it. */
export interface PlannedFault {
  /** `start`: that of the plan's service. */
  readonly operation: 'start' | 'listSessions' | 'getSessionInfo' | 'stopSession';
  readonly nth: number;
  readonly fault: Fault;
}

/** How a caller leaves the scope of a session. */
export type Exit = 'return' | 'throw' | 'stop' | 'abort-inside';

/** One rental from beginning to end. */
export interface RentalPlan {
  readonly seed: number;
  readonly service: 'mr' | 'render' | 'vpn';
  /** `rent`: all of it. `scope`: start, and the end of a scope. `guard`: start, and a guard that stops it. */
  readonly kind: 'rent' | 'scope' | 'guard';
  readonly candidates: number;
  readonly faults: readonly PlannedFault[];
  /** Nodes that refuse, by position. */
  readonly refusing: readonly number[];
  /** When the first node dies; undefined: it does not. Unit: ms. */
  readonly diesAfterMs: number | undefined;
  readonly neverReady: boolean;
  /** When the caller gives up; undefined: never. Unit: ms. */
  readonly abortAfterMs: number | undefined;
  /** How long the session is used. Unit: ms. */
  readonly useMs: number;
  readonly exit: Exit;
  /** Seconds of the dearest node that the balance is good for. */
  readonly affordableSeconds: number;
  readonly lease: {
    readonly readyTimeoutMs: number;
    readonly pollIntervalMs: number;
    readonly maxDurationMs: number | undefined;
  };
  /** Whether from some moment on no stop gets through, ever. Then what runs on has to be named. */
  readonly stopsFail: boolean;
}

/** A start may be late by less than its time limit and the search for it together. Unit: ms. */
const latestStartMs = 40_000;

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault>(
    { lost: 'before' },
    { lost: 'after' },
    { stall: 'headers' },
    { stall: 'body' },
    { cut: true },
    { invalidJson: true },
    { refuse: 'Node is unavailable' },
    { status: 429, headers: { 'retry-after': '1' } },
  ),
  fc.constantFrom(500, 502, 503, 504, 408).map((status) => ({ status })),
  fc.integer({ min: 1, max: latestStartMs }).map((delayMs) => ({ delayMs })),
  fc.integer({ min: 1, max: latestStartMs }).map((delayMs) => ({ delayMs, lost: 'after' as const })),
  fc.constant({ status: 500, body: { error: 'INTERNAL_ERROR' } }),
);

const plannedFault: fc.Arbitrary<PlannedFault> = fc.record({
  operation: fc.constantFrom('start', 'listSessions', 'getSessionInfo', 'stopSession'),
  nth: fc.integer({ min: 1, max: 4 }),
  fault,
});

function sometimes<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  // One of three is undefined.
  return fc.option(value, { nil: undefined, freq: 3 });
}

const plan: fc.Arbitrary<RentalPlan> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  service: fc.constantFrom('mr', 'render', 'vpn'),
  kind: fc.constantFrom('rent', 'rent', 'rent', 'scope', 'guard'),
  candidates: fc.integer({ min: 1, max: 3 }),
  // Two faults of one operation in a row are survived for certain within the 15 s of a clean-up; more may not be.
  faults: fc.uniqueArray(plannedFault, {
    maxLength: 4,
    selector: ({ operation, nth }) => `${operation} ${Math.ceil(nth / 2)}`,
  }),
  refusing: fc.subarray([0, 1, 2], { maxLength: 2 }),
  diesAfterMs: fc.oneof(fc.constant(undefined), sometimes(fc.integer({ min: 0, max: 200_000 }))),
  neverReady: fc.constantFrom(false, false, false, false, true),
  abortAfterMs: fc.oneof(fc.constant(undefined), sometimes(fc.integer({ min: 0, max: 60_000 }))),
  useMs: fc.integer({ min: 1, max: 120_000 }),
  exit: fc.constantFrom<Exit>('return', 'throw', 'stop', 'abort-inside'),
  affordableSeconds: fc.constantFrom(5, 30, 100_000, 100_000, 100_000),
  lease: fc.record({
    readyTimeoutMs: fc.constantFrom(1_000, 20_000, 120_000, 120_000, 120_000),
    pollIntervalMs: fc.constantFrom(200, 1_000, 3_000),
    maxDurationMs: sometimes(fc.integer({ min: 1_000, max: 90_000 })),
  }),
  stopsFail: fc.integer({ min: 1, max: 20 }).map((number) => number === 1),
});

/** So many plans from a seed. */
export function rentalPlans(seed: number, count: number): readonly RentalPlan[] {
  return fc.sample(plan, { seed, numRuns: count });
}
