/** Caches as text, and back: JSON has no bigint. */

/** The one field of an object that stands for a bigint. */
const tag = '$bigint';
/** Names that could be taken for the tag, or for one that was escaped; each is written with one more sign before it. */
const likeTag = /^\$+bigint$/;
const escapedTag = /^\$\$+bigint$/;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A record with some of its fields renamed; anything else, and any other record, as it is. */
function renamed(value: unknown, which: RegExp, rename: (name: string) => string): unknown {
  if (!isRecord(value) || !Object.keys(value).some((name) => which.test(name))) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [which.test(name) ? rename(name) : name, field]),
  );
}

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
      throw new TypeError('a file cannot be serialized; exclude its query with shouldDehydrateQuery');
    return renamed(written, likeTag, (name) => `$${name}`);
  });
}

/** What `serialize` has written. */
export function deserialize<Value>(text: string): Value {
  return JSON.parse(text, (_name, field: unknown) => {
    const digits = isRecord(field) && Object.keys(field).length === 1 ? field[tag] : undefined;
    if (typeof digits === 'string' && /^-?\d+$/.test(digits)) return BigInt(digits);
    return renamed(field, escapedTag, (name) => name.slice(1));
  });
}
