/** `octaspace mock`: the simulated API on a port. */

import { readableLine } from '../readable.ts';
import { OctaSimulator, type RecordedRequest } from '../testing/index.ts';
import { numberOf, portNumber, positiveNumber, readOptions, textOf, wholeNumber } from './arguments.ts';
import { exitCodes, type Io, type Paint, paintFor, writeLines } from './io.ts';

const defaultPort = 4010;

/** How `octaspace mock` is used. */
export const mockUsage = `octaspace mock: runs a simulated API on this computer. Nothing is rented and nothing is paid.

  --port N           where it listens; default ${defaultPort}, 0 is a free one
  --host NAME        at which address; default 127.0.0.1
  --seed TEXT        what decides machines, nodes and sessions; default 1
  --speed N          how fast time flows, as a multiple of real time; default 1
  --latency-ms N     how long each request takes; default 20
  --api-key KEY      the one key that is valid; default: every key is
  --quiet            no line for each request
  --help             this text

Ctrl+C ends it. Exit code: 0 ended, 2 misuse, or a port that is taken.`;

const options = {
  port: { type: 'string' },
  host: { type: 'string' },
  seed: { type: 'string' },
  speed: { type: 'string' },
  'latency-ms': { type: 'string' },
  'api-key': { type: 'string' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const pathWidth = 30;
const operationWidth = 18;

/** What a line shows of a request. */
type Shown = Pick<RecordedRequest, 'operation' | 'method' | 'path' | 'at' | 'status' | 'outcome' | 'fault'>;

function colourOf({ status = 0, outcome }: Shown): Parameters<Paint>[0] {
  if (outcome !== 'answered' || status >= 500) return 'red';
  return status >= 400 ? 'yellow' : 'green';
}

/** One request in one line: when, what, and what became of it. */
export function requestLine(entry: Shown, tookMs: number, paint: Paint): string {
  const { operation, method, path, at, status, outcome, fault } = entry;
  const time = new Date(at).toTimeString().slice(0, 8);
  const remarks = [outcome === 'answered' ? '' : outcome, fault === undefined ? '' : 'fault'].filter(Boolean);
  const columns = [
    paint('grey', time),
    readableLine(`${method} ${path}`).padEnd(pathWidth),
    paint(colourOf(entry), String(status ?? '---')),
    (operation ?? 'unknown path').padEnd(operationWidth),
    `${tookMs} ms`,
    ...remarks,
  ];
  return columns.join('  ');
}

function greeting(url: string, apiKey: string | undefined): string[] {
  const key = apiKey === undefined ? 'any' : '<the key you gave>';
  return [
    `The simulated API listens at ${url}; ${apiKey === undefined ? 'every API key is' : 'one API key is'} valid.`,
    '',
    `  OCTA_BASE_URL=${url} OCTA_API_KEY=${key} npx -p @octaspace/sdk octaspace smoke`,
    '',
    'Ctrl+C ends it.',
    '',
  ];
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Serves until the signal. Throws Misuse, and OctaConfigurationError when the port cannot be had. */
export async function mock(given: readonly string[], io: Io): Promise<number> {
  const values = readOptions(given, options);
  const apiKey = textOf(values, 'api-key');
  const speed = numberOf(values, 'speed', positiveNumber) ?? 1;
  const simulator = new OctaSimulator({
    seed: textOf(values, 'seed'),
    latencyMs: numberOf(values, 'latency-ms', wholeNumber),
    apiKey,
    speed,
    startedAt: Date.now(),
    // The log has told of them; a mock may run for days.
    keepRequests: 0,
  });
  const paint = paintFor(io);
  const log = (entry: RecordedRequest) => {
    const tookMs = Math.round((simulator.now - entry.at) / speed);
    const line = requestLine(entry, tookMs, paint);
    // Whoever puts the key into a path did not mean to show it.
    writeLines(io.stdout, apiKey === undefined ? line : line.replaceAll(apiKey, '[API key]'));
  };
  const server = await simulator.listen({
    port: numberOf(values, 'port', portNumber) ?? defaultPort,
    host: textOf(values, 'host'),
    onRequest: values.quiet === true ? undefined : log,
  });
  writeLines(io.stdout, ...greeting(server.url, apiKey));
  await aborted(io.signal);
  await server.close();
  return exitCodes.ok;
}
