/** `octaspace mock`: serves a simulated API on a port. */

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

/** Help text of `octaspace mock`. */
export const mockUsage = `octaspace mock: runs a simulated API on this computer. It rents nothing and costs nothing.

  --port N           port to listen on; default ${defaultPort}, 0 is a free one
  --host NAME        address to listen on; default 127.0.0.1
  --seed TEXT        seed that decides machines, nodes and sessions; default 1
  --speed N          how fast time passes, as a multiple of real time; default 1
  --latency-ms N     how many ms each request takes; default 20
  --api-key KEY      the one valid key; default: every key is valid
  --fail FAULT       makes requests fail, see below; can be repeated
  --quiet            does not log requests
  --json             prints JSON: one object per line, for the start and for each request
  --help             this text

${faultUsage}

Times marked "sim" are simulated. The simulated clock starts at the real time, and runs --speed times as fast.
Press Ctrl+C to stop. Exit code: 0 stopped, 2 misuse, or the port is in use.`;

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

/** The fields of a request that its line shows. */
type Shown = Pick<RecordedRequest, 'operation' | 'method' | 'path' | 'at' | 'status' | 'outcome' | 'fault'>;

function colourOf({ status = 0, outcome }: Shown): Parameters<Paint>[0] {
  if (outcome !== 'answered' || status >= 500) return 'red';
  return status >= 400 ? 'yellow' : 'green';
}

/** A request as `--json` prints it. */
function requestRecord(entry: RecordedRequest, durationMs: number) {
  const { operation = null, method, path, status = null, outcome, processed, fault = null } = entry;
  const simulatedTime = new Date(entry.at).toISOString();
  return { event: 'request', simulatedTime, method, path, operation, status, outcome, processed, fault, durationMs };
}

/** Formats a request as one line. */
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

/** What the greeting shows. */
interface Started {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly speed: number;
  readonly faults: readonly string[];
}

function greeting({ url, apiKey, speed, faults }: Started): string[] {
  const key = apiKey === undefined ? 'any' : '<the key you gave>';
  const pace = speed === 1 ? 'at the speed of real time' : `${speed} times as fast as real time`;
  return [
    `The simulated API listens at ${url}; ${apiKey === undefined ? 'every API key' : 'only the given API key'} is valid.`,
    '',
    `  OCTA_BASE_URL=${url} OCTA_API_KEY=${key} npx --no-install octaspace smoke`,
    '',
    ...faults.map((fault) => `Fault: ${readableLine(fault)}`),
    `Times marked "sim" are simulated. The simulated clock runs ${pace}.`,
    'Press Ctrl+C to stop.',
    '',
  ];
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Serves until the signal. Throws Misuse, and OctaConfigurationError if it cannot listen on the port. */
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
    // The log has shown the requests, and a mock may run for days.
    keepRequests: 0,
  });
  orderFaults(simulator, faults);
  const paint = paintFor(io);
  const log = (entry: RecordedRequest) => {
    const tookMs = Math.round((simulator.now - entry.at) / speed);
    // A user may put the key into a path by mistake.
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
