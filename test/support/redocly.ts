/** Redocly's proxy with the curated spec on a free port of 127.0.0.1: it validates what passes, and leaves every byte as it is. */
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

/** What the rules of Redocly found in some traffic. */
export interface Findings {
  /** How many exchanges there were, and how many of them were with an operation of the spec. Unit: count. */
  readonly exchanges: number;
  readonly documented: number;
  /** Each problem once, as `error getNode 200: …`. */
  readonly problems: readonly string[];
}

/** How much of the spec some traffic exercised. */
export interface Coverage {
  /** By kind: operations, parameters, properties, responses. Unit: count. */
  readonly totals: Readonly<Record<string, { readonly covered: number; readonly total: number }>>;
  /** Operations that did not occur. */
  readonly missingOperations: readonly string[];
  /** Answers that did not occur, as `getNode 403`. */
  readonly missingResponses: readonly string[];
  /** Parameters that were never given, as `listNodes query country`. */
  readonly missingParameters: readonly string[];
  /** Properties of bodies that were never there, as `startMr request [].image` and `getNode response 200 data.gpu`. */
  readonly missingProperties: readonly string[];
}

/** What became of all traffic of a proxy. */
export interface Verdict {
  /** What the proxy itself found, as the traffic passed. */
  readonly live: Findings;
  /** What `redocly drift` found in the recording. */
  readonly recorded: Findings;
  readonly coverage: Coverage;
}

/** A running proxy; ends at the end of an `await using` scope, and with this process, and its recording with it. */
export interface RedoclyProxy extends AsyncDisposable {
  readonly url: string;
  /** Ends the proxy, and says what it saw. */
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

/** A process of the CLI, with what it has printed so far. */
interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly printed: { out: string; err: string };
}

/**
 * Redocly has no switch for it: when the pipe from this process breaks, however it ended, the CLI ends too, and takes along the
 * folder with the recording, which holds the API key as it was sent.
 */
function dieWithParent(folder: string): string {
  const end = `rmSync(${JSON.stringify(folder)}, { recursive: true, force: true }); process.exit();`;
  const code = `import { rmSync } from 'node:fs'; process.stdin.on('close', () => { ${end} }).resume().unref();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

function run(given: readonly string[], folder: string): Run {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  // The folder has no redocly.yaml: what the repository's says about linting has nothing to do with traffic.
  const child = spawn(process.execPath, ['--import', dieWithParent(folder), cli, ...given], { cwd: folder, env });
  const printed = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed.out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    printed.err += chunk;
  });
  // Not at `exit`: what it printed last may still be on its way then.
  return { child, printed, ended: new Promise((resolve) => child.once('close', resolve)) };
}

function isOver({ child }: Run): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function addressOf(proxy: Run): Promise<string> {
  const deadline = Date.now() + redoclyReadyWithinMs;
  while (!isOver(proxy) && Date.now() < deadline) {
    // It says so when it listens.
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

/** Looks at a recording once more, for what the proxy does not say. */
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
  // It then validates what has passed last, writes the recording and prints its report.
  proxy.child.kill('SIGTERM');
  await proxy.ended;
  if (!proxy.printed.out.includes('{')) throw new Error(`Redocly's proxy gave no report:\n${proxy.printed.err}`);
  return { live: findingsOf(proxy.printed.out), ...(await drift(folder, target)) };
}

/**
 * Starts a proxy in front of `target` and waits until it listens. It says nothing about statuses and content types that are not
 * documented, about headers of answers, and about requests that were answered with 4xx.
 */
export async function startRedoclyProxy(target: string): Promise<RedoclyProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-redocly-'));
  // By its path alone: the target is none of the servers of the spec. Port 0: the system picks a free one.
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
