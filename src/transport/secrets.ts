/** Removes API keys from everything that the SDK shows, except from decoded responses. */
import { type FailedRequest, OctaError } from '../errors/errors.ts';
import { isPlain, isSafeKind, safeCopy } from './causes.ts';
import { copyHeaders } from './headers.ts';
import { nothing } from './nothing.ts';
import { patternOf } from './spellings.ts';
import type { Call, Redactor } from './types.ts';

const substitute = '[API key]';
/** Shorter keys are not replaced, because they occur in ordinary words. Unit: characters. */
const shortestSecret = 8;
/** Maximum number of objects that are searched in one value. */
const largestValue = 1000;
/** Maximum depth of data that is searched. */
const deepest = 200;
/** Number of earlier keys that are remembered, because a response in progress may still contain one. */
const keysRemembered = 16;
/** Names of secret values in headers, queries and objects. */
const secretWord = /authori[sz]ation|cookie|token|secret|passw|credential|api[-_]?key|signature/i;
const keyName = /^x-.*-key$|^key$/i;
const hidden = '[redacted]';

/** Removes a fixed set of keys from values that are shown. */
export class Cleaner {
  /** Matches every spelling of every key. */
  readonly #pattern: RegExp | undefined;

  constructor(keys: readonly string[]) {
    if (keys.length === 0) return;
    // Longest first, because a key may begin with another one.
    const longestFirst = [...keys].sort((one, other) => other.length - one.length);
    this.#pattern = new RegExp(longestFirst.map(patternOf).join('|'), 'g');
  }

  /** The text without the keys in any spelling. */
  text(text: string): string {
    return this.#pattern === undefined ? text : text.replace(this.#pattern, substitute);
  }

  /** The headers without the keys; the same object if it contains none. */
  headers(headers: Headers): Headers {
    const given = [...headers];
    const safe = given.map(([name, value]) => [name, this.text(value)] as const);
    return safe.every(([, value], index) => value === given[index]?.[1]) ? headers : copyHeaders(safe);
  }

  /** A URL that is safe to show: without the keys, and without values of parameters with secret-like names. */
  url(url: string): string {
    return this.text(redactUrl(url));
  }
}

/** The number of requests that use a key now. */
interface Use {
  requests: number;
}

/** The keys that a client has used. Everything that the client shows, logs or throws is cleaned here. */
export class Secrets implements Redactor {
  /** In order of use; the last entry was used last. */
  readonly #uses = new Map<string, Use>();
  #latest: string | undefined;
  #cleaner: Cleaner | undefined;

  /** Remembers a key. */
  add(key: string | undefined): void {
    if (key !== undefined && key.length >= shortestSecret) this.#use(key);
  }

  /** Remembers a key at least until the function that it returns is called. */
  hold(key: string | undefined): () => void {
    if (key === undefined || key.length < shortestSecret) return nothing;
    const use = this.#use(key);
    use.requests++;
    return () => {
      use.requests--;
    };
  }

  #use(key: string): Use {
    const known = this.#uses.get(key);
    if (known !== undefined && key === this.#latest) return known;
    const use = known ?? { requests: 0 };
    if (known === undefined) this.#cleaner = undefined;
    else this.#uses.delete(key);
    this.#uses.set(key, use);
    this.#latest = key;
    this.#forget();
    return use;
  }

