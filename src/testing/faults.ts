/** Faults that a test injects: which requests they match, how often, and what they do. */
import type { operations as contract } from '@octaspace/sdk';
import { operations } from '../../generated/operations.ts';
import { isRecord } from '../codec/record.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { didYouMean } from '../nearest.ts';
import {
  anything,
  aStatus,
  aText,
  type Check,
  check,
  checkFields,
  headers as headersRule,
  oneOf,
  onlyTrue,
  refuse,
  someMs,
  times as timesRule,
} from './checks.ts';

/** A delay that any fault may have. */
export interface FaultDelay {
  /** Delay of the processing, which happens even if the client gives up meanwhile. Unit: ms. */
  readonly delayMs?: number | undefined;
}

/** Responds with a status, and does not process the request. */
export interface StatusFault extends FaultDelay {
  /** HTTP status, from 200 to 599. */
  readonly status: number;
  /** Response body: a string is sent unchanged, other values as JSON. Default: a body that fits the status. */
  readonly body?: unknown;
  /** Response headers, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Breaks the connection before or after the processing. After: the request took effect, but the response is lost. */
export interface LostFault extends FaultDelay {
  /** When the connection breaks. */
  readonly lost: 'before' | 'after';
}

/** Processes the request, but the response never arrives, or stops halfway through its body. */
export interface StallFault extends FaultDelay {
  /** What never arrives, or never ends. */
  readonly stall: 'headers' | 'body';
}

/** Processes the request, but breaks the connection halfway through the body. */
export interface CutFault extends FaultDelay {
  /** Always true. */
  readonly cut: true;
}

/** Processes the request, but sends only half of the JSON text, with a clean end. */
export interface InvalidJsonFault extends FaultDelay {
  /** Always true. */
  readonly invalidJson: true;
}

/** Refuses a start with HTTP status 200. Does not match other requests. */
export interface RefuseFault extends FaultDelay {
  /** The reason in the response. */
  readonly refuse: string;
}

/** Processes the request normally, but later. */
export interface DelayFault {
  /** How much later. Unit: ms. */
  readonly delayMs: number;
}

/** What goes wrong with a request. */
export type Fault = StatusFault | LostFault | StallFault | CutFault | InvalidJsonFault | RefuseFault | DelayFault;

/** A request to the simulator. */
export interface SimulatedRequest {
  /** The operation; undefined if the API does not have the path. */
  readonly operation: keyof contract | undefined;
  /** HTTP method. */
  readonly method: string;
  /** The URL of the request; a relative URL has no host. */
  readonly url: string;
  /** Path and query below `basePath`. */
  readonly path: string;
  /** Headers by their names in lower case, without `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A request, as the match function of a fault receives it. */
export interface MatchedRequest extends SimulatedRequest {
  /** The parsed body; undefined if there is none, or it is not JSON. */
  readonly body: unknown;
  /** Its number among the requests for the operation; the first is 1. */
  readonly nth: number;
}

/** Which requests match: those for an operation or one of several, all (`*`), or those for which a function returns true. */
export type FaultMatch =
  | keyof contract
  | '*'
  | readonly (keyof contract | '*')[]
  | ((request: MatchedRequest) => boolean);

/** A fault that was injected. */
export interface ScriptedFault {
  /** How many more requests it applies to; may be infinite. Unit: count. */
  readonly remaining: number;
  /** How many requests it has applied to. Unit: count. */
  readonly hits: number;
  /** Removes the fault. */
  remove(): void;
}

const kinds: Readonly<Record<string, Check>> = {
  status: aStatus,
  lost: oneOf(['before', 'after']),
  stall: oneOf(['headers', 'body']),
  cut: onlyTrue,
  invalidJson: onlyTrue,
  refuse: aText,
};
const faultRules = { ...kinds, delayMs: someMs, body: anything, headers: headersRule };

function checkFault(fault: unknown): void {
  checkFields('fault', fault, faultRules);
  const given = Object.entries(Object(fault)).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const found = given.filter((name) => Object.hasOwn(kinds, name));
  const allowed = `one of ${Object.keys(kinds).join(', ')}, or only delayMs`;
  if (found.length === 0 && !given.includes('delayMs')) {
    throw new OctaConfigurationError({ message: `fault does not say what goes wrong; set ${allowed}` });
  }
  if (found.length > 1) refuse('fault', found.join(', '), allowed);
  const extra = given.find((name) => name === 'body' || name === 'headers');
  if (extra !== undefined && found[0] !== 'status')
    refuse(`fault.${extra}`, Reflect.get(Object(fault), extra), 'only with status');
}

/** Operations that can be refused with HTTP status 200. */
const starts = Object.entries(operations).flatMap(([id, { effect }]) => (effect === 'billable' ? [id] : []));

function isStart(operation: keyof contract | undefined): boolean {
  return operation !== undefined && starts.includes(operation);
}

function checkOperation(name: unknown, known: readonly string[]): void {
  if (typeof name === 'string' && !known.includes(name)) {
    const message = `unknown operation ${JSON.stringify(name)}; ${didYouMean(name, known)}`;
    throw new OctaConfigurationError({ message });
  }
  check('match', name, oneOf(known));
}

function matcher(match: unknown, refuses: boolean): (request: MatchedRequest) => boolean {
  if (typeof match === 'function') return (request) => match(request) === true;
  const names: unknown[] = Array.isArray(match) ? match : [match];
  const known = [...Object.keys(operations), '*'];
  if (names.length === 0)
    refuse('match', match, `one of ${known.join(', ')}, a non-empty array of these, or a function`);
  for (const name of names) checkOperation(name, known);
  if (refuses && !names.includes('*')) {
    for (const name of names) check('match', name, oneOf(starts));
  }
  return ({ operation }) => names.includes('*') || names.includes(operation);
}

/** One entry of the script. */
class Entry implements ScriptedFault {
  readonly fault: Fault;
  readonly #matches: (request: MatchedRequest) => boolean;
  #remaining: number;
  #hits = 0;

  constructor(match: FaultMatch, fault: Fault, times: number) {
    this.#matches = matcher(match, 'refuse' in fault);
    this.fault = fault;
    this.#remaining = times;
  }

  get remaining(): number {
    return this.#remaining;
  }

  get hits(): number {
    return this.#hits;
  }

  remove(): void {
    this.#remaining = 0;
  }

  /** Whether it applies to this request. If so, counts one use. */
  meets(request: MatchedRequest): boolean {
    if (this.#remaining < 1 || ('refuse' in this.fault && !isStart(request.operation))) return false;
    if (!this.#matches(request)) return false;
    this.#remaining--;
    this.#hits++;
    return true;
  }
}

/** The injected faults, in the order of their injection. */
export class FaultScript {
  #entries: readonly Entry[] = [];

  add(match: FaultMatch, fault: Fault, times: number): ScriptedFault {
    checkFault(fault);
    check('times', times, timesRule);
    const entry = new Entry(match, isRecord(fault) ? { ...fault } : fault, times);
    this.#entries = [...this.#entries, entry];
    return entry;
  }

  clear(): void {
    for (const entry of this.#entries) entry.remove();
    this.#entries = [];
  }

  /** The first fault that applies to a request. Counts one use of it. */
  take(request: MatchedRequest): Fault | undefined {
    if (this.#entries.length === 0) return undefined;
    const found = this.#entries.find((entry) => entry.meets(request));
    if (this.#entries.some(({ remaining }) => remaining < 1)) {
      this.#entries = this.#entries.filter(({ remaining }) => remaining >= 1);
    }
    return found?.fault;
  }
}
