/** Checks of options, and the messages for wrong values. */
import { isPlainRecord } from '../codec/record.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { unknownOption } from '../nearest.ts';
import { isHeaderValue, wrongHeader } from '../transport/headers.ts';
import { logLevels } from '../transport/log.ts';
import { hasFunctions, isLogger, loggerNeeds } from '../transport/loggers.ts';
import type { OctaClientOptions, RequestOptions } from './option-types.ts';

/** What is wrong with a value whose type does not show it: a whole message, which names the option. */
export interface Problem {
  readonly message: string;
}

/** Returns what is allowed, or what is wrong, if the value is not allowed; else undefined. */
export type Check = (value: unknown) => string | Problem | undefined;

/** A check for each option. A missing check is a compile error. */
export type Checks<Options> = Readonly<Record<keyof Options, Check>>;

/** A check for a number of at least `least`. */
export function numberFrom(least: number, what: string): (value: unknown) => string | undefined {
  return (value) => (typeof value === 'number' && Number.isFinite(value) && value >= least ? undefined : what);
}

/** A duration. */
export const milliseconds = /* @__PURE__ */ numberFrom(0, 'a number of milliseconds, 0 or more');

/** A whole number, 0 or more. */
export function wholeNumber(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? undefined
    : 'a whole number, 0 or more';
}

/** A function. */
export function aFunction(value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : 'a function';
}

/** An object that is not an array. */
export function anObject(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'an object';
}

/** An object whose properties are its data. */
export function aPlainObject(value: unknown): string | undefined {
  return isPlainRecord(value) ? undefined : 'a plain object';
}

function key(value: unknown): string | undefined {
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'string') return 'a string, or a function that returns one';
  const odd = /[^\x21-\x7e]/.exec(value);
  return odd === null
    ? undefined
    : `a string of visible ASCII characters; character ${odd.index + 1} of ${value.length} is a space, a line break or not ASCII`;
}

