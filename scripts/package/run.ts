/** Running programs, and saying what is wrong. */
import { type ExecFileOptions, execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const limitMs = 240_000;

/** A check that did not pass. */
export class Failed extends Error {}

export function demand(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Failed(reason);
}

/** Runs a program and gives what it printed; a bad exit code fails the check with its last words. */
export async function run(program: string, given: readonly string[], options: ExecFileOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const whole = { cwd: root, timeout: limitMs, maxBuffer: 64 * 1024 * 1024, ...options, encoding: 'utf8' as const };
    execFile(program, [...given], whole, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Failed(`${stdout}\n${stderr}`.trim() || error.message));
    });
  });
}

/** Runs a script of an installed package. */
export function node(script: string, given: readonly string[], options: ExecFileOptions = {}): Promise<string> {
  return run(process.execPath, [join(root, 'node_modules', script), ...given], options);
}
