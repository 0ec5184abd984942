/** Reads the live API and records where its responses differ from the spec. */
import { operations } from '../../generated/operations.ts';
import { parseExact } from '../../src/codec/json.ts';
import type { FieldType } from '../../src/codec/plan.ts';
import { formsOf } from '../../src/core/rows.ts';
import {
  type DriftEvent,
  isApiError,
  isOctaError,
  OctaClient,
  type OctaClientOptions,
  OctaResponseError,
} from '../../src/index.ts';
import { type AnswerIssue, validator } from '../../src/zod/index.ts';
import { type Observation, Observer, type Steps, stepsOf, untypedPlaces } from './observe.ts';
import { assertReadOnly, type Call, type Found, leftOut, type Probe, probes } from './probes.ts';

/** One difference of an operation. */
export interface LiveDrift extends Observation {
  /** `invalid`: the right type, but a value that the schema does not allow. */
  readonly kind: 'unknown' | 'missing' | 'mistyped' | 'invalid';
  readonly expected: string;
}

/** The contents of one section of the report. */
export interface Section {
  readonly title: string;
  readonly route: string;
  /** Set when nothing was called. */
  readonly skipped?: string;
  readonly calls: number;
  /** Number of responses by HTTP status. */
  readonly statuses: ReadonlyMap<string, number>;
  /** Items of lists; a single object is one. */
  readonly items: number;
  readonly drift: readonly LiveDrift[];
  /** Values of fields that have no type in the spec. */
  readonly untyped: readonly Observation[];
  /** Errors by class, with their status. */
  readonly errors: ReadonlyMap<string, number>;
  /** Whether a response as a whole was something else. */
  readonly unreadable: boolean;
}

/** Settings of a run. */
export interface LiveOptions extends Pick<OctaClientOptions, 'apiKey' | 'baseUrl' | 'fetch' | 'retries'> {
  readonly apiKey: string | undefined;
  /** Whether the report has keys inside unknown fields. */
  readonly keys: boolean;
}

/** Differences of one call. */
interface Heard {
  readonly events: DriftEvent[];
  /** Differences that the validator found, even if decoding also reported them. */
  readonly issues: AnswerIssue[];
}

/** A difference, and its response. */
interface Told {
  readonly event: DriftEvent;
  readonly answer: unknown;
  readonly invalid: boolean;
}

