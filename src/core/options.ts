/** Resolves client options once, at construction: checks them, fills in defaults and freezes them. */
import { type Clock, clockOf, held } from '../clock.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { requireGlobals } from '../errors/runtime.ts';
import { systemClock } from '../system-clock.ts';
import { lowerCaseNames } from '../transport/headers.ts';
import type { Logger, LogLevel } from '../transport/log.ts';
import { isBrowser } from '../transport/runtime.ts';
import type { FetchLike, KeySource } from '../transport/types.ts';
import { checkAll, clientChecks, requestChecks } from './checks.ts';
import type { LeaseLedger } from './lease-types.ts';
import type { OctaClientOptions, RequestOptions, ResolvedLeaseOptions } from './option-types.ts';
import { timeOf } from './time.ts';
import { version } from './version.ts';

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly keySource: KeySource;
  /** The API key, if it was given as a string. */
  readonly fixedKey: string | undefined;
  /** At least one. */
  readonly baseUrls: readonly string[];
  readonly timeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly backoffFactor: number;
  readonly maxRetryDelayMs: number;
  readonly maxRetryAfterMs: number;
  readonly cooldownMs: number;
  readonly maxResponseBytes: number;
  /** Whether calls that must not be sent twice are allowed in this runtime. */
  readonly sendsOnceOnly: boolean;
  readonly fetch: FetchLike | undefined;
  readonly clock: Clock;
  readonly headers: Readonly<Record<string, string>>;
  readonly onRequest: OctaClientOptions['onRequest'];
  readonly onResponse: OctaClientOptions['onResponse'];
  readonly onRetry: OctaClientOptions['onRetry'];
  readonly onDrift: OctaClientOptions['onDrift'];
  readonly validate: OctaClientOptions['validate'];
  readonly logger: Logger;
  readonly logLevel: LogLevel;
  readonly leases: ResolvedLeaseOptions;
}

/** Globals that every call needs. Without `fetch`, which each attempt looks up, because tests replace it. */
const neededGlobals = [
  'AbortController',
  'Headers',
  'Response',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'performance',
  'queueMicrotask',
  'setTimeout',
];

function keySourceOf(apiKey: OctaClientOptions['apiKey'], clock: Clock): KeySource {
  return typeof apiKey === 'function' ? () => held(clock, apiKey) : () => apiKey;
}

/** How long to wait for the ledger. Unit: ms. */
const ledgerWithinMs = 30_000;

/** The ledger with a time limit. Virtual time stands still while it works: it may use files or a server, in real time. */
function ledgerOf({ ledger }: OctaClientOptions, clock: Clock): LeaseLedger | undefined {
  if (ledger === undefined) return undefined;
  const { orLate } = timeOf(clock);
  const limited = async <Result>(name: keyof LeaseLedger, work: () => Promise<Result>): Promise<Result> =>
    await orLate(held(clock, work), ledgerWithinMs, () => {
      throw new Error(`the ledger did not respond to ${name} within ${ledgerWithinMs / 1000} s`);
    });
  return {
    put: (record) => limited('put', () => ledger.put(record)),
    claim: (...claim) => limited('claim', () => ledger.claim(...claim)),
    delete: (id) => limited('delete', () => ledger.delete(id)),
    list: () => limited('list', () => ledger.list()),
  };
}

function totalSpendOf(given: OctaClientOptions['maxTotalSpend']): ResolvedLeaseOptions['maxTotalSpend'] {
  if (given === undefined) return undefined;
  const { amount, windowMs = 86_400_000 } = typeof given === 'bigint' ? { amount: given } : given;
  return { amount, windowMs };
}

function withoutSlash(url: string): string {
  let end = url.length;
  while (url[end - 1] === '/') end--;
  return url.slice(0, end);
}

/** Checks the client options and fills in defaults. Throws OctaConfigurationError. */
export function resolveOptions(given: OctaClientOptions = {}): ResolvedOptions {
  requireGlobals('a client', neededGlobals);
  checkAll(given, clientChecks, 'client options');
  const { baseUrl, baseUrls } = given;
  if (baseUrl !== undefined && baseUrls !== undefined) {
    throw new OctaConfigurationError({ message: 'baseUrl and baseUrls are both set; set only one of them' });
  }
  const inBrowser = isBrowser();
  // Browsers send their own User-Agent. They refuse another one, or send a preflight request for it.
  const userAgent = inBrowser ? undefined : (given.userAgent ?? `octaspace-sdk-js/${version}`);
  const virtual = clockOf(given.fetch);
  const clock = given.clock ?? virtual ?? systemClock;
  return Object.freeze({
    keySource: keySourceOf(given.apiKey, clock),
    fixedKey: typeof given.apiKey === 'string' ? given.apiKey : undefined,
    baseUrls: Object.freeze((baseUrls ?? [baseUrl ?? 'https://api.octa.computer']).map(withoutSlash)),
    timeoutMs: given.timeoutMs ?? 30_000,
    totalTimeoutMs: given.totalTimeoutMs ?? 120_000,
    retries: given.retries ?? 2,
    retryDelayMs: given.retryDelayMs ?? 500,
    backoffFactor: given.backoffFactor ?? 2,
    maxRetryDelayMs: given.maxRetryDelayMs ?? 10_000,
    maxRetryAfterMs: given.maxRetryAfterMs ?? 60_000,
    cooldownMs: given.cooldownMs ?? 30_000,
    maxResponseBytes: given.maxResponseBytes ?? 134_217_728,
    // A simulator's `fetch` sends nothing over the network, so a browser cannot resend it.
    sendsOnceOnly: !inBrowser || given.allowBillableInBrowser === true || virtual !== undefined,
    fetch: given.fetch,
    clock,
    headers: Object.freeze({
      ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
      ...lowerCaseNames(given.headers ?? {}),
    }),
    onRequest: given.onRequest,
    onResponse: given.onResponse,
    onRetry: given.onRetry,
    onDrift: given.onDrift,
    validate: given.validate,
    logger: given.logger ?? console,
    logLevel: given.logLevel ?? 'warn',
    leases: {
      ledger: ledgerOf(given, clock),
      onLateSession: given.onLateSession,
      leaseVariable: given.leaseVariable ?? 'OCTA_LEASE_ID',
      maxTotalSpend: totalSpendOf(given.maxTotalSpend),
    },
  });
}

/**
 * Merges options; `upper` takes precedence, except for undefined values. A `baseUrl` also replaces `baseUrls`, and the reverse.
 */
export function mergeOptions(lower: OctaClientOptions, upper: OctaClientOptions): OctaClientOptions {
  const set = Object.fromEntries(Object.entries(upper).filter(([, value]) => value !== undefined));
  const { baseUrl, baseUrls, ...rest } = lower;
  return upper.baseUrl === undefined && upper.baseUrls === undefined ? { ...lower, ...set } : { ...rest, ...set };
}

/** Checks the options of one call. Throws OctaConfigurationError. */
export function checkRequestOptions(given: RequestOptions): void {
  checkAll(given, requestChecks, 'request options');
}