function url(value: unknown): string | undefined {
  const allowed = 'an http or https URL without user, query or fragment, or a path such as /api/octa';
  if (typeof value !== 'string' || value === '' || /[?#\\\s]/.test(value)) return allowed;
  if (value.startsWith('/')) return value.startsWith('//') ? allowed : undefined;
  try {
    const { protocol, username, password } = new URL(value);
    return /^https?:$/.test(protocol) && username === '' && password === '' ? undefined : allowed;
  } catch {
    return allowed;
  }
}

function urls(value: unknown): string | undefined {
  const allowed = 'an array of at least one URL';
  if (!Array.isArray(value) || value.length === 0) return allowed;
  const wrong = value.findIndex((each) => url(each) !== undefined);
  return wrong === -1 ? undefined : `${allowed}; entry ${wrong + 1} must be ${url(value[wrong])}`;
}

/** True or false. */
export function aBoolean(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'true or false';
}

/** A string that is not blank. */
export function someText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? undefined : 'a non-empty string';
}

/** A check for one of these strings. */
export function oneOf(texts: readonly string[]): (value: unknown) => string | undefined {
  return (value) => (texts.some((text) => text === value) ? undefined : `one of ${texts.join(', ')}`);
}

function sizeInBytes(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
    ? undefined
    : 'a whole number of bytes, 1 or more';
}

function headers(value: unknown): string | undefined {
  const allowed = 'an object of header names and string values';
  if (anObject(value) !== undefined) return allowed;
  const wrong = wrongHeader(Object(value));
  return wrong === undefined ? undefined : `${allowed}; header ${JSON.stringify(wrong)} is not valid`;
}

function headerText(value: unknown): string | undefined {
  return value !== '' && isHeaderValue(value) ? undefined : 'a non-empty string that is a valid header value';
}

function logger(value: unknown): string | undefined {
  return isLogger(value) ? undefined : loggerNeeds;
}

function signal(value: unknown): string | undefined {
  const usable = typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
  return usable ? undefined : 'an AbortSignal';
}

function clock(value: unknown): string | undefined {
  return hasFunctions(value, ['now', 'setTimer', 'clearTimer'])
    ? undefined
    : 'a clock: an object with the functions now, setTimer and clearTimer';
}

function validator(value: unknown): string | undefined {
  const usable = hasFunctions(value, ['check']) && ['report', 'strict'].includes(Reflect.get(Object(value), 'mode'));
  return usable ? undefined : "a validator, such as validator('report') from @octaspace/sdk/zod";
}

function ledger(value: unknown): string | undefined {
  return hasFunctions(value, ['put', 'claim', 'delete', 'list'])
    ? undefined
    : 'a ledger: an object with the functions put, claim, delete and list, such as fileLedger(directory) from @octaspace/sdk/node';
}

function variable(value: unknown): string | undefined {
  return value === false || (typeof value === 'string' && /^[A-Za-z_]\w*$/.test(value))
    ? undefined
    : 'the name of an environment variable, or false';
}

function spendLimit(value: unknown): string | Problem | undefined {
  const [someWei, someMs] = ['a bigint of Wei, 1n or more', 'a number of milliseconds above 0'];
  const isWei = (amount: unknown) => typeof amount === 'bigint' && amount > 0n;
  if (anObject(value) !== undefined) {
    return isWei(value) ? undefined : `${someWei}, or { amount, windowMs } with such a bigint and ${someMs}`;
  }
  const { amount, windowMs, ...others } = Object(value);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return { message: unknownOption(unknown, ['amount', 'windowMs'], 'maxTotalSpend') };
  const wrong = (name: string, field: unknown, allowed: string) => {
    const is = field === undefined ? 'missing' : shown(name, field);
    return { message: `${name} of maxTotalSpend is ${is}; allowed: ${allowed}` };
  };
  if (!isWei(amount)) return wrong('amount', amount, someWei);
  const isWindow = typeof windowMs === 'number' && windowMs > 0 && Number.isFinite(windowMs);
  return windowMs === undefined || isWindow ? undefined : wrong('windowMs', windowMs, someMs);
}

/** The check of each client option. An option without a check is a compile error. */
export const clientChecks = {
  apiKey: key,
  baseUrl: url,
  baseUrls: urls,
  timeoutMs: milliseconds,
  totalTimeoutMs: milliseconds,
  retries: wholeNumber,
  retryDelayMs: milliseconds,
  backoffFactor: numberFrom(1, 'a number, 1 or more'),
  maxRetryDelayMs: milliseconds,
  maxRetryAfterMs: milliseconds,
  cooldownMs: milliseconds,
  maxResponseBytes: sizeInBytes,
  allowBillableInBrowser: aBoolean,
  fetch: aFunction,
  clock,
  userAgent: headerText,
  headers,
  onRequest: aFunction,
  onResponse: aFunction,
  onRetry: aFunction,
  onDrift: aFunction,
  validate: validator,
  logger,
  logLevel: oneOf(logLevels),
  ledger,
  onLateSession: aFunction,
  leaseVariable: variable,
  maxTotalSpend: spendLimit,
} satisfies Checks<OctaClientOptions>;

/** The check of each request option. */
export const requestChecks = {
  signal,
  timeoutMs: milliseconds,
  totalTimeoutMs: milliseconds,
  retries: wholeNumber,
  headers,
  query: anObject,
  body: anObject,
} satisfies Checks<RequestOptions>;

/** The request options that are set among the options of a method. Wrong options are reported by their check, not here. */
export function requestOptionsOf(given: RequestOptions | undefined): RequestOptions {
  const isSet = ([name, value]: [string, unknown]) => value !== undefined && Object.hasOwn(requestChecks, name);
  return Object.fromEntries(Object.entries(given ?? {}).filter(isSet));
}

/** Options whose values must not appear in a message. */
const secretive = new Set(['apiKey', 'headers', 'options', 'command']);

function shown(name: string, value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (!secretive.has(name) && ['number', 'boolean'].includes(typeof value)) return String(value);
  if (!secretive.has(name) && typeof value === 'bigint') return `${value}n`;
  // A URL with a user name may contain a password.
  const harmless = !secretive.has(name) && typeof value === 'string' && !value.includes('@');
  return harmless ? `the string ${JSON.stringify(value.slice(0, 60))}` : `of type ${typeof value}`;
}

/** Checks every given option. Throws OctaConfigurationError that names the first wrong or unknown one. */
export function checkAll(given: unknown, checks: Readonly<Record<string, Check>>, what: string): void {
  const shape = anObject(given);
  if (shape !== undefined)
    throw new OctaConfigurationError({ message: `${what} must be ${shape}, but are ${shown('options', given)}` });
  for (const [name, value] of Object.entries(Object(given))) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      throw new OctaConfigurationError({ message: unknownOption(name, Object.keys(checks), takerOf(what)) });
    }
    const wrong = check(value);
    if (wrong === undefined) continue;
    const message = typeof wrong === 'string' ? `${name} is ${shown(name, value)}; allowed: ${wrong}` : wrong.message;
    throw new OctaConfigurationError({ message });
  }
}

/** What the options are for: "options of rent" become "rent", "client options" become "a client". */
function takerOf(what: string): string {
  return what.replace(/^\w+ of /, '').replace(/^(\w+) options$/, 'a $1');
}
