import { describe, expect, test, vi } from 'vitest';
import {
  OctaAbortError,
  OctaApiError,
  OctaConnectionError,
  type OctaError,
  OctaNetworkError,
  OctaRateLimitError,
  OctaServiceUnavailableError,
  OctaTimeoutError,
} from '../../../src/errors/errors.ts';
import { type RetryOptions, retry } from '../../../src/transport/retry.ts';
import type { Attempt, Call, Send } from '../../../src/transport/types.ts';
import { failure, rejection } from '../../support/failure.ts';
import { aCall, anAttempt, aReply, instantClock, keepingLog, stoppedClock } from '../../support/transport.ts';

const lost = (): OctaNetworkError => new OctaNetworkError({ message: 'lost', outcome: 'unknown' });
const refused = (): OctaConnectionError => new OctaConnectionError({ message: 'refused', outcome: 'not-sent' });
const limited = (retryAfter?: number): OctaRateLimitError =>
  new OctaRateLimitError({ message: 'slow down', status: 429, outcome: 'rejected', retryAfter });
const busy = (retryAfter?: number): OctaServiceUnavailableError =>
  new OctaServiceUnavailableError({ message: 'busy', status: 503, outcome: 'unknown', retryAfter });

/** A retry loop around attempts that end in these errors, one after the other, and then well. */
function loop(errors: readonly unknown[], changes: Partial<RetryOptions> = {}) {
  const clock = instantClock();
  const log = keepingLog();
  const attempts: Attempt[] = [];
  const next: Send = async (_: Call, attempt: Attempt) => {
    attempts.push(attempt);
    if (attempts.length > errors.length) return aReply({ attempt: attempt.number });
    throw errors[attempts.length - 1];
  };
  const options: RetryOptions = {
    retryDelayMs: 500,
    backoffFactor: 2,
    maxRetryDelayMs: 10_000,
    maxRetryAfterMs: 60_000,
    proofTrusted: true,
    routes: { pick: () => 'https://api.test' },
    clock,
    random: () => 0.5,
    onRetry: undefined,
    log,
    ...changes,
  };
  return { send: retry(options)(next), attempts, waits: clock.waits, log };
}

