/** Running programs, and saying what is wrong. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A check that did not pass. */
export class Failed extends Error {}

export function demand(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Failed(reason);
}

/** Where and how a program runs. */
export interface Surroundings {
  /** The repository when left out. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program, and all that it has started. */
  readonly signal?: AbortSignal | undefined;
  /** How long the program may take; five minutes when left out. */
  readonly limitMs?: number;
}

/** Ends a program at once; one that leads a group of processes, with all of them. */
function end(child: ChildProcess, isLeader: boolean): void {
  try {
    if (isLeader && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
  // What it has started may live on and hold these.
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** What a program prints, as far as it has. */
function collect(stream: Readable): () => string {
  let said = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  return () => said;
}

/** Runs a program to its end and gives what it printed; a bad exit code, and an abort, are failures. */
export async function run(program: string, given: readonly string[], where: Surroundings = {}): Promise<string> {
  const { cwd = root, env = process.env, signal, limitMs = 300_000 } = where;
  signal?.throwIfAborted();
  // Where somebody can interrupt, it leads a group, which a signal reaches as a whole; otherwise the terminal ends it with this one.
  const detached = signal !== undefined;
  const child = spawn(program, given, { cwd, env, detached, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  let how: string | undefined;
  const stop = () => end(child, detached);
  const late = setTimeout(() => {
    how = `did not end within ${limitMs / 1000} s`;
    stop();
  }, limitMs);
  signal?.addEventListener('abort', stop);
  const command = [program, ...given].join(' ');
  try {
    const [code, killer] = await once(child, 'close').catch(({ message }: Error) => {
      throw new Failed(`${command} does not start: ${message}`);
    });
    signal?.throwIfAborted();
    if (code === 0) return stdout();
    throw new Failed(`${command} ${how ?? `ended with ${code ?? killer}`}\n${stdout()}${stderr()}`.trim());
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', stop);
  }
}

/** Runs a script of an installed package. */
export function node(script: string, given: readonly string[], where: Surroundings = {}): Promise<string> {
  return run(process.execPath, [join(root, 'node_modules', script), ...given], where);
}
