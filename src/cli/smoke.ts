/** `octaspace smoke`: a read-only check of the API. */
import { isApiError, OctaClient } from '../index.ts';
import { didYouMean } from '../nearest.ts';
import { readableLine, readableText } from '../readable.ts';
import {
  commonOptions,
  Misuse,
  numberOf,
  readOptions,
  type Syntax,
  textOf,
  type Values,
  wholeNumber,
} from './arguments.ts';
import { type CommandIo, exitCodes, loggerTo, type Paint, paintFor, tell, writeLines } from './io.ts';
import { type Bench, type Check, checks, type Suite, suites } from './smoke-checks.ts';

/** Help text of `octaspace smoke`. */
export const smokeUsage = `octaspace smoke: checks that the API responds as expected. It starts, stops and changes nothing.

  --base-url URL     URL of the API; default: OCTA_BASE_URL, else https://api.octa.computer
  --suite NAMES      what to check, separated by commas: ${suites.join(', ')}; default all
  --idle-job ID/ID   ids of a node and of an idle job on it, for idle-jobs
  --timeout-ms N     time limit of each attempt; 0 is no limit
  --json             prints JSON
  --help             this text

Environment: OCTA_API_KEY is the API key. Without it, checks that need a key are skipped.
"drift" counts fields of a response that are not as documented. It is not a failure.
Exit code: 0 everything passed, 1 something failed or nothing was checked, 2 misuse.`;

const syntax: Syntax = {
  command: 'smoke',
  options: {
    'base-url': { type: 'string' },
    suite: { type: 'string' },
    'idle-job': { type: 'string' },
    'timeout-ms': { type: 'string' },
    ...commonOptions,
  },
};

/** The result of one check. */
interface Result {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** How long it took. Unit: ms. */
  readonly durationMs?: number;
  /** What the response contained, why the check failed, or why it was skipped. */
  readonly note: string;
  /** Fields that are not as documented. Unit: count. */
  readonly drift?: number;
}

function suitesOf(values: Values): ReadonlySet<string> {
  const names = (textOf(values, 'suite') ?? 'all').split(',').map((name) => name.trim());
  const unknown = names.filter((name) => name !== 'all' && !suites.includes(name as Suite));
  if (unknown.length > 0) {
    const [name = ''] = unknown;
    throw new Misuse(`--suite: unknown suite ${JSON.stringify(name)}; ${didYouMean(name, [...suites, 'all'])}`);
  }
  return new Set(names.includes('all') ? suites : names);
}

function idleJobOf(values: Values): Bench['idleJob'] {
  const text = textOf(values, 'idle-job');
  if (text === undefined) return undefined;
  const [nodeId = '', jobId = '', ...more] = text.split('/');
  if (nodeId === '' || jobId === '' || more.length > 0) {
    throw new Misuse(`--idle-job is ${JSON.stringify(text)}; allowed: the ids of a node and a job, such as 9010/42`);
  }
  return [nodeId, jobId];
}

/** Formats an error as one line, with the request id. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const requestId = isApiError(error) && error.requestId !== undefined ? ` (request id ${error.requestId})` : '';
  const lines = `${error.name}: ${error.message}${requestId}`.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** What the checks of one run share. */
interface Run {
  readonly bench: Bench;
  readonly hasKey: boolean;
  readonly signal: AbortSignal;
  /** Fields that differed in the current check. */
  readonly drift: Set<string>;
}

async function runCheck({ name, needsKey, run: check }: Check, run: Run): Promise<Result> {
  if (needsKey && !run.hasKey) return { name, state: 'skipped', note: 'needs OCTA_API_KEY' };
  if (run.signal.aborted) return { name, state: 'skipped', note: 'interrupted' };
  run.drift.clear();
  const startedAt = performance.now();
  try {
    const outcome = await check(run.bench);
    const durationMs = Math.round(performance.now() - startedAt);
    if ('skipped' in outcome) return { name, state: 'skipped', note: outcome.skipped };
    return { name, state: 'passed', durationMs, note: outcome.note, drift: run.drift.size };
  } catch (error) {
    const durationMs = Math.round(performance.now() - startedAt);
    return { name, state: 'failed', durationMs, note: explain(error) };
  }
}

const nameWidth = Math.max(...checks.map(({ name }) => name.length));
const timeWidth = '123456 ms'.length;
const labels = { passed: ['ok  ', 'green'], failed: ['FAIL', 'red'], skipped: ['skip', 'yellow'] } as const;

function lineOf({ name, state, durationMs, note, drift = 0 }: Result, paint: Paint): string {
  const [label, colour] = labels[state];
  const time = (durationMs === undefined ? '' : `${durationMs} ms`).padStart(timeWidth);
  const differs = drift === 0 ? '' : paint('yellow', `, drift ${drift} field${drift === 1 ? '' : 's'}`);
  return `${paint(colour, label)}  ${name.padEnd(nameWidth)}  ${paint('grey', time)}   ${readableLine(note)}${differs}`;
}

function countsOf(results: readonly Result[]): Record<Result['state'], number> {
  const count = (state: Result['state']) => results.filter((each) => each.state === state).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** Why checks were skipped, each reason once. */
function reasonsOf(results: readonly Result[]): string {
  return [...new Set(results.map(({ note }) => note))].join('; ');
}

function clientFor(values: Values, io: CommandIo, drift: Set<string>): OctaClient {
  const key = io.env.OCTA_API_KEY?.trim() || undefined;
  return OctaClient.fromEnv({
    apiKey: key ?? (() => undefined),
    baseUrl: textOf(values, 'base-url') ?? (io.env.OCTA_BASE_URL?.trim() || undefined),
    timeoutMs: numberOf(values, 'timeout-ms', wholeNumber),
    fetch: io.fetch,
    logger: loggerTo(io),
    logLevel: (io.env.OCTA_LOG_LEVEL ?? '').trim() === '' ? 'silent' : undefined,
    onDrift: ({ path }) => {
      drift.add(path);
    },
  });
}

/** Runs the checks. Throws Misuse. */
export async function smoke(given: readonly string[], io: CommandIo): Promise<number> {
  const values = readOptions(given, syntax);
  const chosen = suitesOf(values);
  const drift = new Set<string>();
  const idleJob = idleJobOf(values);
  const bench: Bench = { client: clientFor(values, io, drift), options: { signal: io.signal }, idleJob, found: {} };
  const run: Run = { bench, hasKey: (io.env.OCTA_API_KEY ?? '').trim() !== '', signal: io.signal, drift };
  const paint = paintFor(io);
  const results: Result[] = [];
  for (const check of checks.filter(({ suite }) => chosen.has(suite))) {
    const result = await runCheck(check, run);
    results.push(result);
    if (!io.json) writeLines(io.stdout, lineOf(result, paint));
  }
  const counts = countsOf(results);
  const { passed, failed, skipped } = counts;
  if (!io.json) writeLines(io.stdout, `${passed} passed, ${failed} failed, ${skipped} skipped`);
  else writeLines(io.stdout, readableText(JSON.stringify({ checks: results, ...counts }, null, 2)));
  if (skipped === results.length) tell(io, `nothing was checked: ${reasonsOf(results)}`, 'error');
  return passed === 0 || failed > 0 || io.signal.aborted ? exitCodes.failed : exitCodes.ok;
}
