/** Records of the requests: a limited number, without large bodies and without the API key. */
import { isRecord } from '../codec/record.ts';
import type { Fault, SimulatedRequest } from './faults.ts';

/** The outcome: `answered`; `failed`: the connection broke; `aborted`: the client gave up; `pending`: none of these yet. */
export type RequestOutcome = 'pending' | 'answered' | 'failed' | 'aborted';

/** A request and its outcome, without the API key. */
export interface RecordedRequest extends SimulatedRequest {
  /**
   * The parsed body, with integers beyond 2^53 as bigint; undefined if there is none, or it is not JSON. A body of more than 64 kB is
   * replaced by a text that says so.
   */
  readonly body: unknown;
  /** When it arrived. Unit: Unix ms of the virtual wall clock. */
  readonly at: number;
  /** Whether the API has processed it. A client that gave up or lost the response does not know this. */
  readonly processed: boolean;
  /** Status of the response; undefined until there is one. */
  readonly status: number | undefined;
  /** The outcome, as the client sees it. */
  readonly outcome: RequestOutcome;
  /** The fault that applied to it. */
  readonly fault?: Fault;
}

const mark = '[key]';
/** Shorter keys are words such as `test`, which may also be part of unrelated text. Unit: characters. */
const secretFrom = 16;

/** A name, such as that of a field, without the key. A key that is too short to be a secret is not removed. */
function nameWithout(text: string, key: string): string {
  return key.length >= secretFrom ? text.replaceAll(key, mark) : text;
}

/** A text without the key. A short key is removed only if it is the whole text. */
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

/** The requests in the order of their arrival. If there are too many, the oldest are dropped. */
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
