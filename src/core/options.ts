/** Options resolved: checked, completed and frozen, once, at construction. */
import { type Clock, clockOf, held } from '../clock.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { requireGlobals } from '../errors/runtime.ts';
import { systemClock } from '../system-clock.ts';
import { lowerCaseNames } from '../transport/headers.ts';
import type { Logger, LogLevel } from '../transport/log.ts';
import { isBrowser } from '../transport/runtime.ts';
import type { FetchLike, KeySource } from '../transport/types.ts';
import { checkAll, clientChecks, requestChecks } from './checks.ts';
import type { OctaClientOptions, RequestOptions, ResolvedLeaseOptions } from './option-types.ts';
import { version } from './version.ts';

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly keySource: KeySource;
  /** The API key, when it is known from the beginning. */
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
  /** Whether calls that must not happen twice may be sent from here. */
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

/** Globals of which every call needs each. `fetch` is looked up by each attempt: tests replace it. */
const neededGlobals = [
  'AbortController',
  'Headers',
  'Response',
  'TextDecoder',
  'URL',
  'performance',
  'queueMicrotask',
  'setTimeout',
];

function keySourceOf(apiKey: OctaClientOptions['apiKey'], clock: Clock): KeySource {
  return typeof apiKey === 'function' ? () => held(clock, apiKey) : () => apiKey;
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

/** Checks the client's options and fills in every default. Throws OctaConfigurationError. */
export function resolveOptions(given: OctaClientOptions = {}): ResolvedOptions {
  requireGlobals('a client', neededGlobals);
  checkAll(given, clientChecks, 'client options');
  const { baseUrl, baseUrls } = given;
  if (baseUrl !== undefined && baseUrls !== undefined) {
    throw new OctaConfigurationError({ message: 'baseUrl and baseUrls are both set; set only one of them' });
  }
  const inBrowser = isBrowser();
  // Browsers send a User-Agent of their own and refuse, or worse preflight, another.
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
    // Nothing leaves a virtual world, so no browser can send it again.
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
      ledger: given.ledger,
      onLateSession: given.onLateSession,
      leaseVariable: given.leaseVariable ?? 'OCTA_LEASE_ID',
      maxTotalSpend: totalSpendOf(given.maxTotalSpend),
    },
  });
}

/**
 * Options over other ones. What is undefined above leaves what is below, and one kind of base URL takes the place of the
 * other.
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
