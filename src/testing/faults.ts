/** Faults that a test orders: which requests they meet, how often, and what they do. */
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

/** What may come with any fault. */
export interface FaultDelay {
  /** The request is processed, and answered, this much later; also when the client gives up meanwhile. Unit: ms. */
  readonly delayMs?: number | undefined;
}

/** Answered with a status instead of being processed. */
export interface StatusFault extends FaultDelay {
  /** HTTP status, from 200 to 599. */
  readonly status: number;
  /** Text as it is, anything else as JSON. Default: what the API says with that status. */
  readonly body?: unknown;
  /** Headers of the answer, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The connection breaks before the request is processed, or after: then it took effect, but its answer is lost. */
export interface LostFault extends FaultDelay {
  /** Whether it breaks before or after the request has taken effect. */
  readonly lost: 'before' | 'after';
}

/** Processed, but the answer never comes, or stops halfway through its body without an end. */
export interface StallFault extends FaultDelay {
  /** What never comes, or never ends. */
  readonly stall: 'headers' | 'body';
}

/** Processed, but the connection breaks halfway through the body. */
export interface CutFault extends FaultDelay {
  /** Always true. */
  readonly cut: true;
}

/** Processed, but the body is half of the JSON text, with a clean end. */
export interface InvalidJsonFault extends FaultDelay {
  /** Always true. */
  readonly invalidJson: true;
}

/** A start that is refused for this reason within HTTP 200; requests that start nothing are not met by it. */
export interface RefuseFault extends FaultDelay {
  /** The reason that the answer gives. */
  readonly refuse: string;
}

/** Processed and answered, but later. */
export interface DelayFault {
  /** How much later. Unit: ms. */
  readonly delayMs: number;
}

/** What goes wrong with a request. */
export type Fault = StatusFault | LostFault | StallFault | CutFault | InvalidJsonFault | RefuseFault | DelayFault;

/** What a request asks for. */
export interface SimulatedRequest {
  /** Undefined for a path that the API does not have. */
  readonly operation: keyof contract | undefined;
  /** HTTP method. */
  readonly method: string;
  /** The whole URL, as it was asked for: a relative one has no host. */
  readonly url: string;
  /** Path and query below `basePath`. */
  readonly path: string;
  /** Names in lower case; `authorization` is not among them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A request, as a fault's own condition sees it. */
export interface MatchedRequest extends SimulatedRequest {
  /** Parsed; undefined without a body, or when it is not JSON. */
  readonly body: unknown;
  /** Which request for this operation it is; 1 for the first. */
  readonly nth: number;
}

/** Which requests a fault meets: those for an operation or one of several, all (`*`), or those that a function picks. */
export type FaultMatch =
  | keyof contract
  | '*'
  | readonly (keyof contract | '*')[]
  | ((request: MatchedRequest) => boolean);

/** A fault that was ordered. */
export interface ScriptedFault {
  /** How many more requests it will meet; may be infinite. Unit: count. */
  readonly remaining: number;
  /** How many requests it has met. Unit: count. */
  readonly hits: number;
  /** Takes it back. */
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
  const allowed = `one of ${Object.keys(kinds).join(', ')}, or delayMs alone`;
  if (found.length === 0 && !given.includes('delayMs')) {
    throw new OctaConfigurationError({ message: `fault says nothing of what goes wrong; needed: ${allowed}` });
  }
  if (found.length > 1) refuse('fault', found.join(', '), allowed);
  const extra = given.find((name) => name === 'body' || name === 'headers');
  if (extra !== undefined && found[0] !== 'status')
    refuse(`fault.${extra}`, Reflect.get(Object(fault), extra), 'with status');
}

/** What can be refused within HTTP 200. */
const starts = Object.entries(operations).flatMap(([id, { effect }]) => (effect === 'billable' ? [id] : []));

function isStart(operation: keyof contract | undefined): boolean {
  return operation !== undefined && starts.includes(operation);
}

function checkOperation(name: unknown, known: readonly string[]): void {
  if (typeof name === 'string' && !known.includes(name)) {
    const message = `there is no operation ${JSON.stringify(name)}; ${didYouMean(name, known)}`;
    throw new OctaConfigurationError({ message });
  }
  check('match', name, oneOf(known));
}

function matcher(match: unknown, refuses: boolean): (request: MatchedRequest) => boolean {
  if (typeof match === 'function') return (request) => match(request) === true;
  const names: unknown[] = Array.isArray(match) ? match : [match];
  const known = [...Object.keys(operations), '*'];
  if (names.length === 0) refuse('match', match, `one of ${known.join(', ')}, a list of these, or a function`);
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

  /** Whether it meets this request; then it is used once. */
  meets(request: MatchedRequest): boolean {
    if (this.#remaining < 1 || ('refuse' in this.fault && !isStart(request.operation))) return false;
    if (!this.#matches(request)) return false;
    this.#remaining--;
    this.#hits++;
    return true;
  }
}

/** Everything that was ordered, in that order. */
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

  /** The first fault that meets a request. */
  take(request: MatchedRequest): Fault | undefined {
    if (this.#entries.length === 0) return undefined;
    const found = this.#entries.find((entry) => entry.meets(request));
    if (this.#entries.some(({ remaining }) => remaining < 1)) {
      this.#entries = this.#entries.filter(({ remaining }) => remaining >= 1);
    }
    return found?.fault;
  }
}
