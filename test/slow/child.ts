/** Runs a script of this folder in a Node process of its own, bundled, because on-the-fly compilation has a heap too. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** How a process ended, and what it said. */
export interface Ended {
  /** Exit code; null when it had to be killed, because it did not end by itself. */
  readonly code: number | null;
  /** One value per line of its output. */
  readonly said: readonly unknown[];
  /** What it complained of: warnings and unhandled rejections. */
  readonly complaints: string;
}

/** Longest time that a process may take to end after its last line. Timers that were left behind take longer. Unit: ms. */
const farewellMs = 8_000;

/** Runs `script` with `input`; each line of its output is a JSON value, the last of them null. */
export async function runChild(script: string, input: unknown): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-slow-'));
  const outfile = join(folder, 'run.cjs');
  try {
    const entry = fileURLToPath(new URL(script, import.meta.url));
    // CommonJS, because undici is: within an ES module it could not require what comes with Node.
    buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
    return await run(outfile, JSON.stringify(input));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(file: string, input: string): Promise<Ended> {
  const flags = ['--unhandled-rejections=strict', '--expose-gc'];
  const child = spawn(process.execPath, [...flags, file, input], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: unknown[] = [];
  let complaints = '';
  let rest = '';
  let farewell: ReturnType<typeof setTimeout> | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    said.push(...lines.map((line): unknown => JSON.parse(line)));
    if (said.at(-1) === null) farewell ??= setTimeout(() => child.kill(), farewellMs);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(farewell);
      resolve({ code, said, complaints });
    });
  });
}
