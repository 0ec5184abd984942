/** Scenarios of the simulated API. Each injects faults into the simulator, and may change options of the client. */
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

/** What a scenario works with. */
export interface Setting {
  /** Speed of the simulator, as a multiple of real time. */
  readonly speed: number;
  readonly baseUrls: readonly string[];
}

/** One scenario. */
export interface Scenario {
  readonly id: ScenarioId;
  readonly name: string;
  /** What happens to requests. */
  readonly effect: string;
  /** Faults. A request gets the first one that matches. */
  readonly faults: (setting: Setting) => readonly (readonly [FaultMatch, Fault])[];
  /** Options of the client besides those of the sidebar. */
  readonly options?: (setting: Setting) => OctaClientOptions;
  /** Changes the text of a response. */
  readonly rewrite?: (text: string) => string;
}

/** The public figures need no key, so this fault does not apply to them. */
function needsKey({ operation }: MatchedRequest): boolean {
  return operation !== 'getNetwork' && operation !== 'listApps';
}

function everything(fault: Fault): Scenario['faults'] {
  return () => [['*', fault]];
}

const withRequestId = (id: string) => ({ 'x-request-id': `sim-${id}` });

const table: Readonly<Record<ScenarioId, Omit<Scenario, 'id'>>> = {
  normal: { name: 'Everything works', effect: 'The simulator responds as the API does.', faults: () => [] },
  unauthorized: {
    name: '401 Unauthorized',
    effect: 'Every call that needs a key is refused.',
    faults: () => [[needsKey, { status: 401, headers: withRequestId('401') }]],
  },
  forbidden: {
    name: '403 Forbidden',
    effect: 'The key is valid, but has no permissions.',
    faults: () => [[needsKey, { status: 403, headers: withRequestId('403') }]],
  },
  'not-found': {
    name: '404 Not found',
    effect: 'Nothing that you request exists.',
    faults: everything({ status: 404, headers: withRequestId('404') }),
  },
  'rate-limited': {
    name: '429 Too many requests',
    effect: 'Every request is refused with a Retry-After of 1 s. The SDK waits that long.',
    faults: everything({ status: 429, headers: { 'retry-after': '1', ...withRequestId('429') } }),
  },
  'server-error': {
    name: '500 Server error',
    effect: 'Every request fails with an internal error of the API.',
    faults: everything({ status: 500, headers: withRequestId('500') }),
  },
  unavailable: {
    name: '503 Unavailable',
    effect: 'The API is down for maintenance. The client avoids a base URL after each failure.',
    faults: everything({ status: 503, headers: withRequestId('503') }),
  },
  slow: {
    name: 'Slow',
    effect: 'Every response takes 2.5 s.',
    faults: ({ speed }) => [['*', { delayMs: 2_500 * speed }]],
  },
  timeout: {
    name: 'Timeout',
    effect: 'There is no response. The client waits 1 s for each attempt.',
    faults: everything({ stall: 'headers' }),
    options: ({ speed }) => ({ timeoutMs: 1_000 * speed, retries: 1 }),
  },
  'network-error': {
    name: 'Network error',
    effect: 'Every connection breaks before the request arrives.',
    faults: everything({ lost: 'before' }),
  },
  flaky: {
    name: 'Flaky',
    effect: 'Every other request of an operation fails, with a 503 or a lost connection. Reads succeed after a retry.',
    faults: () => [
      [({ nth }) => nth % 4 === 1, { status: 503 }],
      [({ nth }) => nth % 4 === 3, { lost: 'before' }],
    ],
  },
  failover: {
    name: 'First base URL down',
    effect: 'Only the first base URL is down. Calls use the next one at once.',
    faults: ({ baseUrls: [first = ''] }) => [[({ url }) => url.startsWith(`${first}/`), { lost: 'before' }]],
  },
  drifted: {
    name: 'Drifted data',
    effect:
      'Fields are new, missing or of another type. The other fields stay usable, and the diagnostics list the differences.',
    faults: () => [],
    rewrite: drifted,
  },
};

/** Every scenario, the normal one first. */
export const scenarios: readonly Scenario[] = ids.map((id) => ({ id, ...table[id] }));

export function scenarioOf(id: ScenarioId): Scenario {
  return { id, ...table[id] };
}
