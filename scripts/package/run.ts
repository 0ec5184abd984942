/** Runs programs, and reports failures. */
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

/** Options for running a program. */
export interface Surroundings {
  /** Default: the repository. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program and its child processes. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit of the program. Default: five minutes. */
  readonly limitMs?: number;
}

/** Ends a program at once, with its process group if it leads one. */
function end(child: ChildProcess, isLeader: boolean): void {
  try {
    if (isLeader && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has already ended.
  }
  // Child processes may keep these open.
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** Collects the output of a program. */
function collect(stream: Readable): () => string {
  let said = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  return () => said;
}

/** Runs a program and returns its output. Throws Failed for another exit code than 0, and after an abort. */
export async function run(program: string, given: readonly string[], where: Surroundings = {}): Promise<string> {
  const { cwd = root, env = process.env, signal, limitMs = 300_000 } = where;
  signal?.throwIfAborted();
  // With a signal, it leads a process group, so that all of it can be ended. Otherwise the terminal ends it with this process.
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
