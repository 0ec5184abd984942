/** Validates headers and normalizes their names. */

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a value can be sent as a header. */
export function isHeaderValue(value: unknown): value is string {
  return typeof value === 'string' && headerValue.test(value);
}

/** The name of the first header that cannot be sent, else undefined. Values are not returned, because they may be secret. */
export function wrongHeader(headers: object): string | undefined {
  return Object.entries(headers).find(([name, value]) => !headerName.test(name) || !isHeaderValue(value))?.[0];
}

/**
 * A copy of headers that can be changed, without invalid ones. Some runtimes accept invalid headers from a server, but `new Headers`
 * throws for them.
 */
export function copyHeaders(headers: Iterable<readonly [string, string]>): Headers {
  return new Headers(
    [...headers]
      .filter(([name, value]) => headerName.test(name) && headerValue.test(value))
      .map(([name, value]): [string, string] => [name, value]),
  );
}

/** Headers with names in lower case, so that later ones replace earlier ones in any letter case. */
export function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** `X-Request-Id` of a response. */
export function requestIdOf({ headers }: { readonly headers: Headers }): string | undefined {
  return headers.get('x-request-id') ?? undefined;
}
