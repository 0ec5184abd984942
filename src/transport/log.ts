/** The only place that prints. */
import { readableLine } from '../readable.ts';
import type { Secrets } from './secrets.ts';

/** How much is logged; each level includes the ones before it. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** Where log lines go; `console` is one. */
export interface Logger {
  /** Takes a line about a hook that threw. */
  error(message: string, ...details: unknown[]): void;
  /** Takes a line about a setting that has no effect, and the like. */
  warn(message: string, ...details: unknown[]): void;
  /** Takes a line about a repeated attempt, or about drift. */
  info(message: string, ...details: unknown[]): void;
  /** Takes a line about a request or an answer, with its headers. */
  debug(message: string, ...details: unknown[]): void;
}

/** The levels by rank. */
export const logLevels: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug'];

type Level = Exclude<LogLevel, 'silent'>;

/** Writes one line if its level is wanted. A logger that throws is left alone: a call must not fail over a log line. */
export interface Log {
  (level: Level, message: string, details?: unknown): void;
  wants(level: Level): boolean;
}

/** A log at a level. Whatever is written, the API keys are taken out of it first, and a terminal obeys none of it. */
export function createLog(logger: Logger, level: LogLevel, secrets: Secrets): Log {
  const threshold = logLevels.indexOf(level);
  const wants = (wanted: Level): boolean => logLevels.indexOf(wanted) <= threshold;
  const write = (wanted: Level, message: string, details?: unknown): void => {
    if (!wants(wanted)) return;
    const line = readableLine(secrets.text(`[octaspace] ${message}`));
    const say = async () =>
      details === undefined ? logger[wanted](line) : logger[wanted](line, secrets.cause(details));
    // Whether a logger fails now or later, there is nowhere left to say it.
    say().catch(() => undefined);
  };
  return Object.assign(write, { wants });
}
