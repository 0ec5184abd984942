/** Prism with the curated spec on a free port of 127.0.0.1: as a mock, or as a validating proxy. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'node_modules/@stoplight/prism-cli/dist/index.js');
const spec = join(root, 'generated/openapi.json');
// Prism has no option for this: when the pipe from this process breaks, however it ended, Prism ends, too.
const dieWithParent = 'data:text/javascript,process.stdin.on("close",()=>process.exit()).resume()';
/** Prism takes 2 to 9 s to start, and longer on a busy machine. Unit: ms. */
export const prismReadyWithinMs = 60_000;
const pollMs = 50;
// Prism responds to such a request itself, so it does not reach the upstream of a proxy.
const preflight = {
  method: 'OPTIONS',
  headers: { origin: 'http://127.0.0.1', 'access-control-request-method': 'GET' },
};

export interface PrismOptions {
  /** Random responses that fit the schemas, the same for the same seed, instead of the examples. */
  readonly seed?: string;
  /** Options of json-schema-faker, which generates the random responses. */
  readonly faker?: Readonly<Record<string, unknown>>;
}

/** A running mock or proxy; ends at the end of an `await using` scope, and with this process. */
export interface Prism extends AsyncDisposable {
  readonly url: string;
}

function addressIn(output: string): string | undefined {
  return /Prism is listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
}

async function addressOf(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const deadline = Date.now() + prismReadyWithinMs;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const url = addressIn(output);
    const answers = url !== undefined && (await fetch(url, preflight).then(Boolean, () => false));
    if (url !== undefined && answers) return url;
    await sleep(pollMs);
  }
  child.kill();
  throw new Error(`Prism did not start:\n${output}`);
}

interface Launch {
  readonly command: 'mock' | 'proxy';
  readonly options?: readonly string[];
  readonly upstream?: string;
  readonly faker?: PrismOptions['faker'];
}

async function launch({ command, options = [], upstream, faker }: Launch): Promise<Prism> {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-prism-'));
  const document = join(folder, 'openapi.json');
  writeFileSync(document, JSON.stringify({ ...JSON.parse(readFileSync(spec, 'utf8')), 'x-json-schema-faker': faker }));
  // Keep the copy until Prism has ended, because Prism watches its document. It is a copy, because the generator may run meanwhile.
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const documents = upstream === undefined ? [document] : [document, upstream];
  // Port 0: the system picks a free one, and Prism prints it.
  const given = [command, '-h', '127.0.0.1', '-p', '0', '--multiprocess', 'false', ...options, ...documents];
  const child = spawn(process.execPath, ['--import', dieWithParent, cli, ...given], { cwd: root });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    const url = await addressOf(child);
    return {
      url,
      async [Symbol.asyncDispose]() {
        child.kill();
        await ended;
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Starts a mock and waits until it responds. */
export function startPrism({ seed, faker }: PrismOptions = {}): Promise<Prism> {
  const options = seed === undefined ? [] : ['-d', '--seed', seed];
  return launch({ command: 'mock', options, faker });
}

/**
 * Starts a proxy in front of `upstream` and waits until it responds. Everything passes, even if it is wrong; the response then says
 * so in its header `sl-violations`, also about the request. JSON is parsed and serialized again in both directions, so
 * integers beyond 2^53 lose digits; bodies of other types pass as text.
 */
export function startPrismProxy(upstream: string): Promise<Prism> {
  return launch({ command: 'proxy', upstream });
}
