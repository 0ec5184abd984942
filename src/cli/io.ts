/** What a command reads from and writes to, so that it can run inside of a test. */
import { constants } from 'node:os';
import { format } from 'node:util';
import type { LogFields, Logger, OctaClientOptions } from '../index.ts';
import { readableLine } from '../readable.ts';

/** Takes text, as `process.stdout` does. */
export interface Output {
  write(text: string): unknown;
  /** Whether a person reads it. */
  readonly isTTY?: boolean | undefined;
}

/** The surroundings of a command. */
export interface Io {
  /** Variables by name, such as `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted when the command is to end; the reason is an {@link Interruption}. */
  readonly signal: AbortSignal;
  /** Asks the person at the terminal, and returns the answer; '' if there was none. Undefined without a terminal. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** What sends requests. Default: the global fetch. */
  readonly fetch?: OctaClientOptions['fetch'];
}

/** The surroundings of a command whose arguments are known. */
export interface CommandIo extends Io {
  /** Whether programs read what it writes: then every line of both streams is JSON. */
  readonly json: boolean;
}

/** Exit codes of every command; `unresolved` is of `reap` alone, `jobFailed` of `run`, whose other codes are those of the job. */
export const exitCodes = { ok: 0, failed: 1, misused: 2, unresolved: 3, jobFailed: 125 } as const;

/** Why a command is to end: a signal; SIGPIPE means that nobody reads its results any more. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /** What a shell reports for a program that the signal ends. */
  readonly exitCode: number;

  constructor(signal: 'SIGHUP' | 'SIGINT' | 'SIGPIPE' | 'SIGTERM') {
    super(signal === 'SIGPIPE' ? 'standard output was closed' : `ended by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const colours = { red: 31, green: 32, yellow: 33, grey: 90 } as const;

/** Colours text. */
export type Paint = (colour: keyof typeof colours, text: string) => string;

/** Paints for a terminal, unless NO_COLOR says otherwise; leaves text alone for everything else. */
export function paintFor({ stdout, env }: Pick<Io, 'stdout' | 'env'>): Paint {
  const plain = stdout.isTTY !== true || (env.NO_COLOR ?? '') !== '';
  return (colour, text) => (plain ? text : `\u001b[${colours[colour]}m${text}\u001b[0m`);
}

/** Writes whole lines, as they are: text of others has to be made readable first. */
export function writeLines(output: Output, ...lines: readonly string[]): void {
  output.write(lines.map((line) => `${line}\n`).join(''));
}

/** Writes a value as one line of JSON. */
export function writeJson(output: Output, value: unknown): void {
  writeLines(output, readableLine(JSON.stringify(value)));
}

/** Writes one line beside the results, to standard error. */
export function tell({ stderr, json }: CommandIo, message: string, level: keyof Logger = 'info'): void {
  if (json) writeJson(stderr, { level, message });
  else writeLines(stderr, readableLine(`octaspace: ${message}`));
}

/** A logger for a client, to standard error. */
export function loggerTo(io: CommandIo): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: LogFields) => {
    // The client doubles a % in front of fields, as console wants it.
    const text = fields === undefined ? message : format(message, '').trimEnd();
    tell(io, text.replace('[octaspace] ', ''), level);
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
