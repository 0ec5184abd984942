/** What a header may be, and header names in one spelling. */

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a value can be sent as a header. */
export function isHeaderValue(value: unknown): value is string {
  return typeof value === 'string' && headerValue.test(value);
}

/** Name of the first header that cannot be sent; undefined when all can. Values are not named: they may be secrets. */
export function wrongHeader(headers: object): string | undefined {
  return Object.entries(headers).find(([name, value]) => !headerName.test(name) || !isHeaderValue(value))?.[0];
}

/**
 * Headers in a copy that may be changed, without those that no Response of ours could have: some runtimes let them in when a
 * server sends them, and the rest of the answer is of use without them.
 */
export function copyHeaders(headers: Iterable<readonly [string, string]>): Headers {
  return new Headers(
    [...headers]
      .filter(([name, value]) => headerName.test(name) && headerValue.test(value))
      .map(([name, value]): [string, string] => [name, value]),
  );
}

/** Header names in lower case, so that later ones replace earlier ones whatever their spelling. */
export function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** `X-Request-Id` of a response. */
export function requestIdOf({ headers }: { readonly headers: Headers }): string | undefined {
  return headers.get('x-request-id') ?? undefined;
}
