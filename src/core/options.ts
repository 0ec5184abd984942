/** Options resolved: checked, completed and frozen, once, at construction. */
import { lowerCaseNames } from '../transport/headers.ts';
import type { Logger, LogLevel } from '../transport/log.ts';
import type { FetchLike, KeySource } from '../transport/types.ts';
import { checkAll, clientChecks, requestChecks } from './checks.ts';
import type { OctaClientOptions, RequestOptions } from './option-types.ts';
import { version } from './version.ts';

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly keySource: KeySource;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly backoffFactor: number;
  readonly maxRetryDelayMs: number;
  readonly maxRetryAfterMs: number;
  readonly fetch: FetchLike | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly onRequest: OctaClientOptions['onRequest'];
  readonly onResponse: OctaClientOptions['onResponse'];
  readonly onRetry: OctaClientOptions['onRetry'];
  readonly onDrift: OctaClientOptions['onDrift'];
  readonly logger: Logger;
  readonly logLevel: LogLevel;
}

/** Browsers send a User-Agent of their own and refuse, or worse preflight, another. */
function isBrowser(): boolean {
  const scope: object = globalThis;
  return 'document' in scope || ('importScripts' in scope && 'WorkerGlobalScope' in scope && !('Deno' in scope));
}

function keySourceOf(apiKey: OctaClientOptions['apiKey']): KeySource {
  return typeof apiKey === 'function' ? apiKey : () => apiKey;
}

/** Checks the client's options and fills in every default. Throws OctaConfigurationError. */
export function resolveOptions(given: OctaClientOptions = {}): ResolvedOptions {
  checkAll(given, clientChecks, 'client options');
  const userAgent = isBrowser() ? undefined : (given.userAgent ?? `octaspace-sdk-js/${version}`);
  return Object.freeze({
    keySource: keySourceOf(given.apiKey),
    baseUrl: (given.baseUrl ?? 'https://api.octa.computer').replace(/\/+$/, ''),
    timeoutMs: given.timeoutMs ?? 30_000,
    retries: given.retries ?? 2,
    retryDelayMs: given.retryDelayMs ?? 500,
    backoffFactor: given.backoffFactor ?? 2,
    maxRetryDelayMs: given.maxRetryDelayMs ?? 10_000,
    maxRetryAfterMs: given.maxRetryAfterMs ?? 60_000,
    fetch: given.fetch,
    headers: Object.freeze({
      ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
      ...lowerCaseNames(given.headers ?? {}),
    }),
    onRequest: given.onRequest,
    onResponse: given.onResponse,
    onRetry: given.onRetry,
    onDrift: given.onDrift,
    logger: given.logger ?? console,
    logLevel: given.logLevel ?? 'warn',
  });
}

/** Checks the options of one call. Throws OctaConfigurationError. */
export function checkRequestOptions(given: RequestOptions): void {
  checkAll(given, requestChecks, 'request options');
}
