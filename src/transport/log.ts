/** The only place that prints. */
import { OctaError } from '../errors/errors.ts';
import type { FailedAttempt } from '../errors/facts.ts';
import { readableLine } from '../readable.ts';
import type { Secrets } from './secrets.ts';

/** How much is logged; each level includes the ones before it. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/**
 * What a log line is about. Only fields that apply are present. The API key, and values of headers and query parameters that are named
 * like secrets, are replaced.
 */
export interface LogFields {
  /** Name of the operation, such as `getNode`. */
  readonly operation?: string | undefined;
  /** HTTP method. */
  readonly method?: string | undefined;
  /** Full URL of the attempt. */
  readonly url?: string | undefined;
  /** Which attempt of the call it is; 1 for the first. */
  readonly attempt?: number | undefined;
  /** HTTP status of the response. */
  readonly status?: number | undefined;
  /** How long the attempt took. Unit: ms. */
  readonly durationMs?: number | undefined;
  /** `X-Request-Id` of the response. */
  readonly requestId?: string | undefined;
  /** What failed, or what a hook threw. */
  readonly error?: unknown;
  /** How long the client waits for the next attempt. Unit: ms. */
  readonly delayMs?: number | undefined;
  /** URL of the next attempt. */
  readonly nextUrl?: string | undefined;
  /** Headers of the request or of the response, at level `debug`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Where a response is not as the API promises: `[3].gpus[0].model`. */
  readonly path?: string | undefined;
  /** What the API promises there. */
  readonly expected?: string | undefined;
  /** UUID of the session. */
  readonly session?: string | undefined;
  /** Id of the lease. */
  readonly leaseId?: string | undefined;
}

/**
 * Where log lines go. `console` is one; so are the loggers of pino, winston and bunyan, each of which is called the way it expects.
 *
 * Any other logger is called like `console`: with one line of text and, unless there are none, an object of fields. If there are fields,
 * a `%` that `console` would take for a placeholder is doubled.
 */
export interface Logger {
  /** Takes a line about a hook that threw, or about a session that may still cost money. */
  error(message: string, fields?: LogFields): void;
  /** Takes a line about a setting that has no effect, and the like. */
  warn(message: string, fields?: LogFields): void;
  /** Takes a line about a repeated attempt, or about drift. */
  info(message: string, fields?: LogFields): void;
  /** Takes a line about a request, a response or an attempt that failed. */
  debug(message: string, fields?: LogFields): void;
}

/** The levels by rank. */
export const logLevels: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug'];

/** A level that a line can have. */
export type Level = Exclude<LogLevel, 'silent'>;

/** Writes one line if its level is wanted. A logger that throws is left alone: a call must not fail over a log line. */
export interface Log {
  (level: Level, message: string, fields?: LogFields): void;
  wants(level: Level): boolean;
}

/** The request that an error is about. */
function requestFields(error: unknown): LogFields {
  if (!(error instanceof OctaError)) return {};
  const { request, attempts } = error;
  const { status, requestId }: Partial<FailedAttempt> = attempts.at(-1) ?? {};
  return { ...request, attempt: attempts.length || undefined, status, requestId };
}

/** The fields that have a value, without the API keys. A line without an operation gets the request of its error. */
function safeFields(fields: LogFields, secrets: Secrets): LogFields {
  const found = fields.operation === undefined ? requestFields(fields.error) : {};
  const all = Object.entries({ ...found, ...fields, error: secrets.cause(fields.error) });
  return Object(secrets.json(Object.fromEntries(all.filter(([, value]) => value !== undefined))));
}

/** A log at a level. It removes the API keys from everything that it writes, and escapes control characters in messages. */
export function createLog(logger: Logger, level: LogLevel, secrets: Secrets): Log {
  const threshold = logLevels.indexOf(level);
  const wants = (wanted: Level): boolean => logLevels.indexOf(wanted) <= threshold;
  const write = (wanted: Level, message: string, fields?: LogFields): void => {
    if (!wants(wanted)) return;
    const line = readableLine(secrets.text(`[octaspace] ${message}`));
    const say = async () =>
      fields === undefined ? logger[wanted](line) : logger[wanted](line, safeFields(fields, secrets));
    // Whether a logger fails now or later, there is nowhere left to say it.
    say().catch(() => undefined);
  };
  return Object.assign(write, { wants });
}
