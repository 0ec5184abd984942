#!/usr/bin/env node
/** The command `octaspace`. */
import { createInterface } from 'node:readline';
import { Interruption, type Io } from './io.ts';
import { endingOf, run } from './run.ts';

/** Signals within this time count as one keystroke: terminals, and tools such as npm, may send a signal twice. Unit: ms. */
const keystrokeMs = 1_000;

const { env, stdin, stdout, stderr } = process;
const given = process.argv.slice(2);
const { failed, hasToEndFirst } = endingOf(given);
const ending = new AbortController();
let endingSince: number | undefined;

/** The first signal ends the command cleanly; a later second one ends it at once. */
function onSignal(signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM'): void {
  if (endingSince === undefined) {
    endingSince = performance.now();
    ending.abort(new Interruption(signal));
  } else if (performance.now() - endingSince >= keystrokeMs) {
    process.removeListener(signal, onSignal);
    // In a container, the kernel ignores signals to process 1 that have no listener.
    if (process.pid === 1) process.exit(new Interruption(signal).exitCode);
    process.kill(process.pid, signal);
  }
}
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);

// The reader may close the pipe, as in `octaspace smoke | head`.
stdout.on('error', () => {
  if (!hasToEndFirst) process.exit(failed);
  ending.abort(new Interruption('SIGPIPE'));
});
// A closed standard error must not end the work.
stderr.on('error', () => undefined);

/** Asks at the terminal. Returns '' after Ctrl+C, or if the input ends. */
function ask(question: string): Promise<string> {
  const { signal } = ending;
  return new Promise((resolve) => {
    stderr.write(question);
    // Without `terminal`, the terminal itself edits the line, and sends the signals.
    const lines = createInterface({ input: stdin, terminal: false });
    const end = () => lines.close();
    signal.addEventListener('abort', end, { once: true });
    let answer: string | undefined;
    lines.once('line', (line) => {
      answer = line;
      end();
    });
    lines.once('close', () => {
      signal.removeEventListener('abort', end);
      stdin.unref();
      // The input ended without Enter.
      if (answer === undefined) stderr.write('\n');
      resolve(answer ?? '');
    });
  });
}

const isTerminal = stdin.isTTY === true && stderr.isTTY === true;
const io: Io = { env, stdout, stderr, signal: ending.signal, ask: isTerminal ? ask : undefined };
run(given, io).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = failed;
  },
);
