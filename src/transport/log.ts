/** Writes log lines. Nothing else in the core prints. */
import { OctaError } from '../errors/errors.ts';
import type { FailedAttempt } from '../errors/facts.ts';
import { readableLine } from '../readable.ts';
import type { Secrets } from './secrets.ts';

/** Log levels; each includes the ones before it. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/**
 * Fields of a log line. Only fields that apply are present. The API key, and values of headers and query parameters with secret-like
 * names, are replaced.
 */
export interface LogFields {
  /** Name of the operation, such as `getNode`. */
  readonly operation?: string | undefined;
  /** HTTP method. */
  readonly method?: string | undefined;
  /** Full URL of the attempt. */
  readonly url?: string | undefined;
  /** Number of the attempt; 1 for the first. */
  readonly attempt?: number | undefined;
  /** HTTP status of the response. */
  readonly status?: number | undefined;
  /** Duration of the attempt. Unit: ms. */
  readonly durationMs?: number | undefined;
  /** `X-Request-Id` of the response. */
  readonly requestId?: string | undefined;
  /** The error of the attempt or of a hook. */
  readonly error?: unknown;
  /** Wait before the next attempt. Unit: ms. */
  readonly delayMs?: number | undefined;
  /** URL of the next attempt. */
  readonly nextUrl?: string | undefined;
  /** Headers of the request or of the response, at level `debug`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Path of a difference in a response, such as `[3].gpus[0].model`. */
  readonly path?: string | undefined;
  /** The type that the API specifies there. */
  readonly expected?: string | undefined;
  /** UUID of the session. */
  readonly session?: string | undefined;
  /** Id of the lease. */
  readonly leaseId?: string | undefined;
}

/**
 * A logger: `console`, or a logger of pino, winston or bunyan, which the client calls in the form that it expects.
 *
 * Any other logger is called like `console`: with one line of text and, if there are any, an object of fields. With fields, a `%` that
 * `console` would treat as a placeholder is doubled.
 */
export interface Logger {
  /** Called for errors of hooks, and for sessions that may still cost money. */
  error(message: string, fields?: LogFields): void;
  /** Called for warnings, such as an option that has no effect. */
  warn(message: string, fields?: LogFields): void;
  /** Called for retries and drift. */
  info(message: string, fields?: LogFields): void;
  /** Called for requests, responses and failed attempts. */
  debug(message: string, fields?: LogFields): void;
}

/** The levels, from least to most output. */
export const logLevels: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug'];

/** The level of a log line. */
export type Level = Exclude<LogLevel, 'silent'>;

/** Writes a line if its level is enabled. Errors of the logger are ignored, so that a call cannot fail because of a log line. */
export interface Log {
  (level: Level, message: string, fields?: LogFields): void;
  wants(level: Level): boolean;
}

/** The fields of the request that an error is about. */
function requestFields(error: unknown): LogFields {
  if (!(error instanceof OctaError)) return {};
  const { request, attempts } = error;
  const { status, requestId }: Partial<FailedAttempt> = attempts.at(-1) ?? {};
  return { ...request, attempt: attempts.length || undefined, status, requestId };
}

/** The fields that have a value, without the API keys. A line without an operation gets the request fields of its error. */
function safeFields(fields: LogFields, secrets: Secrets): LogFields {
  const found = fields.operation === undefined ? requestFields(fields.error) : {};
  const all = Object.entries({ ...found, ...fields, error: secrets.cause(fields.error) });
  return Object(secrets.json(Object.fromEntries(all.filter(([, value]) => value !== undefined))));
}

/** Creates a log with a level. It removes API keys from all output, and escapes control characters in messages. */
export function createLog(logger: Logger, level: LogLevel, secrets: Secrets): Log {
  const threshold = logLevels.indexOf(level);
  const wants = (wanted: Level): boolean => logLevels.indexOf(wanted) <= threshold;
  const write = (wanted: Level, message: string, fields?: LogFields): void => {
    if (!wants(wanted)) return;
    const line = readableLine(secrets.text(`[octaspace] ${message}`));
    const say = async () =>
      fields === undefined ? logger[wanted](line) : logger[wanted](line, safeFields(fields, secrets));
    // An error of the logger, also an async one, cannot be reported anywhere.
    say().catch(() => undefined);
  };
  return Object.assign(write, { wants });
}
