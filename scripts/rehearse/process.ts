/** Running programs that start others, so that none of them outlives the rehearsal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Failed } from '../package/run.ts';

/** Where and how a program runs. */
export interface Surroundings {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program, and all that it has started. */
  readonly signal: AbortSignal;
  /** How long the program may take; five minutes when left out. */
  readonly limitMs?: number;
}

/** Runs a program to its end and gives what it printed; a bad exit code, and an abort, are failures. */
export async function runWhole(program: string, given: readonly string[], where: Surroundings): Promise<string> {
  const { cwd, env = process.env, signal, limitMs = 300_000 } = where;
  signal.throwIfAborted();
  // Detached, it leads a group of processes, which a signal reaches as a whole.
  const child = spawn(program, given, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  const late = setTimeout(end, limitMs);
  signal.addEventListener('abort', end);
  try {
    const closed = once(child, 'close');
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    signal.throwIfAborted();
    if (code === 0) return stdout;
    const command = [program, ...given].join(' ');
    const how = code === null ? `did not end within ${limitMs / 1000} s` : `ended with ${code}`;
    throw new Failed(`${command} ${how}\n${stdout}${stderr}`.trim());
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', end);
  }
}
