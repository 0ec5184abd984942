/** What 10 000 calls and the servers behind them do, drawn from a seed: the same seed gives the same plans everywhere. */
import fc from 'fast-check';

/** The header that says which call a request belongs to. */
export const callHeader = 'x-call';

/** How an answer says where it ends. */
export type Framing = 'length' | 'chunked' | 'close';

/** What a server does to a connection once it is done with it, or instead of being done with it. */
export type End = 'reset' | 'fin' | 'stall';

/** Answers that no caller expects, and some that nobody should send. */
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

/** What becomes of one request at the server. */
export type Fault =
  /** A good answer; afterwards the connection is kept, closed as announced, or dropped without a word. */
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
  /** A good answer of which only a share is sent, from nothing of it to all but its last byte. */
  | {
      readonly kind: 'cut';
      /** Unit: thousandths of the answer. */
      readonly share: number;
      readonly framing: Exclude<Framing, 'close'>;
      readonly end: End;
      readonly carriedOut: boolean;
    }
  /** The server ends it before it has read the request whole. */
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

/** One call: what the caller asks for, when it gives up, and what the server does to each request that arrives. */
export interface Plan {
  readonly effect: Effect;
  readonly call: CallName;
  readonly reading: Reading;
  /** Unit: ms; 0 is no limit. */
  readonly timeoutMs: number;
  /** Unit: ms; 0 is no limit. */
  readonly totalTimeoutMs: number;
  readonly retries: number;
  /** When the caller gives up; 0 is before the call, undefined never. Unit: ms. */
  readonly abortsAfterMs: number | undefined;
  /** Whether it gives up by a controller or by a signal with a time limit in it. */
  readonly abortsBy: 'hand' | 'clock';
  readonly hook: 'quick' | 'slow' | 'stuck';
  /** By the order in which requests of this call arrive; later ones get a good answer. */
  readonly faults: readonly Fault[];
}

/** What becomes of a connection as soon as it is made, before a byte of it is read. */
export type Fate =
  | { readonly kind: 'serve' | 'reset' | 'fin' }
  /** Nothing is read for a while; then it is served, or reset. */
  | { readonly kind: 'late' | 'deaf'; readonly afterMs: number };

const longestDelayMs = 60;
/**
 * A call whose own limits are long ends because the server makes it end. Unless the runtime forgets it: Node 20 does so
 * now and then with a request for which a connection is made that is reset at once.
 */
const patience = { timeoutMs: 2_000, totalTimeoutMs: 30_000 };
/** Limits of the client, and so of calls by path, which take none of their own. */
export const clientLimits = { timeoutMs: 250, totalTimeoutMs: 700, retries: 2 };
/** Bound of a call without a limit of its own as a whole: a few short attempts and waits. Unit: ms. */
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

// The dates are a second apart, and are measured against each other.
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

/** Limits of every kind, none at all included; then the caller is the one that ends it. */
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

/** A call that nothing on its own side ends soon must not be given anything that has no end. */
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

/** What becomes of the connections of a run, in the order in which they are made. */
export function fatesOf(seed: number, count: number): readonly Fate[] {
  return fc.sample(fate, { seed, numRuns: count });
}

/** How long a call may take at most by its own limits. Unit: ms. */
export function limitOf({ totalTimeoutMs, abortsAfterMs }: Plan): number {
  return Math.min(abortsAfterMs ?? Number.POSITIVE_INFINITY, totalTimeoutMs === 0 ? unlimitedMs : totalTimeoutMs);
}