describe('A repeatable call', () => {
  test('is sent once when it goes well.', async () => {
    const { send, attempts, waits } = loop([]);
    expect(await send(aCall(), anAttempt())).toMatchObject({ attempt: 1 });
    expect([attempts.length, waits]).toEqual([1, []]);
  });

  test('waits longer before each attempt.', async () => {
    const { send, attempts, waits } = loop([lost(), busy(), lost()]);
    expect(await send(aCall({ retries: 3 }), anAttempt())).toMatchObject({ attempt: 4 });
    expect(attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(waits).toEqual([250, 500, 1000]);
  });

  test('begins each attempt with the headers of the first.', async () => {
    const { send, attempts } = loop([lost()]);
    const headers = { accept: 'application/json' };
    await send(aCall(), anAttempt({ headers }));
    expect(attempts.map((attempt) => attempt.headers)).toEqual([headers, headers]);
  });

  test.each([
    [0, 1],
    [1, 2],
    [2, 3],
  ])('with retries %d is attempted %d times, and fails with the last error.', async (retries, count) => {
    const errors = [lost(), lost(), lost(), lost()];
    const { send, attempts } = loop(errors);
    expect(await rejection(send(aCall({ retries }), anAttempt()))).toBe(errors[count - 1]);
    expect(attempts).toHaveLength(count);
  });

  test('is sent once when it would fail the same way.', async () => {
    const gone = new OctaApiError({ message: 'gone', status: 410, outcome: 'rejected' });
    const { send, attempts } = loop([gone]);
    expect(await rejection(send(aCall(), anAttempt()))).toBe(gone);
    expect(attempts).toHaveLength(1);
  });
});

describe('A call that must not happen twice', () => {
  const once = aCall({ repeatable: false });

  test('is sent once when it may have got through.', async () => {
    const { send, attempts } = loop([lost()]);
    await failure(send(once, anAttempt()), OctaNetworkError);
    expect(attempts).toHaveLength(1);
  });

  test('is sent again when it never left.', async () => {
    const { send, attempts } = loop([refused()]);
    expect(await send(once, anAttempt())).toMatchObject({ attempt: 2 });
    expect(attempts).toHaveLength(2);
  });

  test('is sent once when nobody can vouch that it never left.', async () => {
    const { send, attempts } = loop([refused()], { proofTrusted: false });
    await failure(send(once, anAttempt()), OctaConnectionError);
    expect(attempts).toHaveLength(1);
  });

  test('is sent once more and no more when the second attempt may have got through.', async () => {
    const { send, attempts } = loop([refused(), lost()]);
    await failure(send(once, anAttempt()), OctaNetworkError);
    expect(attempts).toHaveLength(2);
  });
});

describe('Retry-After', () => {
  test.each([
    ['of a 429 is waited for, and a little longer', limited(3), [3150]],
    ['of a 503 is waited for, and a little longer', busy(3), [3150]],
    ['of 0 is no wait', limited(0), [0]],
    ['of just as long as allowed is waited for', limited(60), [60_500]],
    ['of another status means nothing', new OctaApiError({ message: '', status: 500, retryAfter: 3 }), [250]],
  ])('%s.', async (_, error, want) => {
    const { send, waits } = loop([error]);
    await send(aCall(), anAttempt());
    expect(waits).toEqual(want);
  });

  test('of longer than maxRetryAfterMs ends the call at once.', async () => {
    const error = limited(61);
    const { send, attempts, waits } = loop([error]);
    expect(await rejection(send(aCall(), anAttempt()))).toBe(error);
    expect([attempts.length, waits]).toEqual([1, []]);
  });
});

describe('The error of a call', () => {
  test('tells about every attempt.', async () => {
    const answer = new OctaApiError({ message: '408', status: 408, requestId: 'r-2' });
    const late = new OctaTimeoutError({ message: 'late', timeout: 'server', cause: answer, outcome: 'unknown' });
    const { send } = loop([lost(), late, busy()]);
    const { attempts } = await failure(send(aCall(), anAttempt()), OctaServiceUnavailableError);
    const url = 'https://api.test/nodes/7';
    expect(attempts).toEqual([
      { url, error: 'OctaNetworkError', message: 'lost', outcome: 'unknown' },
      { url, error: 'OctaTimeoutError', message: 'late', outcome: 'unknown', status: 408, requestId: 'r-2' },
      { url, error: 'OctaServiceUnavailableError', message: 'busy', outcome: 'unknown', status: 503 },
    ]);
  });

  test('that a hook threw is passed on as it is, after one attempt.', async () => {
    const thrown = new Error('no trace');
    const { send, attempts } = loop([thrown]);
    expect(await rejection(send(aCall(), anAttempt()))).toBe(thrown);
    expect(attempts).toHaveLength(1);
  });
});

describe('The next attempt', () => {
  test('goes where the routes say, who hear where the earlier ones went.', async () => {
    const urls = ['https://b.test', 'https://c.test'];
    const pick = vi.fn((tried: readonly string[]) => urls[tried.length - 1] ?? '');
    const { send, attempts } = loop([lost(), lost()], { routes: { pick } });
    await send(aCall(), anAttempt({ baseUrl: 'https://a.test' }));
    expect(attempts.map(({ baseUrl }) => baseUrl)).toEqual(['https://a.test', 'https://b.test', 'https://c.test']);
    expect(pick.mock.calls).toEqual([[['https://a.test']], [['https://a.test', 'https://b.test']]]);
  });

  test('is written to the log.', async () => {
    const { send, log } = loop([lost()]);
    await send(aCall(), anAttempt());
    expect(log.lines).toEqual([['info', 'getNode: attempt 1 failed (OctaNetworkError), next in 250 ms', undefined]]);
  });
});

describe('onRetry', () => {
  test('is told what failed, and what comes next.', async () => {
    const onRetry = vi.fn();
    const error = lost();
    await loop([error], { onRetry, routes: { pick: () => 'https://b.test' } }).send(aCall(), anAttempt());
    expect(onRetry).toHaveBeenCalledExactlyOnceWith({
      request: { operation: 'getNode', method: 'GET', url: 'https://api.test/nodes/7' },
      error,
      attempt: 1,
      delayMs: 250,
      nextUrl: 'https://b.test/nodes/7',
    });
  });

  test('is not told of the last failure.', async () => {
    const onRetry = vi.fn();
    await rejection(loop([lost(), lost()], { onRetry }).send(aCall({ retries: 1 }), anAttempt()));
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  test('that throws is logged, and the call goes on.', async () => {
    const onRetry = (): never => {
      throw new Error('no disk');
    };
    const { send, log } = loop([lost()], { onRetry });
    expect(await send(aCall(), anAttempt())).toMatchObject({ attempt: 2 });
    expect(log.lines).toContainEqual(['error', 'onRetry threw; the call goes on', new Error('no disk')]);
  });
});

describe('A caller who gives up', () => {
  test.each([
    ['not-sent', 'when no attempt left', refused(), 'not-sent'],
    ['unknown', 'when an attempt may have got through', lost(), 'unknown'],
    ['rejected', 'when its attempts were refused', limited(), 'rejected'],
  ])('during a wait hears %s %s.', async (_, __, error: OctaError, outcome) => {
    const controller = new AbortController();
    const onRetry = () => controller.abort('enough');
    const { send, attempts } = loop([error], { clock: stoppedClock(), onRetry });
    const aborted = await failure(send(aCall({ signal: controller.signal }), anAttempt()), OctaAbortError);
    expect(aborted).toMatchObject({ cause: 'enough', outcome, request: { operation: 'getNode' } });
    expect([attempts.length, aborted.attempts.length]).toEqual([1, 1]);
  });

  test('while an attempt fails hears of that failure, and no hook runs.', async () => {
    const onRetry = vi.fn();
    const error = lost();
    const call = aCall({ signal: AbortSignal.abort() });
    expect(await rejection(loop([error], { onRetry }).send(call, anAttempt()))).toBe(error);
    expect(onRetry).not.toHaveBeenCalled();
  });
});
