/** What is kept of the requests that came: so many, not too large, and without the API key. */
import { isRecord } from '../codec/record.ts';
import type { Fault, SimulatedRequest } from './faults.ts';

/** What became of a request: `pending` until it is answered, its connection broke, or the client gave up. */
export type RequestOutcome = 'pending' | 'answered' | 'failed' | 'aborted';

/** A request that came, and what became of it. The API key is not in it. */
export interface RecordedRequest extends SimulatedRequest {
  /**
   * Parsed, with integers beyond 2^53 as bigint; undefined without a body, or when it is not JSON. In the place of one that is
   * longer than 64 kB stands a text that says so.
   */
  readonly body: unknown;
  /** When it came. Unit: Unix ms of the virtual wall clock. */
  readonly at: number;
  /** Whether the API has acted on it; a client that gave up or lost the answer does not know. */
  readonly processed: boolean;
  /** Status of the answer; undefined until there is one. */
  readonly status: number | undefined;
  /** What became of it, as its client sees it. */
  readonly outcome: RequestOutcome;
  /** The fault that it met. */
  readonly fault?: Fault;
}

const mark = '[key]';
/** Shorter keys are words such as `test`, and also part of what has nothing to do with them. Unit: characters. */
const secretFrom = 16;

/** A name, such as that of a field, without the key: only one that is long enough to be a secret is taken out. */
function nameWithout(text: string, key: string): string {
  return key.length >= secretFrom ? text.replaceAll(key, mark) : text;
}

/** A text without the key, also a short one where it is all of the text. */
function textWithout(text: string, key: string): string {
  return text === key ? mark : nameWithout(text, key);
}

/** Parsed JSON without the key. */
export function valueWithout(value: unknown, key: string): unknown {
  if (key === '') return value;
  if (typeof value === 'string') return textWithout(value, key);
  if (Array.isArray(value)) return value.map((each) => valueWithout(each, key));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [nameWithout(name, key), valueWithout(each, key)]),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A URL, or a path with query, without the key: as a segment of the path, a value of the query, or a long name in it. */
export function urlWithout(url: string, key: string): string {
  if (key === '') return url;
  const [origin = ''] = /^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*/i.exec(url) ?? [];
  const hide = (whole: string, before: string, part: string) => {
    const text = decoded(part);
    const hidden = before === '?' || before === '&' ? nameWithout(text, key) : textWithout(text, key);
    return hidden === text ? whole : before + hidden;
  };
  return origin + url.slice(origin.length).replace(/([/?&=#]?)([^/?&=#]+)/g, hide);
}

/** Requests that came, in their order; the oldest are dropped when there are too many. */
export class Records {
  readonly #most: number;
  #entries: RecordedRequest[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get all(): readonly RecordedRequest[] {
    return this.#entries;
  }

  add(entry: RecordedRequest): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#most) this.#entries.shift();
  }

  clear(): void {
    this.#entries = [];
  }
}
