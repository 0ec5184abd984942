/** Caches as text, and back: JSON has no bigint. */

const tag = '$bigint';

/**
 * A cache, or anything else in plain data, as JSON text that keeps amounts exact: for the option `serialize` of persisters, and for
 * what a server renders. Read it with `deserialize`.
 *
 * @throws TypeError when it holds a file of `downloadIdent` or `downloadLogs`, which is no plain data.
 */
export function serialize(value: unknown): string {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, written) {
    // Before its toJSON: applications give one to bigint, and the text that it makes could be anything.
    const field = this[name];
    if (typeof field === 'bigint') return { [tag]: String(field) };
    if (typeof Blob !== 'undefined' && field instanceof Blob)
      throw new TypeError('a file is no plain data; leave its query out by shouldDehydrateQuery');
    return written;
  });
}

/** What `serialize` has written. */
export function deserialize<Value>(text: string): Value {
  return JSON.parse(text, (_name, field: unknown) => {
    const digits: unknown = typeof field === 'object' && field !== null ? Reflect.get(field, tag) : undefined;
    return typeof digits === 'string' && /^-?\d+$/.test(digits) ? BigInt(digits) : field;
  });
}
