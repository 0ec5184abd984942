/** Reads options from OCTA_* environment variables. No other module of the core reads the environment. */
import { clientChecks, milliseconds, wholeNumber } from './core/checks.ts';
import type { OctaClientOptions } from './core/option-types.ts';
import { OctaConfigurationError } from './errors/errors.ts';
import { Secrets } from './transport/secrets.ts';

/** Environment variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The options of `nodeFetch()` that can be set by environment variables. */
export interface NodeTransportOptions {
  /** Whether connections are reused. `OCTA_KEEP_ALIVE`. */
  readonly keepAlive?: boolean;
  /** Maximum number of idle connections per origin. `OCTA_POOL_SIZE`. */
  readonly poolSize?: number;
  /** Maximum number of connections per origin. `OCTA_MAX_CONNECTIONS`. */
  readonly maxConnections?: number;
  /** Longest wait for a free connection. Unit: ms. `OCTA_POOL_TIMEOUT`, in seconds. */
  readonly poolTimeoutMs?: number;
  /** How long an idle connection stays open. Unit: ms. `OCTA_IDLE_TIMEOUT`, in seconds. */
  readonly idleTimeoutMs?: number;
  /** Time limit for connecting. Unit: ms. `OCTA_OPEN_TIMEOUT`, in seconds. */
  readonly connectTimeoutMs?: number;
  /** Longest time without data from the server. Unit: ms. `OCTA_READ_TIMEOUT`, in seconds. */
  readonly readTimeoutMs?: number;
  /** Longest time without progress while sending a body. Unit: ms. `OCTA_WRITE_TIMEOUT`, in seconds. */
  readonly writeTimeoutMs?: number;
  /** Whether certificates are verified. `OCTA_SSL_VERIFY`. */
  readonly tlsVerify?: boolean;
}

/** Returns what is allowed if a value is not allowed, else undefined. */
type Check = (value: unknown) => string | undefined;

/** Parses the text of a variable. The check of the option then validates the value. */
interface Reader {
  /** The value. Text that cannot be parsed becomes a value that every check rejects. */
  readonly read: (text: string) => unknown;
  /** Rewords what is allowed for a variable instead of an option. */
  readonly wording: (allowed: string) => string;
}

/** A variable and its parser. */
type Row = readonly [variable: string, reader: Reader];

function decimal(text: string): number {
  return /^(?:\d+|\d*\.\d+)$/.test(text) ? Number(text) : Number.NaN;
}

const asItIs = (given: string): string => given;

// Without spreading one into another: bundlers cannot prove that a spread has no side effects, and would keep it in every bundle.
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

/** The variables for options of the client. */
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

/** The variables for options of the Node transport. */
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

/** The checks for options of the Node transport. */
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

/** The trimmed text of a variable; undefined if it is empty or not set. */
function textOf(variable: string, given: Environment | undefined): string | undefined {
  try {
    // Not every runtime has `process`. In a page, it may be an element with that id.
    const environment = given ?? field(field(globalThis, 'process'), 'env');
    return String(field(environment, variable) ?? '').trim() || undefined;
  } catch (cause) {
    const message = `${variable} cannot be read: the runtime denies access to the environment; Deno needs --allow-env`;
    throw new OctaConfigurationError({ message, cause });
  }
}

/** A variable and its value for a message. Hides the API key, even if it was put into the wrong variable. */
function described(variable: string, given: string, environment: Environment | undefined): string {
  const [keyVariable] = clientRows.apiKey;
  // A URL with a user name may contain a password.
  if (variable === keyVariable || given.includes('@')) return `${variable} is invalid (its value is not shown)`;
  const secrets = new Secrets();
  secrets.add(textOf(keyVariable, environment));
  return `${variable} is the string ${JSON.stringify(secrets.text(given).slice(0, 60))}`;
}

type Rows = Readonly<Record<string, Row>>;
type Checks = Readonly<Record<string, Check>>;

/** The values of the variables that are set, by option name. */
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
 * The client options in OCTA_* variables. Default: those of `process.env`; none if the runtime has no `process`.
 * Empty or blank variables count as not set. Unknown variables are ignored.
 *
 * @throws OctaConfigurationError if an option does not allow the value of its variable; the message names the variable.
 */
export function optionsFromEnv(environment?: Environment): OctaClientOptions {
  const checks: Pick<typeof clientChecks, keyof typeof clientRows> = clientChecks;
  const options: OctaClientOptions = valuesOf(clientRows, checks, environment);
  if (options.baseUrl === undefined || options.baseUrls === undefined) return options;
  const variables = [clientRows.baseUrl, clientRows.baseUrls].map(([variable]) => variable).join(' and ');
  throw new OctaConfigurationError({ message: `${variables} are both set; set only one of them` });
}

/** The same for the Node transport. Throws OctaConfigurationError as `optionsFromEnv` does. */
export function nodeOptionsFromEnv(environment?: Environment): NodeTransportOptions {
  return valuesOf(nodeRows, nodeChecks, environment);
}

/** Names of the Node transport variables that are set, whether valid or not. */
export function nodeVariablesSet(environment?: Environment): string[] {
  const variables = Object.values(nodeRows).map(([variable]) => variable);
  return variables.filter((variable) => textOf(variable, environment) !== undefined);
}
