/** Reads the faults of `octaspace mock --fail`: those of the simulator, written as text. */

import { isOctaError } from '../index.ts';
import type { Fault, FaultMatch, OctaSimulator } from '../testing/index.ts';
import { Misuse } from './arguments.ts';

/** Help text about `--fail`. */
export const faultUsage = `Forms of --fail OPERATIONS=FAULT[:TIMES], such as startMr=503:2 or getSessionInfo=lost:
  OPERATIONS         an operation, several operations separated by commas, or * for all
  TIMES              how many requests get the fault; default 1, "always" is all of them
  FAULT              one of these; add ,delayMs=N to respond N ms later, or use delayMs=N alone
    503, status=503  responds with this status, 200 to 599, and does nothing; add headers.NAME=TEXT or body=TEXT
    lost             carries out the request, then breaks the connection; the same as lost=after
    lost=before      breaks the connection, and does nothing
    stall            carries out the request, but never responds; the same as stall=headers
    stall=body       carries out the request, but stops in the middle of the body
    cut              carries out the request, but breaks the connection in the middle of the body
    invalidJson      carries out the request, but sends half of the JSON text
    refuse           refuses a start with status 200; refuse=TEXT sets the reason
The TEXT of body and refuse ends at the end of FAULT, so it must come last. A request gets the first fault that matches.`;

const form = 'OPERATION=FAULT[:TIMES], such as startMr=503:2';

/** Values of faults that are written without one. */
const alone = new Map<string, unknown>([
  ['lost', 'after'],
  ['stall', 'headers'],
  ['cut', true],
  ['invalidJson', true],
  ['refuse', 'Node is busy'],
]);

const numeric = ['status', 'delayMs'];

/** What one `--fail` injects. */
interface Order {
  readonly match: readonly string[];
  /** Fields of a fault; the simulator checks them. */
  readonly fault: Readonly<Record<string, unknown>>;
  readonly times: number;
}

/** Splits a fault into its text and its number of requests. */
function splitTimes(text: string): { readonly rest: string; readonly times: number } {
  // Such text may contain colons.
  const hasText = /(?:^|,)(?:body|refuse|headers\.[^=,]*)=/.test(text);
  const [, rest = text, given] = (hasText ? /^(.*):(\d+|always)$/s : /^(.*):([^:]*)$/s).exec(text) ?? [];
  if (given === undefined) return { rest, times: 1 };
  if (given === 'always') return { rest, times: Number.POSITIVE_INFINITY };
  const times = /^\d+$/.test(given) ? Number(given) : 0;
  if (times < 1)
    throw new Misuse(
      `TIMES, after the last colon, is ${JSON.stringify(given)}; allowed: a whole number, 1 or more, or always`,
    );
  return { rest, times };
}

/** Splits at commas, except in the text of `body` and `refuse`, which ends at the end. */
function splitTerms(text: string): string[] {
  const last = /(?:^|,)((?:body|refuse)=.*)$/s.exec(text);
  if (last === null) return text.split(',');
  return [...text.slice(0, last.index).split(',').filter(Boolean), last[1] ?? ''];
}

function fieldOf(name: string, text: string | undefined): unknown {
  if (text === undefined) {
    if (numeric.includes(name)) throw new Misuse(`${name} needs a value, such as ${name}=500`);
    return alone.get(name) ?? '';
  }
  return numeric.includes(name) && /^\d+$/.test(text) ? Number(text) : text;
}

function parseFault(text: string): Order['fault'] {
  const fault: Record<string, unknown> = {};
  const headers: Record<string, string> = {};
  const given = new Set<string>();
  for (const term of splitTerms(text).map((each) => each.trim())) {
    if (term === '') throw new Misuse(`FAULT is empty; the form is ${form}`);
    const whole = /^\d+$/.test(term) ? `status=${term}` : term;
    const [, name = whole, value] = /^([^=]*)=(.*)$/s.exec(whole) ?? [];
    if (given.has(name)) throw new Misuse(`${name} is given twice`);
    given.add(name);
    if (name.startsWith('headers.')) headers[name.slice('headers.'.length)] = value ?? '';
    else fault[name] = fieldOf(name, value);
  }
  return Object.keys(headers).length === 0 ? fault : { ...fault, headers };
}

function parseOrder(text: string): Order {
  const [, operations = '', given = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (given === '') throw new Misuse(`the form is ${form}`);
  const { rest, times } = splitTimes(given);
  return { match: operations.split(',').map((each) => each.trim()), fault: parseFault(rest), times };
}

/** Injects the faults of `--fail`. Throws Misuse for the first wrong one. */
export function orderFaults(simulator: OctaSimulator, texts: readonly string[]): void {
  for (const text of texts) {
    try {
      const { match, fault, times } = parseOrder(text);
      // The simulator checks both, and its errors list what is allowed.
      simulator.fail(match as FaultMatch, fault as unknown as Fault, times);
    } catch (error) {
      if (!(error instanceof Misuse || isOctaError(error))) throw error;
      throw new Misuse(`--fail ${JSON.stringify(text)}: ${error.message}`, { cause: error });
    }
  }
}
