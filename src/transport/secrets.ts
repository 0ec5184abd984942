/** Keeps the API key out of everything that leaves the transport. */
import type { FailedRequest } from '../errors/errors.ts';
import { copyHeaders } from './headers.ts';
import type { Call, Redactor } from './types.ts';

const substitute = '[API key]';
/** Shorter keys occur in ordinary words; replacing them would only garble texts. */
const shortestSecret = 4;
/** Objects that are looked through within one cause. Unit: count. */
const largestCause = 1000;
/** Keys that are remembered when they change; an old one may still turn up in an answer on its way. Unit: count. */
const keysRemembered = 4;
/** Names whose values are secrets, whoever chose them: in headers, queries and objects. */
const secretName = /authori[sz]ation|cookie|token|secret|passw|credential|api[-_]?key|^x-.*-key$|^key$|signature/i;
const hidden = '[redacted]';

/** The text with every occurrence of the key replaced. */
export function redact(text: string, key: string | undefined): string {
  return key === undefined || key.length < shortestSecret ? text : text.replaceAll(key, substitute);
}

/** A text that was cut off, without the part of the key that its end may be. */
export function withoutCutKey(text: string, key: string | undefined): string {
  for (let length = (key ?? '').length - 1; length > 0; length--) {
    if (key !== undefined && text.endsWith(key.slice(0, length))) return text.slice(0, -length);
  }
  return text;
}

/** Headers with every occurrence of the key replaced. */
export function redactHeaders(headers: Headers, key: string | undefined): Headers {
  return copyHeaders([...headers].map(([name, value]) => [name, redact(value, key)] as const));
}

function* partsOf(value: object): Generator<unknown> {
  for (const name of Reflect.ownKeys(value)) {
    yield typeof name === 'symbol' ? name.description : name;
    yield Reflect.get(value, name);
  }
  // What Map, Set and Headers hold is shown when they are inspected.
  if (!Array.isArray(value) && Symbol.iterator in value) yield* value as Iterable<unknown>;
}

/** Whether a value holds the key anywhere. What is too large to be looked through counts as if it did. */
function mentions(value: unknown, key: string, seen: Set<object>): boolean {
  if (typeof value === 'string') return value.includes(key);
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return false;
  seen.add(value);
  if (seen.size > largestCause) return true;
  for (const part of partsOf(value)) {
    if (mentions(part, key, seen)) return true;
  }
  return false;
}

function holdsKey(cause: unknown, key: string): boolean {
  try {
    return mentions(cause, key, new Set());
  } catch {
    // A property that cannot be read now may be readable later.
    return true;
  }
}

/** A cause that is safe to show: as it is, or, when it mentions the key, its name and redacted message alone. */
export function redactCause(cause: unknown, key: string | undefined): unknown {
  if (key === undefined || key.length < shortestSecret || !holdsKey(cause, key)) return cause;
  if (!(cause instanceof Error)) return redact(String(cause), key);
  const safe = new Error(redact(cause.message, key));
  safe.name = redact(cause.name, key);
  safe.stack = `${safe.name}: ${safe.message}`;
  const code: unknown = Reflect.get(cause, 'code');
  return typeof code === 'string' ? Object.assign(safe, { code: redact(code, key) }) : safe;
}

/** Replaces the key in every text of parsed JSON, names of fields included. */
function redactJson(value: unknown, key: string): unknown {
  const top: Record<string, unknown> = { value };
  const holders: object[] = [top];
  for (let holder = holders.pop(); holder !== undefined; holder = holders.pop()) {
    for (const [name, field] of Object.entries(holder)) {
      if (typeof field === 'object' && field !== null) holders.push(field);
      const safeName = redact(name, key);
      if (safeName !== name) Reflect.deleteProperty(holder, name);
      Reflect.set(holder, safeName, typeof field === 'string' ? redact(field, key) : field);
    }
  }
  return top.value;
}

/** A redactor for one key. */
export function redactorFor(key: string | undefined): Redactor {
  return key === undefined
    ? withoutKey
    : {
        text: (text) => redact(text, key),
        json: (value) => redactJson(value, key),
        cause: (cause) => redactCause(cause, key),
      };
}

const withoutKey: Redactor = { text: (text) => text, json: (value) => value, cause: (cause) => cause };

/** The key as it is, as a path has it, and as a query has it. */
function formsInUrl(key: string): string[] {
  // One that is too short to be replaced as it is stays in every form.
  if (key.length < shortestSecret) return [];
  return [...new Set([key, encodeURIComponent(key), new URLSearchParams({ key }).toString().slice('key='.length)])];
}

/** The keys that a client has used, so that log lines can be kept free of them. */
export class KnownKeys {
  #keys: readonly string[] = [];
  /** How the keys are written in URLs. */
  #forms: readonly string[] = [];

  add(key: string | undefined): void {
    if (key === undefined || key === this.#keys[0]) return;
    this.#keys = [key, ...this.#keys.filter((other) => other !== key)].slice(0, keysRemembered);
    this.#forms = this.#keys.flatMap(formsInUrl);
  }

  redactText(text: string): string {
    return this.#keys.reduce(redact, text);
  }

  /** A URL that is safe to show: without the keys, and without the values of parameters that are named like secrets. */
  redactUrl(url: string): string {
    return this.#forms.reduce(redact, redactUrl(url));
  }

  /** A call to a base URL as errors, log lines and replies show it. A key becomes known during an attempt, so ask when it is needed. */
  shownRequest({ operation, method, path }: Call, baseUrl: string): FailedRequest {
    return { operation, method, url: this.redactUrl(baseUrl + path) };
  }

  redactDetails(details: unknown): unknown {
    return this.#keys.reduce(redactCause, details);
  }
}

/** Fields with the values of those that are named like secrets replaced. */
export function redactByName(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, secretName.test(name) ? hidden : value]),
  );
}

/** A URL with the values of query parameters that are named like secrets replaced. */
export function redactUrl(url: string): string {
  const start = url.indexOf('?');
  if (start === -1) return url;
  const parameters = url.slice(start + 1).split('&');
  const safe = parameters.map((parameter) => {
    const [name = ''] = parameter.split('=', 1);
    return secretName.test(name) ? `${name}=${hidden}` : parameter;
  });
  return `${url.slice(0, start)}?${safe.join('&')}`;
}
