/** Values for tests of the transport without a client and a server. */
import { vi } from 'vitest';
import type { Clock, TimerPurpose } from '../../src/clock.ts';
import { systemClock } from '../../src/system-clock.ts';
import type { Log } from '../../src/transport/log.ts';
import { Secrets } from '../../src/transport/secrets.ts';
import type { Attempt, Call, Reply } from '../../src/transport/types.ts';

/** The register of a client that has used these keys. */
export function secretsOf(...keys: readonly (string | undefined)[]): Secrets {
  const secrets = new Secrets();
  for (const key of keys) secrets.add(key);
  return secrets;
}

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
    urgent: false,
    uncached: true,
    bodyForm: 'json',
    signal: undefined,
    timeoutMs: 0,
    totalTimeoutMs: 0,
    endsAt: Number.POSITIVE_INFINITY,
    retries: 2,
    ...changes,
  });
}

/** The first attempt of a call. */
export function anAttempt(changes: Partial<Attempt> = {}): Attempt {
  return { number: 1, baseUrl: 'https://api.test', headers: {}, onLost: () => undefined, ...changes };
}

/** A response with an empty object. */
export function aReply({ text = '{}', ...changes }: Partial<Reply> = {}): Reply {
  return {
    status: 200,
    headers: new Headers(),
    text,
    parsed: undefined,
    bytes: new TextEncoder().encode(text),
    response: new Response('{}'),
    url: 'https://api.test/nodes/7',
    durationMs: 12,
    attempt: 1,
    redactor: secretsOf(),
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

/** A clock that stands still until a test moves it; its timers use real time. */
export function manualClock(): Clock & { readonly now: () => number; advance(ms: number): void } {
  let now = 1_000_000;
  return {
    ...systemClock,
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}

/** A clock whose waits end at once, although its time passes; it records their lengths. No limit ever passes. */
export function instantClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  const { now, advance } = manualClock();
  const setTimer = (callback: () => void, ms: number, purpose: TimerPurpose): void => {
    if (purpose === 'limit') return;
    waits.push(ms);
    advance(ms);
    queueMicrotask(callback);
  };
  return { waits, now, setTimer, clearTimer: () => undefined };
}

/** A clock whose waits end only when their signal is aborted. */
export function stoppedClock(): Clock {
  return { now: () => 0, setTimer: () => undefined, clearTimer: () => undefined };
}

/** Length of a timer that no test waits for, and that only tests set. Unit: ms. */
export const anHour = 3_600_000;

/**
 * Watches timers until the end of a `using` scope: how many were set, of any length; how many of an hour were set, and
 * how many of these are still set.
 */
export function watchTimers(): Disposable & { all(): number; made(): number; left(): number } {
  const set = vi.spyOn(globalThis, 'setTimeout');
  const clear = vi.spyOn(globalThis, 'clearTimeout');
  const timers = (): unknown[] =>
    set.mock.calls.flatMap(([, ms], index) => (ms === anHour ? [set.mock.results[index]?.value] : []));
  const isSet = (timer: unknown): boolean => !clear.mock.calls.some(([cleared]) => cleared === timer);
  return {
    all: () => set.mock.calls.length,
    made: () => timers().length,
    left: () => timers().filter(isSet).length,
    [Symbol.dispose]: () => {
      set.mockRestore();
      clear.mockRestore();
    },
  };
}

/** A turn of the event loop, after which all code that waited for a resolved promise has continued. */
export function aTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
