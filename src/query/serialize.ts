/** Converts caches to JSON text and back, including bigints. */

/** The only field of an object that represents a bigint. */
const tag = '$bigint';
/** Names that look like the tag, or like an escaped one. Each is escaped with one more `$`. */
const likeTag = /^\$+bigint$/;
const escapedTag = /^\$\$+bigint$/;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Renames matching fields of a record; returns any other value unchanged. */
function renamed(value: unknown, which: RegExp, rename: (name: string) => string): unknown {
  if (!isRecord(value) || !Object.keys(value).some((name) => which.test(name))) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [which.test(name) ? rename(name) : name, field]),
  );
}

/**
 * Converts a cache, or any plain data, to JSON text with exact amounts: for the option `serialize` of persisters, and for server-side
 * rendering. Parse it with `deserialize`.
 *
 * @throws TypeError if it contains a file of `downloadIdent` or `downloadLogs`, which is not plain data.
 */
export function serialize(value: unknown): string {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, written) {
    // The value before toJSON: some applications add a toJSON to bigint, which may return any text.
    const field = this[name];
    if (typeof field === 'bigint') return { [tag]: String(field) };
    if (typeof Blob !== 'undefined' && field instanceof Blob)
      throw new TypeError('a file cannot be serialized; exclude its query with shouldDehydrateQuery');
    return renamed(written, likeTag, (name) => `$${name}`);
  });
}

/** Parses the text of `serialize`. */
export function deserialize<Value>(text: string): Value {
  return JSON.parse(text, (_name, field: unknown) => {
    const digits = isRecord(field) && Object.keys(field).length === 1 ? field[tag] : undefined;
    if (typeof digits === 'string' && /^-?\d+$/.test(digits)) return BigInt(digits);
    return renamed(field, escapedTag, (name) => name.slice(1));
  });
}
