/** Redocly's proxy with the curated spec on a free port of 127.0.0.1: it validates the traffic, and does not change any byte. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../node_modules/@redocly/cli/bin/cli.js', import.meta.url));
const spec = fileURLToPath(new URL('../../generated/openapi.json', import.meta.url));
/** It takes about a second to start, and longer on a busy machine. Unit: ms. */
export const redoclyReadyWithinMs = 60_000;
const pollMs = 20;

/** Problems that the rules of Redocly found in traffic. */
export interface Findings {
  /** Number of exchanges, and number of those with an operation of the spec. Unit: count. */
  readonly exchanges: number;
  readonly documented: number;
  /** Each problem once, as `error getNode 200: …`. */
  readonly problems: readonly string[];
}

/** How much of the spec the traffic covered. */
export interface Coverage {
  /** By kind: operations, parameters, properties, responses. Unit: count. */
  readonly totals: Readonly<Record<string, { readonly covered: number; readonly total: number }>>;
  /** Operations that did not occur. */
  readonly missingOperations: readonly string[];
  /** Responses that did not occur, such as `getNode 403`. */
  readonly missingResponses: readonly string[];
  /** Parameters that were never used, such as `listNodes query country`. */
  readonly missingParameters: readonly string[];
  /** Properties of bodies that never occurred, such as `startMr request [].image` and `getNode response 200 data.gpu`. */
  readonly missingProperties: readonly string[];
}

/** The result for all traffic of a proxy. */
export interface Verdict {
  /** Problems that the proxy itself found in the traffic. */
  readonly live: Findings;
  /** Problems that `redocly drift` found in the recording. */
  readonly recorded: Findings;
  readonly coverage: Coverage;
}

/** A running proxy; ends at the end of an `await using` scope, and with this process, and its recording with it. */
export interface RedoclyProxy extends AsyncDisposable {
  readonly url: string;
  /** Ends the proxy, and returns its results. */
  finish(): Promise<Verdict>;
}

interface Report {
  readonly run: { readonly totalExchanges: number; readonly documentedExchanges: number };
  readonly problems: readonly {
    readonly severity: string;
    readonly message: string;
    readonly operationId?: string;
    readonly method: string;
    readonly path: string;
    readonly status?: number;
  }[];
}

interface CoverageItem {
  readonly kind: string;
  readonly name?: string;
  readonly in?: string;
  readonly status?: string;
  readonly target?: string;
  readonly path?: string;
}

interface CoverageReport {
  readonly totals: Coverage['totals'];
  readonly operations: readonly { readonly operationId: string; readonly missing: readonly CoverageItem[] }[];
}

/** A process of the CLI, with its output so far. */
interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly printed: { out: string; err: string };
}

/**
 * Redocly has no option for this: when the pipe from this process breaks, however it ended, the CLI ends, too, and deletes the
 * folder with the recording, which holds the API key as it was sent.
 */
function dieWithParent(folder: string): string {
  const end = `rmSync(${JSON.stringify(folder)}, { recursive: true, force: true }); process.exit();`;
  const code = `import { rmSync } from 'node:fs'; process.stdin.on('close', () => { ${end} }).resume().unref();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

function run(given: readonly string[], folder: string): Run {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  // The folder has no redocly.yaml, because the linting rules of the repository do not apply to traffic.
  const child = spawn(process.execPath, ['--import', dieWithParent(folder), cli, ...given], { cwd: folder, env });
  const printed = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed.out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    printed.err += chunk;
  });
  // Not at `exit`, when its last output may not have arrived yet.
  return { child, printed, ended: new Promise((resolve) => child.once('close', resolve)) };
}

function isOver({ child }: Run): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function addressOf(proxy: Run): Promise<string> {
  const deadline = Date.now() + redoclyReadyWithinMs;
  while (!isOver(proxy) && Date.now() < deadline) {
    // It prints this when it listens.
    const url = /Proxy listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(proxy.printed.err)?.[1];
    if (url !== undefined) return url;
    await sleep(pollMs);
  }
  throw new Error(`Redocly's proxy did not start:\n${proxy.printed.err}`);
}

function findingsOf(text: string): Findings {
  const { run, problems }: Report = JSON.parse(text);
  return {
    exchanges: run.totalExchanges,
    documented: run.documentedExchanges,
    problems: problems.map(({ severity, operationId, method, path, status, message }) =>
      [severity, operationId ?? `${method} ${path}`, `${status}:`, message].join(' '),
    ),
  };
}

function coverageOf(text: string): Coverage {
  const { totals, operations }: CoverageReport = JSON.parse(text);
  const missing = (kind: string) =>
    operations.flatMap(({ operationId, missing }) =>
      missing
        .filter((item) => item.kind === kind)
        .map(({ in: where, target, status, path, name }) =>
          [operationId, where, target, status, path, name].filter((part) => part !== undefined).join(' '),
        ),
    );
  return {
    totals,
    missingOperations: missing('operation'),
    missingResponses: missing('response'),
    missingParameters: missing('parameter'),
    missingProperties: missing('property'),
  };
}

/** Checks a recording again, for problems that the proxy does not report. */
async function drift(folder: string, target: string): Promise<Omit<Verdict, 'live'>> {
  const given = ['drift', 'traffic.har', '--api', spec, '--server', target, '--format', 'json'];
  const look = run([...given, '--output', 'findings.json', '--coverage-output', 'coverage.json'], folder);
  await look.ended;
  const read = (name: string): string => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch (cause) {
      throw new Error(`redocly drift gave no ${name}:\n${look.printed.err}`, { cause });
    }
  };
  return { recorded: findingsOf(read('findings.json')), coverage: coverageOf(read('coverage.json')) };
}

async function verdictOf(proxy: Run, folder: string, target: string): Promise<Verdict> {
  // It then validates the last traffic, writes the recording and prints its report.
  proxy.child.kill('SIGTERM');
  await proxy.ended;
  if (!proxy.printed.out.includes('{')) throw new Error(`Redocly's proxy gave no report:\n${proxy.printed.err}`);
  return { live: findingsOf(proxy.printed.out), ...(await drift(folder, target)) };
}

/**
 * Starts a proxy in front of `target` and waits until it listens. It does not report statuses and content types that are not
 * documented, headers of responses, and requests with a 4xx response.
 */
export async function startRedoclyProxy(target: string): Promise<RedoclyProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-redocly-'));
  // Match only by path, because the target is not a server of the spec. Port 0: the system picks a free one.
  const given = ['proxy', '--target', target, '--port', '0', '--har', 'traffic.har', '--api', spec];
  const proxy = run([...given, '--match-mode', 'basepath', '--format', 'json'], folder);
  const dispose = async () => {
    if (!isOver(proxy)) proxy.child.kill('SIGKILL');
    await proxy.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await addressOf(proxy);
    return { url, finish: () => verdictOf(proxy, folder, target), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
