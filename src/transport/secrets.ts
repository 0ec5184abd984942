/** Keeps API keys out of everything that leaves the SDK, except for the decoded answers themselves. */
import { type FailedRequest, OctaError } from '../errors/errors.ts';
import { isPlain, isSafeKind, safeCopy } from './causes.ts';
import { copyHeaders } from './headers.ts';
import { nothing } from './nothing.ts';
import { patternOf } from './spellings.ts';
import type { Call, Redactor } from './types.ts';

const substitute = '[API key]';
/** Shorter keys occur in ordinary words; replacing them would only garble texts. */
const shortestSecret = 8;
/** Objects that are looked through within one value. Unit: count. */
const largestValue = 1000;
/** Deepest data that is looked through. Unit: count. */
const deepest = 200;
/** Keys that are remembered when they change; an old one may still turn up in an answer on its way. Unit: count. */
const keysRemembered = 16;
/** Names whose values are secrets, whoever chose them: in headers, queries and objects. */
const secretWord = /authori[sz]ation|cookie|token|secret|passw|credential|api[-_]?key|signature/i;
const keyName = /^x-.*-key$|^key$/i;
const hidden = '[redacted]';

/** Takes certain keys out of what is shown. */
export class Cleaner {
  /** Finds every spelling of every key. */
  readonly #pattern: RegExp | undefined;

  constructor(keys: readonly string[]) {
    if (keys.length === 0) return;
    // A key may begin with another one.
    const longestFirst = [...keys].sort((one, other) => other.length - one.length);
    this.#pattern = new RegExp(longestFirst.map(patternOf).join('|'), 'g');
  }

  /** The text without the keys, however they are spelt. */
  text(text: string): string {
    return this.#pattern === undefined ? text : text.replace(this.#pattern, substitute);
  }

  /** The headers without the keys; the same object if there are none in it. */
  headers(headers: Headers): Headers {
    const given = [...headers];
    const safe = given.map(([name, value]) => [name, this.text(value)] as const);
    return safe.every(([, value], index) => value === given[index]?.[1]) ? headers : copyHeaders(safe);
  }

  /** A URL that is safe to show: without the keys, and without the values of parameters that are named like secrets. */
  url(url: string): string {
    return this.text(redactUrl(url));
  }
}

/** A key, and how many requests use it now. */
interface Use {
  requests: number;
}

/** The keys that a client has used. What it shows, logs or throws passes through here. */
export class Secrets implements Redactor {
  /** The one used last is the last. */
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

  /** Drops the oldest keys that no request uses any more. */
  #forget(): void {
    for (const [key, { requests }] of this.#uses) {
      if (this.#uses.size <= keysRemembered) return;
      if (requests > 0 || key === this.#latest) continue;
      this.#uses.delete(key);
      this.#cleaner = undefined;
    }
  }

  /** Cleans with the keys of now, whatever is forgotten later. */
  get cleaner(): Cleaner {
    this.#cleaner ??= new Cleaner([...this.#uses.keys()]);
    return this.#cleaner;
  }

  text(text: string): string {
    return this.cleaner.text(text);
  }

  /** Cleans a truncated text. Also removes the start of a key from its end. */
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

  /** A call to a base URL as errors, log lines and replies show it. A key becomes known during an attempt, so ask when it is needed. */
  shownRequest({ operation, method, path }: Call, baseUrl: string): FailedRequest {
    return { operation, method, url: this.url(baseUrl + path) };
  }

  /** Plain data without the keys, in its texts and in its names; the same object if there are none in it. */
  json(value: unknown): unknown {
    return this.#data(value, new Map(), 0);
  }

  /**
   * What may be shown of a value that somebody threw, or logs: the value itself if it is plain data without the keys, else a copy of what
   * is known to be safe. Errors of the SDK are cleaned and stay what they are.
   */
  cause(cause: unknown): unknown {
    try {
      if (cause instanceof OctaError) return this.error(cause);
      return this.#isSafe(cause, new Set()) ? cause : safeCopy(cause, (text) => this.text(text));
    } catch {
      return new Error('the thrown value cannot be read');
    }
  }

  /** Takes the keys out of an error of the SDK. */
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

  /** Throws an error without the keys if it is one of the SDK; what a hook threw goes on as it is. */
  readonly rethrow = (error: unknown): never => {
    throw error instanceof OctaError ? this.error(error) : error;
  };

  #data(value: unknown, seen: Map<object, unknown>, depth: number): unknown {
    if (typeof value === 'string') return this.text(value);
    if (!isPlain(value)) return value;
    if (depth > deepest) return '[too deep]';
    const known = seen.get(value);
    if (known !== undefined) return known;
    // For what refers to itself.
    seen.set(value, value);
    const given = Object.entries(value);
    const safe = given.map(([name, field]) => [this.text(name), this.#data(field, seen, depth + 1)] as const);
    if (safe.every(([name, field], index) => name === given[index]?.[0] && field === given[index]?.[1])) return value;
    const copy = Array.isArray(value) ? safe.map(([, field]) => field) : fromEntries(safe);
    seen.set(value, copy);
    return copy;
  }

  /** Whether a value can be shown whole, and does not hold a key. What is too large to be looked through counts as if it did. */
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

/** An object with these fields, also one that is called __proto__. */
function fromEntries(entries: readonly (readonly [name: string, field: unknown])[]): object {
  const made = {};
  for (const [name, value] of entries) {
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
}

/** Fields with the values of those that are named like secrets replaced. */
export function redactByName(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, isSecretName(name) ? hidden : value]));
}

/** A URL with the values of query parameters that are named like secrets replaced. */
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
