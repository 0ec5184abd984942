/** Plans of 10 000 calls and of the servers, from a seed: the same seed makes the same plans everywhere. */
import fc from 'fast-check';

/** The header with the call that a request belongs to. */
export const callHeader = 'x-call';

/** How a response marks its end. */
export type Framing = 'length' | 'chunked' | 'close';

/** What a server does to a connection after the response, or instead of it. */
export type End = 'reset' | 'fin' | 'stall';

/** Unexpected and invalid responses. */
const oddities = [
  'not http',
  'huge header',
  'bad header',
  'bad gzip',
  'web page',
  'wrong json',
  'broken json',
  'truncated json',
  'refusal',
  'early hints',
  'nothing',
  'empty',
] as const;

/** How the server treats one request. */
export type Fault =
  /** A good response; afterwards the connection is kept, closed as announced, or dropped without notice. */
  | {
      readonly kind: 'answer';
      readonly framing: Framing;
      readonly delayMs: number;
      readonly trickled: boolean;
      readonly afterwards: 'keep' | 'announce' | 'fin' | 'reset' | 'rubbish';
    }
  /** An error status or a redirect. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly body: 'json' | 'page' | 'large' | 'none';
      readonly delayMs: number;
      readonly carriedOut: boolean;
    }
  /** A good response of which only a share is sent, from nothing to all but its last byte. */
  | {
      readonly kind: 'cut';
      /** Unit: thousandths of the response. */
      readonly share: number;
      readonly framing: Exclude<Framing, 'close'>;
      readonly end: End;
      readonly carriedOut: boolean;
    }
  /** The server ends the connection before it has read the whole request. */
  | { readonly kind: 'unread'; readonly end: End }
  | { readonly kind: 'odd'; readonly what: (typeof oddities)[number]; readonly carriedOut: boolean };

/** Every call that a plan may make, by the effect of its operation. */
const callNames = {
  read: ['balance', 'node', 'sessions', 'download', 'balance by path'],
  idempotent: ['stop'],
  disruptive: ['reboot', 'prices', 'wallet', 'reboot by path'],
  billable: ['machine', 'render node', 'relay', 'machine by path'],
} as const;

type Effect = keyof typeof callNames;
export type CallName = (typeof callNames)[Effect][number];

/** How a call is read. */
export type Reading = 'data' | 'details' | 'raw';

/** One call: its operation, when the caller aborts, and how the server treats each request that arrives. */
export interface Plan {
  readonly effect: Effect;
  readonly call: CallName;
  readonly reading: Reading;
  /** Unit: ms; 0 is no limit. */
  readonly timeoutMs: number;
  /** Unit: ms; 0 is no limit. */
  readonly totalTimeoutMs: number;
  readonly retries: number;
  /** When the caller aborts; 0: before the call, undefined: never. Unit: ms. */
  readonly abortsAfterMs: number | undefined;
  /** Whether it aborts by a controller or by a signal with a time limit. */
  readonly abortsBy: 'hand' | 'clock';
  readonly hook: 'quick' | 'slow' | 'stuck';
  /** Treatments in the order in which requests of this call arrive; later requests get a good response. */
  readonly faults: readonly Fault[];
}

/** How a new connection is treated before any byte is read. */
export type Fate =
  | { readonly kind: 'serve' | 'reset' | 'fin' }
  /** The server reads nothing for a while, and then serves or resets the connection. */
  | { readonly kind: 'late' | 'deaf'; readonly afterMs: number };

const longestDelayMs = 60;
/**
 * A call with long limits ends because the server ends it, unless the runtime forgets the call: Node 20 sometimes does so
 * if the connection for its request is reset at once.
 */
const patience = { timeoutMs: 2_000, totalTimeoutMs: 30_000 };
/** Limits of the client, and so of calls by path, which have no limits of their own. */
export const clientLimits = { timeoutMs: 250, totalTimeoutMs: 700, retries: 2 };
/** Longest duration of a call without a total limit: a few short attempts and waits. Unit: ms. */
const unlimitedMs = 10_000;

const end = fc.constantFrom<End[]>('reset', 'fin', 'stall');
const delayMs = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: longestDelayMs }));

const answer = fc.record({
  kind: fc.constant('answer' as const),
  framing: fc.constantFrom<Framing[]>('length', 'length', 'chunked', 'close'),
  delayMs,
  trickled: fc.constantFrom(false, false, true),
  afterwards: fc.constantFrom('keep', 'keep', 'keep', 'keep', 'announce', 'fin', 'reset', 'rubbish'),
});

// The dates are a second apart, and are compared with each other.
const retryAfter = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(undefined, '0') },
  fc.constantFrom('1', '3600', '-5', 'soon', 'Thu, 01 Jan 2026 00:00:01 GMT', 'Thu, 01 Jan 2025 00:00:00 GMT'),
);

