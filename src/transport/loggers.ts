/** Adapters for the loggers of other libraries. */
import { OctaConfigurationError, OctaError } from '../errors/errors.ts';
import type { LogFields, Logger } from './log.ts';

/** Marks loggers created by `loggerFrom`. All copies of the package in a process share it. */
const brand = Symbol.for('@octaspace/sdk/logger');

/** What a logger must be, for messages. */
export const loggerNeeds = 'an object with the functions error, warn, info and debug, such as console';

/** Whether a value is an object with these functions. */
export function hasFunctions(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}

/** Whether a value can be the option `logger`. */
export function isLogger(value: unknown): value is Logger {
  return hasFunctions(value, ['error', 'warn', 'info', 'debug']);
}

/** An error as plain data, for loggers that write JSON: `JSON.stringify` writes `{}` for most errors, and throws for a bigint. */
function plainError(error: unknown): unknown {
  const plain = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value);
    if (!(value instanceof Error)) return value;
    const { name, message, stack, cause } = value;
    return { ...value, name, message, stack, cause };
  };
  let data: unknown;
  try {
    data = JSON.parse(JSON.stringify(error, plain));
  } catch {
    data = error instanceof Error ? { name: error.name, message: error.message } : String(error);
  }
  // pino takes the name of the constructor for the type, unless there is none.
  return error instanceof Error ? Object.assign(Object.create(null), data, { stack: error.stack }) : data;
}

/** The fields, with the error converted by `shown` and stored under `name`. */
function withError({ error, ...rest }: LogFields, name: string, shown: (error: unknown) => unknown): object {
  return error === undefined ? rest : { ...rest, [name]: shown(error) };
}

/** The arguments of a logger function for one line. */
type Arguments = (message: string, fields: LogFields) => readonly unknown[];

/** pino drops fields that follow the message. Its serializer for errors, `err`, would show hidden causes of errors of the SDK. */
const pino: Arguments = (message, fields) => [
  withError(fields, 'err', (error) => (error instanceof OctaError ? plainError(error) : error)),
  message,
];

/** bunyan, and pino in browsers, also drop fields that follow the message. Both may have no serializer. */
const bunyan: Arguments = (message, fields) => [withError(fields, 'err', plainError), message];

/** winston drops fields that follow a message with a `%d` in it. */
const winston: Arguments = (message, fields) => [{ ...withError(fields, 'error', plainError), message }];

/** The console and similar loggers would print the fields in place of a `%d` in the message. */
const consoleLike: Arguments = (message, fields) => [message.replace(/%(?=[%c-josO])/g, '%%'), fields];

function argumentsFor(logger: Logger): Arguments {
  if (Symbol.for('pino.serializers') in logger) return pino;
  const { labels }: { labels?: unknown } = Object(Reflect.get(logger, 'levels'));
  const isPinoOfBrowsers = typeof labels === 'object' && hasFunctions(logger, ['child']);
  if (isPinoOfBrowsers || hasFunctions(logger, ['addStream', 'addSerializers'])) return bunyan;
  return hasFunctions(logger, ['configure', 'profile', 'startTimer']) ? winston : consoleLike;
}

/**
 * Wraps a logger of pino, winston or bunyan, or one like `console`, so that it gets every line with all fields. The client option
 * `logger` does this automatically. In pino and bunyan, the field `error` is named `err`.
 *
 * @throws OctaConfigurationError if one of the functions `error`, `warn`, `info` and `debug` is missing.
 *
 * @example
 * const client = new OctaClient({ logger: loggerFrom(pino()) });
 */
export function loggerFrom(logger: Logger): Logger {
  if (!isLogger(logger)) throw new OctaConfigurationError({ message: `logger must be ${loggerNeeds}` });
  if (brand in logger) return logger;
  const argumentsOf = argumentsFor(logger);
  const at = (level: 'error' | 'warn' | 'info' | 'debug') => (message: string, fields?: LogFields) =>
    Reflect.apply(logger[level], logger, fields === undefined ? [message] : argumentsOf(message, fields));
  return Object.assign(
    { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') },
    { [brand]: true },
  );
}
