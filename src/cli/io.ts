/** What a command reads and writes, as an object, so that tests can run commands in their own process. */
import { constants } from 'node:os';
import { format } from 'node:util';
import type { LogFields, Logger, OctaClientOptions } from '../index.ts';
import { readableLine } from '../readable.ts';

/** A stream such as `process.stdout`. */
export interface Output {
  write(text: string): unknown;
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined;
}

/** The environment, streams and signal of a command. */
export interface Io {
  /** Variables by name, such as `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted when the command must end; the reason is an {@link Interruption}. */
  readonly signal: AbortSignal;
  /** Asks the person at the terminal, and returns the answer; '' if there was none. Undefined without a terminal. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Sends the requests. Default: the global fetch. */
  readonly fetch?: OctaClientOptions['fetch'];
}

/** {@link Io}, once the arguments are known. */
export interface CommandIo extends Io {
  /** Whether `--json` was given: then every line of both streams is JSON. */
  readonly json: boolean;
  /** Rewords messages of the SDK, if they name options that have other names on the command line. */
  readonly reword?: ((message: string) => string) | undefined;
}

/** Exit codes of all commands. Only `reap` uses `unresolved`; only `run` uses `jobFailed`, and otherwise the exit code of the job. */
export const exitCodes = { ok: 0, failed: 1, misused: 2, unresolved: 3, jobFailed: 125 } as const;

/** Why a command must end: a signal. SIGPIPE means that its standard output was closed. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /** The exit code that a shell reports for a program that the signal ended. */
  readonly exitCode: number;

  constructor(signal: 'SIGHUP' | 'SIGINT' | 'SIGPIPE' | 'SIGTERM') {
    super(signal === 'SIGPIPE' ? 'standard output was closed' : `ended by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const colours = { red: 31, green: 32, yellow: 33, grey: 90 } as const;

/** Colours text. */
export type Paint = (colour: keyof typeof colours, text: string) => string;

/** Adds colours for a terminal, unless NO_COLOR is set; otherwise returns text unchanged. */
export function paintFor({ stdout, env }: Pick<Io, 'stdout' | 'env'>): Paint {
  const plain = stdout.isTTY !== true || (env.NO_COLOR ?? '') !== '';
  return (colour, text) => (plain ? text : `\u001b[${colours[colour]}m${text}\u001b[0m`);
}

/** Writes whole lines unchanged. Call `readableLine` first for text from the API or a machine. */
export function writeLines(output: Output, ...lines: readonly string[]): void {
  output.write(lines.map((line) => `${line}\n`).join(''));
}

/** Writes a value as one line of JSON. */
export function writeJson(output: Output, value: unknown): void {
  writeLines(output, readableLine(JSON.stringify(value)));
}

/** Writes one line to standard error. */
export function tell({ stderr, json }: CommandIo, message: string, level: keyof Logger = 'info'): void {
  if (json) writeJson(stderr, { level, message });
  else writeLines(stderr, readableLine(`octaspace: ${message}`));
}

/** A logger for a client that writes to standard error. */
export function loggerTo(io: CommandIo): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: LogFields) => {
    // If there are fields, the client doubles each %, because console needs it.
    const text = fields === undefined ? message : format(message, '').trimEnd();
    const { reword = (each) => each } = io;
    tell(io, reword(text.replace('[octaspace] ', '')), level);
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
