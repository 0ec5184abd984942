#!/usr/bin/env node
/** The command `octaspace`. */
import { exitCodes } from './io.ts';
import { run } from './run.ts';

const ending = new AbortController();
// Once each: whoever asks a second time does not want to wait.
process.once('SIGINT', () => ending.abort());
process.once('SIGTERM', () => ending.abort());
// Whoever reads may have seen enough, as in `octaspace smoke | head`.
process.stdout.on('error', () => process.exit(exitCodes.failed));
// What stands beside the results must not end the work.
process.stderr.on('error', () => undefined);

const { env, stdout, stderr } = process;
run(process.argv.slice(2), { env, stdout, stderr, signal: ending.signal }).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = exitCodes.failed;
  },
);
