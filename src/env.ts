/** OCTA_* variables as options; the only reader of the environment. */
import { clientChecks, milliseconds, wholeNumber } from './core/checks.ts';
import type { OctaClientOptions } from './core/option-types.ts';
import { OctaConfigurationError } from './errors/errors.ts';
import { Secrets } from './transport/secrets.ts';

/** Variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What variables say about the transport of Node: those options of `nodeFetch()` that have a variable. */
export interface NodeTransportOptions {
  /** Whether a connection is kept for the next request. `OCTA_KEEP_ALIVE`. */
  readonly keepAlive?: boolean;
  /** How many idle connections are kept per origin. Unit: count. `OCTA_POOL_SIZE`. */
  readonly poolSize?: number;
  /** How many connections there are at most per origin. Unit: count. `OCTA_MAX_CONNECTIONS`. */
  readonly maxConnections?: number;
  /** How long a request waits for a free connection. Unit: ms. `OCTA_POOL_TIMEOUT`, in seconds. */
  readonly poolTimeoutMs?: number;
  /** How long an idle connection is kept. Unit: ms. `OCTA_IDLE_TIMEOUT`, in seconds. */
  readonly idleTimeoutMs?: number;
  /** Time limit for a connection to be made. Unit: ms. `OCTA_OPEN_TIMEOUT`, in seconds. */
  readonly connectTimeoutMs?: number;
  /** Longest silence of the server. Unit: ms. `OCTA_READ_TIMEOUT`, in seconds. */
  readonly readTimeoutMs?: number;
  /** Longest time without progress while a body is sent. Unit: ms. `OCTA_WRITE_TIMEOUT`, in seconds. */
  readonly writeTimeoutMs?: number;
  /** Whether certificates are verified. `OCTA_SSL_VERIFY`. */
  readonly tlsVerify?: boolean;
}

/** Says what is allowed when a value is not; undefined when it is. */
type Check = (value: unknown) => string | undefined;

/** How the text of a variable becomes a value; the check of the option decides whether the value will do. */
interface Reader {
  /** The value; for an unreadable text one that no check lets pass. */
  readonly read: (text: string) => unknown;
  /** What is allowed, put for somebody who writes a variable and not an option. */
  readonly wording: (allowed: string) => string;
}

/** One variable, and how it is read. */
type Row = readonly [variable: string, reader: Reader];

function decimal(text: string): number {
  return /^(?:\d+|\d*\.\d+)$/.test(text) ? Number(text) : Number.NaN;
}

const asItIs = (given: string): string => given;

// These stand alone, not spread into one another: what a bundler cannot prove to do nothing stays in every bundle.
const text: Reader = { read: asItIs, wording: asItIs };
const lowerCase: Reader = { read: (given) => given.toLowerCase(), wording: asItIs };
const list: Reader = {
  read: (given) => given.split(',').map((entry) => entry.trim()),
  wording: (allowed) => `${allowed}; entries are separated by commas`,
};
const number: Reader = { read: decimal, wording: (allowed) => `${allowed}, in plain digits` };
const seconds: Reader = {
  // The decimal point moves in the text: 1.1 * 1000 would be 1100.0000000000002.
  read: (given) => (Number.isNaN(decimal(given)) ? Number.NaN : Number(`${given}e3`)),
  wording: () => 'a number of seconds, 0 or more, in plain digits',
};

const truths = ['true', '1', 'yes', 'on'];
const untruths = ['false', '0', 'no', 'off'];

function readTruth(given: string): boolean | undefined {
  const word = given.toLowerCase();
  return truths.includes(word) || (untruths.includes(word) ? false : undefined);
}

const truth: Reader = { read: readTruth, wording: asItIs };

/** The variable of each option of the client that has one. */
const clientRows = {
  apiKey: ['OCTA_API_KEY', text],
  baseUrl: ['OCTA_BASE_URL', text],
  baseUrls: ['OCTA_BASE_URLS', list],
  timeoutMs: ['OCTA_TIMEOUT_MS', number],
  totalTimeoutMs: ['OCTA_TOTAL_TIMEOUT_MS', number],
  retries: ['OCTA_MAX_RETRIES', number],
  retryDelayMs: ['OCTA_RETRY_INTERVAL', seconds],
  backoffFactor: ['OCTA_BACKOFF_FACTOR', number],
  userAgent: ['OCTA_USER_AGENT', text],
  logLevel: ['OCTA_LOG_LEVEL', lowerCase],
  leaseVariable: ['OCTA_LEASE_VARIABLE', text],
} satisfies Partial<Record<keyof OctaClientOptions, Row>>;

