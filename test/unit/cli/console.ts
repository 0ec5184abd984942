/** Surroundings for a command that runs inside of a test. */
import type { Io } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/run.ts';

/** What a command printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command did so far. */
export interface Started {
  readonly stdout: () => string;
  readonly ended: Promise<Ended>;
}

/** Starts `octaspace` with arguments. */
export function start(given: readonly string[], io: Partial<Io> & { readonly isTTY?: boolean } = {}): Started {
  const { isTTY, ...rest } = io;
  let stdout = '';
  let stderr = '';
  const whole: Io = {
    env: {},
    stdout: {
      isTTY,
      write: (text) => {
        stdout += text;
      },
    },
    stderr: {
      write: (text) => {
        stderr += text;
      },
    },
    signal: new AbortController().signal,
    ...rest,
  };
  const ended = run(given, whole).then((code) => ({ code, stdout, stderr }));
  return { stdout: () => stdout, ended };
}

/** Runs `octaspace` to its end. */
export function runCli(...given: Parameters<typeof start>): Promise<Ended> {
  return start(...given).ended;
}
