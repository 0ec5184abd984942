/** Which proxy requests go through: a fixed one, or the one that the environment names. */

import { endpointOf } from './connect.ts';

/** The proxy for an origin; undefined for none. */
export type ProxyFor = (origin: URL) => URL | undefined;

/** What a proxy may be. */
export const allowedProxy =
  "an http or https URL without a path, such as http://user:password@proxy.example:3128, or 'env'";

/** The URL of a proxy; undefined if it is not one. */
export function proxyUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const { protocol, pathname, search, hash } = url;
  return /^https?:$/.test(protocol) && pathname === '/' && search === '' && hash === '' ? url : undefined;
}

/** One entry of NO_PROXY: a host, with its subdomains, and perhaps a port. */
interface Exception {
  readonly host: string;
  readonly port: number | undefined;
}

/** A host without the brackets of an address of version 6. */
function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

function exceptionsIn(list: string): Exception[] {
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      // An address of version 6 has a port only behind brackets.
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
 * The proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either letter case, as Node and undici read them: the lower case first, and
 * HTTP_PROXY for both if there is no HTTPS_PROXY. Calls `refuse` with the name of a variable whose value is not a proxy.
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