/** The variable of each option of the transport of Node. */
const nodeRows = {
  keepAlive: ['OCTA_KEEP_ALIVE', truth],
  poolSize: ['OCTA_POOL_SIZE', number],
  maxConnections: ['OCTA_MAX_CONNECTIONS', number],
  poolTimeoutMs: ['OCTA_POOL_TIMEOUT', seconds],
  idleTimeoutMs: ['OCTA_IDLE_TIMEOUT', seconds],
  connectTimeoutMs: ['OCTA_OPEN_TIMEOUT', seconds],
  readTimeoutMs: ['OCTA_READ_TIMEOUT', seconds],
  writeTimeoutMs: ['OCTA_WRITE_TIMEOUT', seconds],
  tlsVerify: ['OCTA_SSL_VERIFY', truth],
} satisfies Record<keyof NodeTransportOptions, Row>;

function aBoolean(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'true, false, 1, 0, yes, no, on or off';
}

function aCount(value: unknown): string | undefined {
  return Number.isSafeInteger(value) && value !== 0 ? undefined : 'a whole number, 1 or more';
}

/** What each option of the transport of Node may be. */
const nodeChecks = {
  keepAlive: aBoolean,
  poolSize: wholeNumber,
  maxConnections: aCount,
  poolTimeoutMs: milliseconds,
  idleTimeoutMs: milliseconds,
  connectTimeoutMs: milliseconds,
  readTimeoutMs: milliseconds,
  writeTimeoutMs: milliseconds,
  tlsVerify: aBoolean,
} satisfies Record<keyof NodeTransportOptions, Check>;

function field(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
}

/** The text of a variable without the blanks around it; undefined when there is none. */
function textOf(variable: string, given: Environment | undefined): string | undefined {
  try {
    // Not every runtime has a process, and in a page it may be an element with that id.
    const environment = given ?? field(field(globalThis, 'process'), 'env');
    return String(field(environment, variable) ?? '').trim() || undefined;
  } catch (cause) {
    const message = `${variable} cannot be read: the runtime denies access to the environment; Deno needs --allow-env`;
    throw new OctaConfigurationError({ message, cause });
  }
}

/** A variable and its value for a message, without the API key even where it was put into the wrong variable. */
function described(variable: string, given: string, environment: Environment | undefined): string {
  const [keyVariable] = clientRows.apiKey;
  // A URL with a user in it holds a password, too.
  if (variable === keyVariable || given.includes('@')) return `${variable} is invalid (its value is not shown)`;
  const secrets = new Secrets();
  secrets.add(textOf(keyVariable, environment));
  return `${variable} is the string ${JSON.stringify(secrets.text(given).slice(0, 60))}`;
}

type Rows = Readonly<Record<string, Row>>;
type Checks = Readonly<Record<string, Check>>;

/** The values of the variables that are set, by the names of their options. */
function valuesOf(rows: Rows, checks: Checks, environment: Environment | undefined): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [option, [variable, { read, wording }]] of Object.entries(rows)) {
    const given = textOf(variable, environment);
    if (given === undefined) continue;
    values[option] = read(given);
    const allowed = checks[option]?.(values[option]);
    if (allowed === undefined) continue;
    const message = `${described(variable, given, environment)}; allowed: ${wording(allowed)}`;
    throw new OctaConfigurationError({ message });
  }
  return values;
}

/**
 * The client's options as OCTA_* variables give them; default: those of the process, none where there is no process.
 * A variable that is empty or blank counts as not set, and one that the SDK does not know is left alone.
 * Throws OctaConfigurationError for a value that its option does not allow, naming the variable.
 */
export function optionsFromEnv(environment?: Environment): OctaClientOptions {
  const options: OctaClientOptions = valuesOf(clientRows, clientChecks, environment);
  if (options.baseUrl === undefined || options.baseUrls === undefined) return options;
  const variables = [clientRows.baseUrl, clientRows.baseUrls].map(([variable]) => variable).join(' and ');
  throw new OctaConfigurationError({ message: `${variables} are both set; set only one of them` });
}

/** The same for the transport of Node. Throws OctaConfigurationError as `optionsFromEnv` does. */
export function nodeOptionsFromEnv(environment?: Environment): NodeTransportOptions {
  return valuesOf(nodeRows, nodeChecks, environment);
}

/** Names of the variables for the transport of Node that are set, readable or not. */
export function nodeVariablesSet(environment?: Environment): string[] {
  const variables = Object.values(nodeRows).map(([variable]) => variable);
  return variables.filter((variable) => textOf(variable, environment) !== undefined);
}
