/** Selects the proxy for requests: a fixed one, or one from environment variables. */

import { endpointOf } from './connect.ts';

/** The proxy for an origin; undefined for none. */
export type ProxyFor = (origin: URL) => URL | undefined;

/** The allowed values of a proxy, for messages. */
export const allowedProxy =
  "an http or https URL without a path, such as http://user:password@proxy.example:3128, or 'env'";

/** The URL of a proxy; undefined if it is not one. */
export function proxyUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const { protocol, pathname, search, hash } = url;
  return /^https?:$/.test(protocol) && pathname === '/' && search === '' && hash === '' ? url : undefined;
}

/** One entry of NO_PROXY: a host with its subdomains, and an optional port. */
interface Exception {
  readonly host: string;
  readonly port: number | undefined;
}

/** A host without the brackets of an IPv6 address. */
function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

function exceptionsIn(list: string): Exception[] {
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      // An IPv6 address can have a port only if it is in brackets.
      const [, host = entry, port] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
      return { host: bare(host.replace(/^\*?\./, '')), port: port === undefined ? undefined : Number(port) };
    });
}

function isExcepted(origin: URL, exceptions: readonly Exception[]): boolean {
  const { host, port } = endpointOf(origin);
  return exceptions.some((entry) => {
    if (entry.host === '*') return true;
    if (entry.port !== undefined && entry.port !== port) return false;
    return host === entry.host || host.endsWith(`.${entry.host}`);
  });
}

/**
 * Reads the proxies from HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Node and undici do: lower-case names take precedence, and HTTP_PROXY is
 * used for both protocols if HTTPS_PROXY is not set. Calls `refuse` with the name of a variable whose value is not a proxy URL.
 */
export function proxiesFromEnv(
  environment: Readonly<Record<string, string | undefined>>,
  refuse: (variable: string) => never,
): ProxyFor {
  const read = (name: string): readonly [name: string, value: string] | undefined => {
    for (const each of [name.toLowerCase(), name]) {
      const value = environment[each]?.trim();
      if (value) return [each, value];
    }
    return undefined;
  };
  const proxyIn = (name: string): URL | undefined => {
    const [variable, value] = read(name) ?? [];
    return variable === undefined ? undefined : (proxyUrl(value) ?? refuse(variable));
  };
  const plain = proxyIn('HTTP_PROXY');
  const secure = proxyIn('HTTPS_PROXY') ?? plain;
  const exceptions = exceptionsIn(read('NO_PROXY')?.[1] ?? '');
  return (origin) => {
    if (isExcepted(origin, exceptions)) return undefined;
    return origin.protocol === 'https:' ? secure : plain;
  };
}
