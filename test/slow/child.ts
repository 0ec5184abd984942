/** Runs a script of this folder in a separate Node process. The script is bundled, because on-the-fly compilation uses the heap, too. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** How a process ended, and its output. */
export interface Ended {
  /** Exit code; null if the process did not end by itself and was killed. */
  readonly code: number | null;
  /** One value per line of its output. */
  readonly said: readonly unknown[];
  /** Its warnings and unhandled rejections. */
  readonly complaints: string;
}

/** Longest time that a process may take to end after its last line. Leaked timers take longer. Unit: ms. */
const farewellMs = 8_000;

/** Runs `script` with `input`. Each line of its output is a JSON value; the last one is null. */
export async function runChild(script: string, input: unknown): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-slow-'));
  const outfile = join(folder, 'run.cjs');
  try {
    const entry = fileURLToPath(new URL(script, import.meta.url));
    // CommonJS, like undici, which could not require built-in modules of Node within an ES module.
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
