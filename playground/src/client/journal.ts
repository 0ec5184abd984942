/** The log of requests: one entry for each attempt, made from the hooks of the SDK. */
import type { AttemptObserver, OctaClientOptions, RequestContext } from '@octaspace/sdk';
import { createStore } from './store.ts';

/** One attempt. */
export interface JournalEntry {
  readonly id: number;
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  /** Path and query, without the base URL. */
  readonly path: string;
  /** Number of the attempt within its call, from 1. */
  readonly attempt: number;
  /** Unit: Unix ms. */
  readonly startedAt: number;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string | undefined;
  /** Absent while it is in progress. Unit: ms. */
  readonly durationMs?: number;
  readonly status?: number;
  readonly requestId?: string | undefined;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** Why there was no response. */
  readonly error?: { readonly name: string; readonly message: string };
}

const kept = 300;

/** The newest entry first. */
export const journal = createStore<readonly JournalEntry[]>([]);

let lastId = 0;

function change(id: number, fields: Partial<JournalEntry>): void {
  journal.set(journal.get().map((entry) => (entry.id === id ? { ...entry, ...fields } : entry)));
}

function errorOf(error: unknown): { name: string; message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}

/** Path and query of a request, below its base URL. */
function pathBelow(url: string, baseUrls: readonly string[]): string {
  const base = baseUrls.find((each) => url.startsWith(each)) ?? '';
  return url.slice(base.length);
}

function observe(context: RequestContext, baseUrls: readonly string[]): { id: number; observer: AttemptObserver } {
  lastId += 1;
  const id = lastId;
  const { operation, method, url, headers, body, attempt } = context;
  const path = pathBelow(url, baseUrls);
  const begun = { id, operation, method, url, path, attempt, startedAt: Date.now(), requestBody: body };
  journal.set([{ ...begun, requestHeaders: Object.fromEntries(headers) }, ...journal.get()].slice(0, kept));
  const startedAt = performance.now();
  const observer: AttemptObserver = ({ status, requestId, error }) => {
    const durationMs = performance.now() - startedAt;
    if (error !== undefined) return change(id, { durationMs, error: errorOf(error) });
    change(id, { durationMs, requestId, ...(status === undefined ? {} : { status }) });
  };
  return { id, observer };
}

/** Hooks of a client that write the journal. */
export function journalHooks(
  baseUrls: readonly string[],
): Required<Pick<OctaClientOptions, 'onRequest' | 'onResponse'>> {
  const ids = new WeakMap<RequestContext, number>();
  return {
    onRequest: (context) => {
      const { id, observer } = observe(context, baseUrls);
      ids.set(context, id);
      return observer;
    },
    onResponse: ({ request, headers }) => {
      const id = ids.get(request);
      if (id !== undefined) change(id, { responseHeaders: Object.fromEntries(headers) });
    },
  };
}
