/** Assembles requests: converts paths, queries and bodies to text. */
import { encodeJson } from '../codec/encode.ts';
import { isRecord } from '../codec/record.ts';
import { OctaConfigurationError } from '../errors/errors.ts';

function refuse(name: string, value: unknown): never {
  const given = typeof value === 'string' ? JSON.stringify(value) : value === null ? 'null' : `of type ${typeof value}`;
  const allowed = "a non-empty string or a whole number, but not '.' or '..'";
  throw new OctaConfigurationError({ message: `${name} is ${given}; allowed: ${allowed}` });
}

function segmentText(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'bigint') return String(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Encodes a value as one path segment. Throws OctaConfigurationError for values that would change the path. */
export function pathSegment(name: string, value: unknown): string {
  const text = segmentText(value);
  if (text === undefined || text.trim() === '' || text === '.' || text === '..') refuse(name, value);
  try {
    return encodeURIComponent(text);
  } catch {
    // A lone surrogate cannot be encoded.
    return refuse(name, value);
  }
}

/** The path of an operation with its parameters filled in. */
export function fillPath(path: string, values: Readonly<Record<string, unknown>>): string {
  if (!path.includes('{')) return path;
  return path.replace(/\{([^{}]+)\}/g, (_, name: string) => pathSegment(name, values[name]));
}

function queryText(name: string, value: unknown): string {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (['string', 'number', 'boolean', 'bigint'].includes(typeof value)) return String(value);
  const message = `query parameter ${name} is of type ${typeof value}; allowed: strings, numbers, booleans, dates and arrays of these`;
  throw new OctaConfigurationError({ message });
}

/** Query parameters as text. Undefined and null are omitted; lists repeat their name. */
export function queryString(query: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(query);
  if (entries.length === 0) return '';
  const search = new URLSearchParams();
  for (const [name, value] of entries) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null) search.append(name, queryText(name, item));
    }
  }
  return search.toString();
}

/** Adds the caller's extra fields to a request body; for a batch, to each of its items. */
export function mergeBody(body: unknown, extra: Readonly<Record<string, unknown>> | undefined): unknown {
  if (extra === undefined) return body;
  if (Array.isArray(body)) return body.map((item) => mergeBody(item, extra));
  return isRecord(body) || body === undefined ? { ...body, ...extra } : body;
}

/** An assembled request. */
export interface AssembledRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body: string | undefined;
  /** The caller's headers, if the request came through openapi-fetch. */
  readonly headers: Headers | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The JSON text of a body. */
export function bodyText(body: unknown): string | undefined {
  try {
    return encodeJson(body);
  } catch (cause) {
    throw new OctaConfigurationError({
      message: 'the request body cannot be written as JSON; check for circular references',
      cause,
    });
  }
}

/** Assembles the request of a resource with the same serialisers, but without openapi-fetch, which would cost as much as the call. */
export function assembleRequest(
  { method, path }: { readonly method: string; readonly path: string },
  params: Readonly<Record<'path' | 'query', Readonly<Record<string, unknown>>>>,
  body: unknown,
): AssembledRequest {
  const filled = fillPath(path, params.path);
  const query = queryString(params.query);
  const whole = query === '' ? filled : `${filled}?${query}`;
  const text = body === undefined ? undefined : bodyText(body);
  return { method, path: whole, body: text, headers: undefined, signal: undefined };
}
