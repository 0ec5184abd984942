/** `octaspace mock`: the simulated API on a port. */

import { readableLine } from '../readable.ts';
import { OctaSimulator, type RecordedRequest } from '../testing/index.ts';
import {
  commonOptions,
  numberOf,
  portNumber,
  positiveNumber,
  readOptions,
  type Syntax,
  textOf,
  textsOf,
  wholeNumber,
} from './arguments.ts';
import { type CommandIo, exitCodes, type Paint, paintFor, writeJson, writeLines } from './io.ts';
import { faultUsage, orderFaults } from './mock-faults.ts';

const defaultPort = 4010;

/** How `octaspace mock` is used. */
export const mockUsage = `octaspace mock: runs a simulated API on this computer. Nothing is rented and nothing is paid.

  --port N           where it listens; default ${defaultPort}, 0 is a free one
  --host NAME        at which address; default 127.0.0.1
  --seed TEXT        what decides machines, nodes and sessions; default 1
  --speed N          how fast time flows, as a multiple of real time; default 1
  --latency-ms N     how long each request takes; default 20
  --api-key KEY      the one key that is valid; default: every key is
  --fail FAULT       makes requests fail; may be given several times, see below
  --quiet            no line for each request
  --json             prints JSON: one object per line, for the start and for each request
  --help             this text

${faultUsage}

Times marked "sim" are simulated: that clock starts at the real time, and flows --speed times as fast.
Ctrl+C ends it. Exit code: 0 ended, 2 misuse, or a port that is taken.`;

const syntax: Syntax = {
  command: 'mock',
  options: {
    port: { type: 'string' },
    host: { type: 'string' },
    seed: { type: 'string' },
    speed: { type: 'string' },
    'latency-ms': { type: 'string' },
    'api-key': { type: 'string' },
    fail: { type: 'string', multiple: true },
    quiet: { type: 'boolean' },
    ...commonOptions,
  },
};

const pathWidth = 30;
const operationWidth = 18;

/** What a line shows of a request. */
type Shown = Pick<RecordedRequest, 'operation' | 'method' | 'path' | 'at' | 'status' | 'outcome' | 'fault'>;

function colourOf({ status = 0, outcome }: Shown): Parameters<Paint>[0] {
  if (outcome !== 'answered' || status >= 500) return 'red';
  return status >= 400 ? 'yellow' : 'green';
}

/** What a request line of `--json` says. */
function requestRecord(entry: RecordedRequest, durationMs: number) {
  const { operation = null, method, path, status = null, outcome, processed, fault = null } = entry;
  const simulatedTime = new Date(entry.at).toISOString();
  return { event: 'request', simulatedTime, method, path, operation, status, outcome, processed, fault, durationMs };
}

/** One request in one line: when, what, and what became of it. */
export function requestLine(entry: Shown, tookMs: number, paint: Paint): string {
  const { operation, method, path, at, status, outcome, fault } = entry;
  const time = new Date(at).toTimeString().slice(0, 8);
  const remarks = [outcome === 'answered' ? '' : outcome, fault === undefined ? '' : 'fault'].filter(Boolean);
  const columns = [
    paint('grey', `sim ${time}`),
    readableLine(`${method} ${path}`).padEnd(pathWidth),
    paint(colourOf(entry), String(status ?? '---')),
    (operation ?? 'unknown path').padEnd(operationWidth),
    `${tookMs} ms`,
    ...remarks,
  ];
  return columns.join('  ');
}

/** What there is to know of a mock that has started. */
interface Started {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly speed: number;
  readonly faults: readonly string[];
}

function greeting({ url, apiKey, speed, faults }: Started): string[] {
  const key = apiKey === undefined ? 'any' : '<the key you gave>';
  const pace = speed === 1 ? 'as fast as real time' : `${speed} times as fast as real time`;
  return [
    `The simulated API listens at ${url}; ${apiKey === undefined ? 'every API key is' : 'one API key is'} valid.`,
    '',
    `  OCTA_BASE_URL=${url} OCTA_API_KEY=${key} npx -p @octaspace/sdk octaspace smoke`,
    '',
    ...faults.map((fault) => `Fault: ${readableLine(fault)}`),
    `Times marked "sim" are simulated: that clock flows ${pace}.`,
    'Ctrl+C ends it.',
    '',
  ];
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Serves until the signal. Throws Misuse, and OctaConfigurationError when the port cannot be had. */
export async function mock(given: readonly string[], io: CommandIo): Promise<number> {
  const values = readOptions(given, syntax);
  const apiKey = textOf(values, 'api-key');
  const speed = numberOf(values, 'speed', positiveNumber) ?? 1;
  const faults = textsOf(values, 'fail');
  const simulator = new OctaSimulator({
    seed: textOf(values, 'seed'),
    latencyMs: numberOf(values, 'latency-ms', wholeNumber),
    apiKey,
    speed,
    startedAt: Date.now(),
    // The log has told of them; a mock may run for days.
    keepRequests: 0,
  });
  orderFaults(simulator, faults);
  const paint = paintFor(io);
  const log = (entry: RecordedRequest) => {
    const tookMs = Math.round((simulator.now - entry.at) / speed);
    // A key in a path is a mistake, and must not be shown.
    const shown = apiKey === undefined ? entry : { ...entry, path: entry.path.replaceAll(apiKey, '[API key]') };
    if (io.json) writeJson(io.stdout, requestRecord(shown, tookMs));
    else writeLines(io.stdout, requestLine(shown, tookMs, paint));
  };
  const server = await simulator.listen({
    port: numberOf(values, 'port', portNumber) ?? defaultPort,
    host: textOf(values, 'host'),
    onRequest: values.quiet === true ? undefined : log,
  });
  const { url } = server;
  const simulatedTime = new Date(simulator.now).toISOString();
  if (io.json) writeJson(io.stdout, { event: 'listening', simulatedTime, url, speed, faults });
  else writeLines(io.stdout, ...greeting({ url, apiKey, speed, faults }));
  await aborted(io.signal);
  await server.close();
  return exitCodes.ok;
}
