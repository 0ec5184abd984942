/** Values for tests of the transport, which needs no client and no server. */
import type { Log } from '../../src/transport/log.ts';
import { redactorFor } from '../../src/transport/secrets.ts';
import type { Attempt, Call, Clock, Reply } from '../../src/transport/types.ts';

/** A repeatable read. */
export function aCall(changes: Partial<Call> = {}): Call {
  return Object.freeze({
    operation: 'getNode',
    method: 'GET',
    path: '/nodes/7',
    headers: {},
    body: undefined,
    auth: 'required',
    repeatable: true,
    uncached: true,
    bodyForm: 'json',
    signal: undefined,
    timeoutMs: 0,
    retries: 2,
    ...changes,
  });
}

/** The first attempt of a call. */
export function anAttempt(changes: Partial<Attempt> = {}): Attempt {
  return { number: 1, baseUrl: 'https://api.test', headers: {}, ...changes };
}

/** An answer with an empty object. */
export function aReply(changes: Partial<Reply> = {}): Reply {
  return {
    status: 200,
    headers: new Headers(),
    text: '{}',
    bytes: undefined,
    response: new Response('{}'),
    url: 'https://api.test/nodes/7',
    durationMs: 12,
    attempt: 1,
    redactor: redactorFor(undefined),
    ...changes,
  };
}

/** A log that keeps its lines. */
export function keepingLog(): Log & { readonly lines: [level: string, message: string, details: unknown][] } {
  const lines: [string, string, unknown][] = [];
  const write = (level: string, message: string, details?: unknown): void => {
    lines.push([level, message, details]);
  };
  return Object.assign(write, { lines, wants: () => true });
}

/** A clock whose waits are over at once; it keeps their lengths. */
export function instantClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
  };
  return { waits, now: () => 0, sleep };
}

/** A clock whose waits end only when their signal is aborted. */
export function stoppedClock(): Clock {
  const sleep = (_ms: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((_, reject) => {
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  return { now: () => 0, sleep };
}