const status = fc.record({
  kind: fc.constant('status' as const),
  status: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(429, 500, 502, 503, 504) },
    fc.constantFrom(400, 401, 403, 404, 408, 409, 422, 425, 501, 505),
    { weight: 1, arbitrary: fc.constantFrom(301, 302, 303, 307, 308) },
  ),
  retryAfter,
  body: fc.constantFrom('json', 'page', 'large', 'none'),
  delayMs,
  carriedOut: fc.boolean(),
});

const cut = fc.record({
  kind: fc.constant('cut' as const),
  share: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999 })),
  framing: fc.constantFrom<('length' | 'chunked')[]>('length', 'chunked'),
  end,
  carriedOut: fc.boolean(),
});

const unread = fc.record({ kind: fc.constant('unread' as const), end });

const odd = fc.record({
  kind: fc.constant('odd' as const),
  what: fc.constantFrom(...oddities),
  carriedOut: fc.boolean(),
});

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 4, arbitrary: answer },
  { weight: 4, arbitrary: status },
  { weight: 6, arbitrary: cut },
  { weight: 2, arbitrary: unread },
  { weight: 2, arbitrary: odd },
);

const shortMs = fc.integer({ min: 20, max: 200 });
const noMs = fc.constant(0);
const giveUp = fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.integer({ min: 0, max: 150 }));

/** Limits of every kind, including none; then the caller ends the call. */
const limits = fc.oneof(
  fc.record({ timeoutMs: shortMs, totalTimeoutMs: fc.integer({ min: 40, max: 500 }), abortsAfterMs: giveUp }),
  fc.record({ timeoutMs: shortMs, totalTimeoutMs: noMs, abortsAfterMs: giveUp }),
  fc.record({ timeoutMs: noMs, totalTimeoutMs: fc.integer({ min: 40, max: 300 }), abortsAfterMs: giveUp }),
  fc.record({ timeoutMs: noMs, totalTimeoutMs: noMs, abortsAfterMs: fc.integer({ min: 0, max: 120 }) }),
  {
    weight: 6,
    arbitrary: fc.record({
      timeoutMs: fc.constant(patience.timeoutMs),
      totalTimeoutMs: fc.constant(patience.totalTimeoutMs),
      abortsAfterMs: giveUp,
    }),
  },
);

const what = fc
  .constantFrom<Effect[]>('read', 'read', 'idempotent', 'disruptive', 'billable', 'billable')
  .chain((effect) =>
    fc.record({ effect: fc.constant(effect), call: fc.constantFrom<CallName[]>(...callNames[effect]) }),
  );

const how = fc.record({
  reading: fc.constantFrom<Reading[]>('data', 'data', 'details', 'raw'),
  retries: fc.integer({ min: 0, max: 3 }),
  abortsBy: fc.constantFrom<Plan['abortsBy'][]>('hand', 'hand', 'clock'),
  hook: fc.constantFrom<Plan['hook'][]>('quick', 'quick', 'quick', 'quick', 'slow', 'stuck'),
  faults: fc.array(fault, { maxLength: 3 }),
});

/** A call without short limits or an abort must not get a response that never ends. */
function endable(drawn: Plan): Plan {
  const plan = drawn.call.endsWith('by path') ? { ...drawn, ...clientLimits, reading: 'data' as const } : drawn;
  const { totalTimeoutMs, abortsAfterMs } = plan;
  const ends = abortsAfterMs !== undefined || (totalTimeoutMs > 0 && totalTimeoutMs < patience.totalTimeoutMs);
  const stuck = plan.hook === 'stuck' && !ends;
  const patient = plan.timeoutMs === patience.timeoutMs && !ends;
  const faults = plan.faults.map(
    (each): Fault => (patient && 'end' in each && each.end === 'stall' ? { ...each, end: 'reset' } : each),
  );
  return { ...plan, faults, hook: stuck ? 'slow' : plan.hook };
}

const plan: fc.Arbitrary<Plan> = fc
  .tuple(what, limits, how)
  .map(([called, limited, done]) => endable({ ...called, ...limited, ...done }));

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 20, arbitrary: fc.constant({ kind: 'serve' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reset', 'fin') }) },
  fc.record({ kind: fc.constantFrom('late', 'deaf'), afterMs: fc.integer({ min: 20, max: 250 }) }),
);

/** The plans of a run. */
export function plansOf(seed: number, count: number): readonly Plan[] {
  return fc.sample(plan, { seed, numRuns: count });
}

/** How the connections of a run are treated, in the order in which they are made. */
export function fatesOf(seed: number, count: number): readonly Fate[] {
  return fc.sample(fate, { seed, numRuns: count });
}

/** Longest duration of a call by its own limits. Unit: ms. */
export function limitOf({ totalTimeoutMs, abortsAfterMs }: Plan): number {
  return Math.min(abortsAfterMs ?? Number.POSITIVE_INFINITY, totalTimeoutMs === 0 ? unlimitedMs : totalTimeoutMs);
}
