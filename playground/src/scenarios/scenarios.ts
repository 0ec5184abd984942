/** What the simulated API shall be like: each scenario orders faults of the simulator, and may change how the client is set. */
import type { OctaClientOptions } from '@octaspace/sdk';
import type { Fault, FaultMatch, MatchedRequest } from '@octaspace/sdk/testing';
import { drifted } from './drifted.ts';

const ids = [
  'normal',
  'unauthorized',
  'forbidden',
  'not-found',
  'rate-limited',
  'server-error',
  'unavailable',
  'slow',
  'timeout',
  'network-error',
  'flaky',
  'failover',
  'drifted',
] as const;

export type ScenarioId = (typeof ids)[number];

export function isScenarioId(text: string): text is ScenarioId {
  return (ids as readonly string[]).includes(text);
}

/** What a scenario can work with. */
export interface Setting {
  /** Times within the simulator are multiples of real ones. */
  readonly speed: number;
  readonly baseUrls: readonly string[];
}

/** One scenario. */
export interface Scenario {
  readonly id: ScenarioId;
  readonly name: string;
  /** What happens to whatever is sent. */
  readonly effect: string;
  /** Faults, the first that matches wins. */
  readonly faults: (setting: Setting) => readonly (readonly [FaultMatch, Fault])[];
  /** Options of the client besides those of the sidebar. */
  readonly options?: (setting: Setting) => OctaClientOptions;
  /** Changes the text of an answer on its way. */
  readonly rewrite?: (text: string) => string;
}

/** Public figures need no key, so no key is refused there. */
function needsKey({ operation }: MatchedRequest): boolean {
  return operation !== 'getNetwork' && operation !== 'listApps';
}

function everything(fault: Fault): Scenario['faults'] {
  return () => [['*', fault]];
}

const withRequestId = (id: string) => ({ 'x-request-id': `sim-${id}` });

const table: Readonly<Record<ScenarioId, Omit<Scenario, 'id'>>> = {
  normal: { name: 'Everything works', effect: 'The simulator answers as the API does.', faults: () => [] },
  unauthorized: {
    name: '401 Unauthorized',
    effect: 'The key is refused wherever one is needed.',
    faults: () => [[needsKey, { status: 401, headers: withRequestId('401') }]],
  },
  forbidden: {
    name: '403 Forbidden',
    effect: 'The key is known, but not allowed to do anything.',
    faults: () => [[needsKey, { status: 403, headers: withRequestId('403') }]],
  },
  'not-found': {
    name: '404 Not found',
    effect: 'Whatever is asked for is not there.',
    faults: everything({ status: 404, headers: withRequestId('404') }),
  },
  'rate-limited': {
    name: '429 Too many requests',
    effect: 'Refused, with a Retry-After of 1 s, which the SDK waits for.',
    faults: everything({ status: 429, headers: { 'retry-after': '1', ...withRequestId('429') } }),
  },
  'server-error': {
    name: '500 Server error',
    effect: 'Every request fails inside the API.',
    faults: everything({ status: 500, headers: withRequestId('500') }),
  },
  unavailable: {
    name: '503 Unavailable',
    effect: 'The API is down for maintenance; base URLs rest after each failure.',
    faults: everything({ status: 503, headers: withRequestId('503') }),
  },
  slow: {
    name: 'Slow',
    effect: 'Every answer takes 2.5 s.',
    faults: ({ speed }) => [['*', { delayMs: 2_500 * speed }]],
  },
  timeout: {
    name: 'Timeout',
    effect: 'No answer ever comes; the client waits 1 s for each attempt.',
    faults: everything({ stall: 'headers' }),
    options: ({ speed }) => ({ timeoutMs: 1_000 * speed, retries: 1 }),
  },
  'network-error': {
    name: 'Network error',
    effect: 'Every connection breaks before the request gets there.',
    faults: everything({ lost: 'before' }),
  },
  flaky: {
    name: 'Flaky',
    effect: 'Every other request of an operation fails: a 503, or a lost connection. Retries get the reads through.',
    faults: () => [
      [({ nth }) => nth % 4 === 1, { status: 503 }],
      [({ nth }) => nth % 4 === 3, { lost: 'before' }],
    ],
  },
  failover: {
    name: 'First base URL down',
    effect: 'Only the first base URL is down: calls move on to the next at once.',
    faults: ({ baseUrls: [first = ''] }) => [[({ url }) => url.startsWith(`${first}/`), { lost: 'before' }]],
  },
  drifted: {
    name: 'Drifted data',
    effect: 'Fields are new, missing or of another type. What is left stays usable; diagnostics list the rest.',
    faults: () => [],
    rewrite: drifted,
  },
};

/** Every scenario, the normal one first. */
export const scenarios: readonly Scenario[] = ids.map((id) => ({ id, ...table[id] }));

export function scenarioOf(id: ScenarioId): Scenario {
  return { id, ...table[id] };
}