  /** Forgets the oldest keys that no request uses any more. */
  #forget(): void {
    for (const [key, { requests }] of this.#uses) {
      if (this.#uses.size <= keysRemembered) return;
      if (requests > 0 || key === this.#latest) continue;
      this.#uses.delete(key);
      this.#cleaner = undefined;
    }
  }

  /** A cleaner with the current keys; it does not change when keys are forgotten later. */
  get cleaner(): Cleaner {
    this.#cleaner ??= new Cleaner([...this.#uses.keys()]);
    return this.#cleaner;
  }

  text(text: string): string {
    return this.cleaner.text(text);
  }

  /** Cleans truncated text. Also removes the beginning of a key at the end of the text. */
  cutText(text: string): string {
    const safe = this.text(text);
    for (const key of this.#uses.keys()) {
      for (let length = key.length - 1; length > 0; length--) {
        if (safe.endsWith(key.slice(0, length))) return safe.slice(0, -length);
      }
    }
    return safe;
  }

  url(url: string): string {
    return this.cleaner.url(url);
  }

  /** The request of a call, safe for errors and log lines. Create it late, because a key may become known only during the attempt. */
  shownRequest({ operation, method, path }: Call, baseUrl: string): FailedRequest {
    return { operation, method, url: this.url(baseUrl + path) };
  }

  /** Plain data without the keys, in values and names; the same object if it contains none. */
  json(value: unknown): unknown {
    return this.#data(value, new Map(), 0);
  }

  /**
   * A thrown or logged value, safe to show: the value itself if it is plain data without the keys, else a copy of its safe parts. Errors
   * of the SDK are cleaned in place.
   */
  cause(cause: unknown): unknown {
    try {
      if (cause instanceof OctaError) return this.error(cause);
      return this.#isSafe(cause, new Set()) ? cause : safeCopy(cause, (text) => this.text(text));
    } catch {
      return new Error('the thrown value cannot be read');
    }
  }

  /** Removes the keys from an error of the SDK, in place. */
  error<Thrown extends OctaError>(error: Thrown): Thrown {
    for (const name of ['message', 'stack'] as const) {
      const text = error[name];
      const safe = typeof text === 'string' ? this.text(text) : text;
      if (safe !== text) Object.defineProperty(error, name, { value: safe, configurable: true, writable: true });
    }
    for (const [name, value] of Object.entries(error)) {
      const safe = this.json(value);
      if (safe !== value) Reflect.set(error, name, safe);
    }
    const cause = Object.getOwnPropertyDescriptor(error, 'cause');
    if (cause !== undefined && 'value' in cause) {
      const safe = this.cause(cause.value);
      if (safe !== cause.value) Object.defineProperty(error, 'cause', { ...cause, value: safe });
    }
    return error;
  }

  /** Throws an SDK error without the keys. An error of a hook is thrown unchanged. */
  readonly rethrow = (error: unknown): never => {
    throw error instanceof OctaError ? this.error(error) : error;
  };

  #data(value: unknown, seen: Map<object, unknown>, depth: number): unknown {
    if (typeof value === 'string') return this.text(value);
    if (!isPlain(value)) return value;
    if (depth > deepest) return '[too deep]';
    const known = seen.get(value);
    if (known !== undefined) return known;
    // For circular references.
    seen.set(value, value);
    const given = Object.entries(value);
    const safe = given.map(([name, field]) => [this.text(name), this.#data(field, seen, depth + 1)] as const);
    if (safe.every(([name, field], index) => name === given[index]?.[0] && field === given[index]?.[1])) return value;
    const copy = Array.isArray(value) ? safe.map(([, field]) => field) : fromEntries(safe);
    seen.set(value, copy);
    return copy;
  }

  /** Whether a value can be shown completely and contains no key. False for values that are too large to search. */
  #isSafe(value: unknown, seen: Set<unknown>): boolean {
    if (typeof value === 'string') return this.text(value) === value;
    if (typeof value === 'function') return false;
    if (typeof value !== 'object' || value === null || seen.has(value)) return true;
    seen.add(value);
    if (seen.size > largestValue || !isSafeKind(value)) return false;
    const { name, message, stack } = value as Partial<Error>;
    const inherited = isPlain(value) ? [] : [name, message, stack];
    const names = Reflect.ownKeys(value);
    const parts = names.flatMap((name) => [
      typeof name === 'symbol' ? name.description : name,
      Reflect.get(value, name),
    ]);
    return [...inherited, ...parts].every((part) => this.#isSafe(part, seen));
  }
}

function isSecretName(name: string): boolean {
  return secretWord.test(name) || keyName.test(name);
}

/** An object with these fields, even if one is named __proto__. */
function fromEntries(entries: readonly (readonly [name: string, field: unknown])[]): object {
  const made = {};
  for (const [name, value] of entries) {
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
}

/** The fields, with values of secret-like names replaced. */
export function redactByName(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, isSecretName(name) ? hidden : value]));
}

/** A URL, with values of query parameters with secret-like names replaced. */
export function redactUrl(url: string): string {
  const start = url.indexOf('?');
  if (start === -1) return url;
  const parameters = url.slice(start + 1).split('&');
  const safe = parameters.map((parameter) => {
    const [name = ''] = parameter.split('=', 1);
    return isSecretName(name) ? `${name}=${hidden}` : parameter;
  });
  return `${url.slice(0, start)}?${safe.join('&')}`;
}
