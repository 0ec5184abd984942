/** Options of `nodeFetch()`: checks them once, fills in defaults and freezes them. */
import { OctaConfigurationError } from '../errors/errors.ts';
import { unknownOption } from '../nearest.ts';
import { allowedProxy, type ProxyFor, proxiesFromEnv, proxyUrl } from './proxies.ts';

/** Options of `nodeFetch()`. All are optional; a wrong or unknown one throws OctaConfigurationError. */
export interface NodeFetchOptions {
  /** Whether connections are reused. False: every request opens a new connection. Default true. */
  readonly keepAlive?: boolean | undefined;
  /** Maximum number of idle connections per origin. Default 5. */
  readonly poolSize?: number | undefined;
  /**
   * Maximum number of connections per origin; further requests wait for one. Requests that stop a session, or check it in order to stop
   * it, may open two more. Default 20.
   */
  readonly maxConnections?: number | undefined;
  /**
   * Longest wait for a free connection. After that the request fails with an error that proves that nothing was sent. The wait counts
   * towards `totalTimeoutMs` of the call, but not towards `timeoutMs`. Unit: ms; 0 is no limit. Default 0.
   */
  readonly poolTimeoutMs?: number | undefined;
  /** How long an idle connection stays open; less if the server requests less. Unit: ms; 0 is no limit. Default 60 000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Time limit for connecting: DNS, TCP, proxy and TLS. Unit: ms; 0 is no limit. Default 10 000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Longest time without data from the server, before the headers and within the body. Unit: ms; 0 is no limit. Default 30 000. */
  readonly readTimeoutMs?: number | undefined;
  /** Longest time without progress while sending a large body. Unit: ms; 0 is no limit. Default 30 000. */
  readonly writeTimeoutMs?: number | undefined;
  /** After `close()`, a response body that is not read for this long is cancelled. Unit: ms; 0 is no limit. Default 5 000. */
  readonly closeTimeoutMs?: number | undefined;
  /** Whether server certificates are verified. Use false only for tests against your own server. Default true. */
  readonly tlsVerify?: boolean | undefined;
  /**
   * Proxy URL, such as `http://user:password@host:3128` or an `https:` one without a path; or `'env'` to read HTTP_PROXY, HTTPS_PROXY and
   * NO_PROXY when `nodeFetch()` is called. Default: no proxy.
   */
  readonly proxy?: string | undefined;
}

/** Options with every default filled in. */
export interface ResolvedNodeOptions {
  readonly keepAlive: boolean;
  readonly poolSize: number;
  readonly maxConnections: number;
  readonly poolTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly tlsVerify: boolean;
  readonly proxy: ProxyFor;
}

/** Returns what is allowed if the value is not allowed, else undefined. */
type Check = (value: unknown) => string | undefined;

function milliseconds(value: unknown): string | undefined {
  const allowed = typeof value === 'number' && Number.isFinite(value) && value >= 0;
  return allowed ? undefined : 'a number of milliseconds, 0 or more';
}

function wholeNumberFrom(least: number): Check {
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least
      ? undefined
      : `a whole number, ${least} or more`;
}

function trueOrFalse(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'true or false';
}

function aProxy(value: unknown): string | undefined {
  return value === 'env' || proxyUrl(value) !== undefined ? undefined : allowedProxy;
}

/** The check of each option. An option without a check is a compile error. */
const checks = {
  keepAlive: trueOrFalse,
  poolSize: wholeNumberFrom(0),
  maxConnections: wholeNumberFrom(1),
  poolTimeoutMs: milliseconds,
  idleTimeoutMs: milliseconds,
  connectTimeoutMs: milliseconds,
  readTimeoutMs: milliseconds,
  writeTimeoutMs: milliseconds,
  closeTimeoutMs: milliseconds,
  tlsVerify: trueOrFalse,
  proxy: aProxy,
} satisfies Record<keyof NodeFetchOptions, Check>;

/** A given value for a message. The URL of a proxy is not shown, because it may contain a password. */
function shown(name: string, value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (name === 'proxy') return `of type ${typeof value}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'string' ? `the string ${JSON.stringify(value.slice(0, 60))}` : `of type ${typeof value}`;
}

function checkAll(given: unknown): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const message = `the options of nodeFetch() must be an object, but are ${shown('proxy', given)}`;
    throw new OctaConfigurationError({ message });
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const check = Object.entries(checks).find(([known]) => known === name)?.[1];
    if (check === undefined) {
      throw new OctaConfigurationError({ message: unknownOption(name, Object.keys(checks), 'nodeFetch()') });
    }
    const allowed = check(value);
    if (allowed === undefined) continue;
    throw new OctaConfigurationError({ message: `${name} is ${shown(name, value)}; allowed: ${allowed}` });
  }
}

function proxyForOf(proxy: string | undefined): ProxyFor {
  if (proxy === 'env') {
    return proxiesFromEnv(process.env, (variable) => {
      const message = `${variable} is invalid (its value is not shown); allowed: an http or https URL without a path`;
      throw new OctaConfigurationError({ message });
    });
  }
  const url = proxyUrl(proxy);
  return () => url;
}

/** Longest delay that timers support. With a longer one they fire immediately. Unit: ms. */
export const longestDelayMs = 2 ** 31 - 1;

/** A time limit that timers support. 0 means no limit. */
function limit(given: number | undefined, standard: number): number {
  return Math.min(given ?? standard, longestDelayMs);
}

/** Checks the options and fills in defaults. Throws OctaConfigurationError. */
export function resolveNodeOptions(given: NodeFetchOptions = {}): ResolvedNodeOptions {
  checkAll(given);
  return Object.freeze({
    keepAlive: given.keepAlive ?? true,
    poolSize: given.poolSize ?? 5,
    maxConnections: given.maxConnections ?? 20,
    poolTimeoutMs: limit(given.poolTimeoutMs, 0),
    idleTimeoutMs: limit(given.idleTimeoutMs, 60_000),
    connectTimeoutMs: limit(given.connectTimeoutMs, 10_000),
    readTimeoutMs: limit(given.readTimeoutMs, 30_000),
    writeTimeoutMs: limit(given.writeTimeoutMs, 30_000),
    closeTimeoutMs: limit(given.closeTimeoutMs, 5_000),
    tlsVerify: given.tlsVerify ?? true,
    proxy: proxyForOf(given.proxy),
  });
}