/** Results of the calls of one section. */
interface Gathered {
  readonly answers: unknown[];
  readonly events: Told[];
  readonly statuses: Map<string, number>;
  readonly errors: Map<string, number>;
  unreadable: boolean;
  items: number;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** The class of an error, and the safe part of its message, without text of the API. */
function errorText(error: unknown): string {
  if (!isOctaError(error)) return error instanceof Error ? error.name : typeof error;
  if (isApiError(error)) return `${error.name} ${error.status}`;
  const mismatch = /^[^:]*: (expected [^:]*, but the response is (?:null|a list|an object|an? \w+))$/.exec(
    error.message,
  )?.[1];
  return mismatch === undefined ? error.name : `${error.name}: ${mismatch}`;
}

/** Whether only the validator reported it. */
function isInvalid({ path, expected, received }: DriftEvent, { issues }: Heard): boolean {
  // Decoding has already removed what it reports.
  const same = (issue: AnswerIssue) => issue.path === path && issue.expected === expected;
  return received !== undefined && issues.some((issue) => same(issue) && issue.received === received);
}

async function gather(call: Call, into: Gathered, heard: Heard): Promise<unknown> {
  heard.events.length = 0;
  heard.issues.length = 0;
  try {
    const { data, response } = await call().withResponse();
    const answer = parseExact(response.text);
    into.answers.push(answer);
    into.items += Array.isArray(answer) ? answer.length : 1;
    into.events.push(...heard.events.map((event) => ({ event, answer, invalid: isInvalid(event, heard) })));
    count(into.statuses, String(response.status));
    return data;
  } catch (error) {
    count(into.errors, errorText(error));
    if (isApiError(error)) count(into.statuses, String(error.status));
    // An empty body, broken JSON, or a list for an object is drift, too.
    if (error instanceof OctaResponseError) into.unreadable = true;
    return undefined;
  }
}

/** One difference in all responses. An unknown field is shown with its contents. */
function driftAt({ event, invalid }: Told, steps: Steps, observer: Observer): LiveDrift[] {
  const { expected, received } = event;
  if (expected === 'absent') {
    return observer.unknownAt(steps).map((each) => ({ ...each, kind: 'unknown', expected: 'nothing' }));
  }
  const kind = received === undefined ? 'missing' : invalid ? 'invalid' : 'mistyped';
  return [{ ...observer.at(steps), kind, expected }];
}

function driftIn({ events }: Gathered, type: FieldType, observer: Observer): LiveDrift[] {
  const found = new Map<string, LiveDrift>();
  for (const told of events) {
    const steps = stepsOf(told.event.path, told.answer, type);
    if (steps === undefined) continue;
    for (const drift of driftAt(told, steps, observer)) {
      found.set(`${drift.kind} ${drift.place} ${drift.expected}`, drift);
    }
  }
  return [...found.values()];
}

function untypedIn(type: FieldType, observer: Observer): Observation[] {
  const observed = untypedPlaces(type).flatMap((steps) => observer.unknownAt(steps));
  return observed.filter(({ shapes }) => [...shapes.keys()].some((shape) => shape !== 'absent'));
}

function titleOf({ operation, variant }: Probe): string {
  return variant === undefined ? operation : `${operation} (${variant})`;
}

function skip(title: string, route: string, skipped: string): Section {
  const nothing = { statuses: new Map(), errors: new Map(), drift: [], untyped: [] };
  return { title, route, skipped, calls: 0, items: 0, unreadable: false, ...nothing };
}

/** Makes the calls in sequence, so that each difference belongs to a known call. */
export async function checkLive({ apiKey, keys, ...options }: LiveOptions): Promise<Section[]> {
  const heard: Heard = { events: [], issues: [] };
  const { check } = validator('report');
  const client = OctaClient.fromEnv({
    ...options,
    // Without a key in the options, do not use OCTA_API_KEY either.
    apiKey: apiKey ?? (() => undefined),
    logLevel: 'silent',
    onRequest: ({ operation, method }) => assertReadOnly(operation, method),
    onDrift: (event) => {
      heard.events.push(event);
    },
    // Decoding does not check ranges, fractions and lists of values.
    validate: {
      mode: 'report',
      check: (operation, value) => {
        const issues = check(operation, value);
        heard.issues.push(...issues);
        return issues;
      },
    },
  });
  const found: Found = { nodes: [], active: [], recent: [] };
  const sections: Section[] = [];
  for (const probe of probes) {
    sections.push(await checkProbe(probe, { client, found, heard, keys, hasKey: apiKey !== undefined }));
  }
  const others = Object.entries(leftOut).map(([id, why]) => {
    const row = Object.entries(operations).find(([each]) => each === id)?.[1];
    return skip(id, `${row?.method} ${row?.path}`, why);
  });
  return [...sections, ...others];
}

interface Run {
  readonly client: OctaClient;
  readonly found: Found;
  readonly heard: Heard;
  readonly keys: boolean;
  readonly hasKey: boolean;
}

async function checkProbe(probe: Probe, { client, found, heard, keys, hasKey }: Run): Promise<Section> {
  const row = operations[probe.operation];
  const title = titleOf(probe);
  const route = `${row.method} ${row.path}`;
  if (!hasKey && row.auth !== 'none') return skip(title, route, 'needs OCTA_API_KEY');
  const calls = probe.calls(client, found);
  if (calls.length === 0) return skip(title, route, probe.needs ?? 'nothing to call');
  const gathered: Gathered = {
    answers: [],
    events: [],
    statuses: new Map(),
    errors: new Map(),
    unreadable: false,
    items: 0,
  };
  for (const call of calls) {
    const data = await gather(call, gathered, heard);
    probe.keep?.(found, data);
  }
  const [type] = formsOf(row);
  const { statuses, errors, unreadable, items } = gathered;
  const observer = new Observer(gathered.answers, keys);
  const drift = type === undefined ? [] : driftIn(gathered, type, observer);
  const untyped = type === undefined ? [] : untypedIn(type, observer);
  return { title, route, calls: calls.length, statuses, items, drift, untyped, errors, unreadable };
}

/** Whether any response differs from the spec. */
export function hasDrift(sections: readonly Section[]): boolean {
  return sections.some(({ drift, unreadable }) => drift.length > 0 || unreadable);
}

/** Whether all calls failed. */
export function hasFailed(sections: readonly Section[]): boolean {
  return sections.some(({ calls, statuses }) => calls > 0 && !statuses.has('200') && !statuses.has('404'));
}
