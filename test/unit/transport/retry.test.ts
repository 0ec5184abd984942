import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  OctaAbortError,
  OctaApiError,
  OctaAuthenticationError,
  OctaConnectionError,
  type OctaError,
  OctaNetworkError,
  OctaRateLimitError,
  OctaServiceUnavailableError,
  OctaTimeoutError,
} from '../../../src/errors/errors.ts';
import { RetryBudget } from '../../../src/transport/budget.ts';
import { type RetryContext, type RetryOptions, retry } from '../../../src/transport/retry.ts';
import { Rotation } from '../../../src/transport/rotation.ts';
import { Secrets } from '../../../src/transport/secrets.ts';
import type { Attempt, Call, Send } from '../../../src/transport/types.ts';
import { failure, rejection } from '../../support/failure.ts';
import { aCall, aReply, instantClock, keepingLog, stoppedClock } from '../../support/transport.ts';

const lost = (): OctaNetworkError => new OctaNetworkError({ message: 'lost', outcome: 'unknown', phase: 'headers' });
const refused = (): OctaConnectionError =>
  new OctaConnectionError({ message: 'refused', outcome: 'not-sent', phase: 'connect' });
const noneFree = (): OctaConnectionError => new OctaConnectionError({ message: 'none free', outcome: 'not-sent' });
const badCertificate = (): OctaConnectionError =>
  new OctaConnectionError({
    message: 'expired',
    outcome: 'not-sent',
    phase: 'connect',
    cause: { code: 'CERT_HAS_EXPIRED' },
  });
const limited = (retryAfter?: number): OctaRateLimitError =>
  new OctaRateLimitError({ message: 'slow down', status: 429, outcome: 'rejected', retryAfter });
const busy = (retryAfter?: number): OctaServiceUnavailableError =>
  new OctaServiceUnavailableError({ message: 'busy', status: 503, outcome: 'unknown', retryAfter });
/** No key was there to be sent. */
const keyless = (): OctaAuthenticationError =>
  new OctaAuthenticationError({ message: 'no key', status: 401, outcome: 'not-sent' });
/** The key took too long to come. */
const late = (): OctaTimeoutError =>
  new OctaTimeoutError({ message: 'late', timeout: 'timeoutMs', outcome: 'not-sent' });
const gone = (): OctaApiError => new OctaApiError({ message: 'gone', status: 410, outcome: 'rejected' });

const [a, b, c] = ['https://a.test', 'https://b.test', 'https://c.test'] as const;

/** A retry loop around attempts that end in these errors, one after the other, and then well; each does `during` first. */
function loop(
  errors: readonly unknown[],
  urls: readonly string[] = [a],
  changes: Partial<RetryOptions> = {},
  during: (attempt: Attempt) => void = () => undefined,
) {
  const clock = instantClock();
  const { now } = clock;
  const log = keepingLog();
  const attempts: Attempt[] = [];
  const send: Send = async (_: Call, attempt: Attempt) => {
    attempts.push(attempt);
    during(attempt);
    if (attempts.length > errors.length) return aReply({ attempt: attempt.number });
    throw errors[attempts.length - 1];
  };
  const rotation = new Rotation({ baseUrls: urls, cooldownMs: 30_000, now, random: () => 0.5 });
  const budget = new RetryBudget(() => 0);
  const options: RetryOptions = {
    retryDelayMs: 500,
    backoffFactor: 2,
    maxRetryDelayMs: 10_000,
    maxRetryAfterMs: 60_000,
    routes: rotation,
    budget,
    clock,
    random: () => 0.5,
    onRetry: undefined,
    log,
    secrets: new Secrets(),
    ...changes,
  };
  const carry = retry(options)(send);
  const visited = (): string[] => attempts.map(({ baseUrl }) => baseUrl);
  return { carry, attempts, visited, waits: clock.waits, now, log, rotation, budget };
}

/** A budget with this many tokens left. */
function budgetWith(tokens: number): RetryBudget {
  let now = 0;
  const budget = new RetryBudget(() => now);
  while (budget.take());
  now = tokens * 1000;
  return budget;
}

/** Fields of log lines about the first attempt. */
const about = { operation: 'getNode', method: 'GET', url: 'https://a.test/nodes/7', attempt: 1 };

describe('A repeatable call', () => {
  test('is sent once if it succeeds.', async () => {
    const { carry, attempts, waits } = loop([]);
    expect(await carry(aCall())).toMatchObject({ attempt: 1 });
    expect([attempts.length, waits]).toEqual([1, []]);
  });

  test('waits longer before each attempt.', async () => {
    const { carry, attempts, waits } = loop([lost(), busy(), lost()]);
    expect(await carry(aCall({ retries: 3 }))).toMatchObject({ attempt: 4 });
    expect(attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(waits).toEqual([250, 500, 1000]);
  });

  test('does not wait if the wait is 0.', async () => {
    const { carry, attempts, waits } = loop([lost()], [a], { retryDelayMs: 0 });
    await carry(aCall());
    expect([attempts.length, waits]).toEqual([2, []]);
  });

  test('begins each attempt with its own headers.', async () => {
    const headers = { accept: 'application/json' };
    const { carry, attempts } = loop([lost()]);
    await carry(aCall({ headers }));
    expect(attempts.map((attempt) => attempt.headers)).toEqual([headers, headers]);
  });

  test.each([
    [0, 1],
    [1, 2],
    [2, 3],
  ])('with retries %d is attempted %d times, and fails with the last error.', async (retries, count) => {
    const errors = [lost(), lost(), lost(), lost()];
    const { carry, attempts } = loop(errors);
    expect(await rejection(carry(aCall({ retries })))).toBe(errors[count - 1]);
    expect(attempts).toHaveLength(count);
  });

  test('is sent once if a retry would fail in the same way.', async () => {
    const error = gone();
    const { carry, attempts } = loop([error], [a, b]);
    expect(await rejection(carry(aCall()))).toBe(error);
    expect(attempts).toHaveLength(1);
  });

  test('is independent of other calls of the client.', async () => {
    const { carry, attempts } = loop([lost(), lost(), lost(), lost()]);
    const settled = await Promise.allSettled([carry(aCall({ retries: 1 })), carry(aCall({ retries: 1 }))]);
    const errors = settled.map((each) => (each.status === 'rejected' ? each.reason : undefined));
    expect(errors).toMatchObject([{ attempts: { length: 2 } }, { attempts: { length: 2 } }]);
    expect(attempts.map(({ number }) => number)).toEqual([1, 1, 2, 2]);
  });
});

describe('A call that must not happen twice', () => {
  const once = aCall({ repeatable: false });

  test.each([
    ['is sent once when it may have got through', lost()],
    [
      'is sent once when nobody can vouch that it never left',
      new OctaConnectionError({ message: 'refused', outcome: 'unknown' }),
    ],
    ['is sent once when it was refused', limited(0)],
  ])('%s.', async (_, error) => {
    const { carry, attempts } = loop([error], [a, b]);
    expect(await rejection(carry(once))).toBe(error);
    expect(attempts).toHaveLength(1);
  });

  test.each([
    ['never left', refused()],
    ['had no connection to leave by', noneFree()],
  ])('is retried if it %s.', async (_, error) => {
    const { carry, attempts } = loop([error]);
    expect(await carry(once)).toMatchObject({ attempt: 2 });
    expect(attempts).toHaveLength(2);
  });

  test('is not retried again if the second attempt may have succeeded.', async () => {
    const { carry, visited } = loop([refused(), lost()], [a, b, c]);
    const error = await failure(carry(once), OctaNetworkError);
    expect(visited()).toEqual([a, b]);
    expect(error).toMatchObject({ outcome: 'unknown', stoppedBy: undefined });
  });

  test('is never retried after it may have succeeded.', async () => {
    const sorts = { lost, refused, noneFree, badCertificate, limited, busy, gone };
    const property = fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.values(sorts)), { maxLength: 6 }),
      fc.subarray([a, b, c], { minLength: 1 }),
      fc.nat(4),
      async (makes, urls, retries) => {
        const errors = makes.map((make) => make());
        const { carry, attempts } = loop(errors, urls);
        await carry(aCall({ repeatable: false, retries })).catch(() => undefined);
        const earlier = errors.slice(0, attempts.length - 1);
        expect(earlier.every((error) => error instanceof OctaConnectionError)).toBe(true);
        expect(attempts.length).toBeLessThanOrEqual(retries + 1);
      },
    );
    await fc.assert(property, { seed: 7, numRuns: 300 });
  });
});

describe('Retry-After', () => {
  test.each([
    ['of a 429 is waited for, and a little longer', limited(3), [3150]],
    ['of a 503 is waited for, and a little longer', busy(3), [3150]],
    ['of 0 is no wait', limited(0), []],
    ['that is missing leaves the usual wait', limited(), [250]],
    ['of just as long as allowed is waited for', limited(60), [60_500]],
    ['of another status means nothing', new OctaApiError({ message: '', status: 500, retryAfter: 3 }), [250]],
  ])('%s.', async (_, error, want) => {
    const { carry, waits } = loop([error]);
    await carry(aCall());
    expect(waits).toEqual(want);
  });

  test.each([
    ['a 429', limited(60.001)],
    ['a 503', busy(60.001)],
    ['a 429 that knows no end', limited(Number.POSITIVE_INFINITY)],
  ])('longer than maxRetryAfterMs ends the call immediately: %s.', async (_, error) => {
    const { carry, attempts, waits, budget } = loop([error]);
    expect(await rejection(carry(aCall()))).toBe(error);
    expect(error.stoppedBy).toBe('maxRetryAfterMs');
    expect([attempts.length, waits, budget.stats().tokens]).toEqual([1, [], 100]);
  });
});

describe('With several base URLs', () => {
  test.each([
    ['nobody was there', refused()],
    ['nobody answered', lost()],
    ['the API was busy', busy()],
    ['the API was busy for longer than anyone waits', busy(3600)],
    ['the API failed', new OctaApiError({ message: '', status: 500, outcome: 'unknown' })],
  ])('a call moves to another one immediately if %s.', async (_, error) => {
    const { carry, visited, waits } = loop([error], [a, b]);
    await carry(aCall());
    expect([visited(), waits]).toEqual([[a, b], []]);
  });

  test('a call waits once it has tried them all, as long as after the same number of attempts at one URL.', async () => {
    const { carry, visited, waits } = loop([lost(), lost(), lost()], [a, b]);
    await carry(aCall({ retries: 3 }));
    expect([visited(), waits]).toEqual([
      [a, b, a, b],
      [500, 1000],
    ]);
  });

  test.each([
    ['as long as it asks', limited(3), 3150],
    ['as long as usual when it does not say', limited(), 250],
  ])('a rate limit, which applies to the caller, still causes a wait: %s.', async (_, error, wait) => {
    const { carry, visited, waits } = loop([error], [a, b]);
    await carry(aCall());
    expect([visited(), waits]).toEqual([[a, b], [wait]]);
  });

  test('a rate limit longer than maxRetryAfterMs ends the call.', async () => {
    const error = limited(3600);
    const { carry, visited } = loop([error], [a, b]);
    expect(await rejection(carry(aCall()))).toBe(error);
    expect([visited(), error.stoppedBy]).toEqual([[a], 'maxRetryAfterMs']);
  });

  test('each attempt reports the health of its URL.', async () => {
    const { carry, rotation } = loop([refused(), limited(0)], [a, b, c]);
    await carry(aCall());
    expect(rotation.stats()).toMatchObject([
      { state: 'resting', attempts: 1, failures: 1 },
      { state: 'healthy', attempts: 1, failures: 0 },
      { state: 'healthy', attempts: 1, failures: 0 },
    ]);
  });

  test('an attempt that succeeds ends the rest of its URL.', async () => {
    const { carry, rotation } = loop([refused()]);
    await carry(aCall());
    expect(rotation.stats()).toMatchObject([{ state: 'healthy', attempts: 2, failures: 1 }]);
  });

  test('calls use them in turn.', async () => {
    const { carry, visited } = loop([], [a, b]);
    for (let count = 0; count < 3; count++) await carry(aCall());
    expect(visited()).toEqual([a, b, a]);
  });
});

describe('A wrong certificate', () => {
  test('ends the call if there is no other URL, because a retry would fail in the same way.', async () => {
    const error = badCertificate();
    const { carry, attempts, rotation, budget } = loop([error]);
    expect(await rejection(carry(aCall()))).toBe(error);
    expect([attempts.length, error.stoppedBy, budget.stats().tokens]).toEqual([1, undefined, 100]);
    expect(rotation.stats()).toMatchObject([{ attempts: 1 }]);
  });

  test('does not prevent attempts and retries at other URLs.', async () => {
    const { carry, visited, waits } = loop([badCertificate(), lost(), lost()], [a, b]);
    await carry(aCall({ retries: 3 }));
    expect([visited(), waits]).toEqual([
      [a, b, b, b],
      [500, 1000],
    ]);
  });

  test('at every URL ends the call after each was tried once.', async () => {
    const { carry, visited } = loop([badCertificate(), badCertificate(), badCertificate()], [a, b]);
    const error = await failure(carry(aCall({ retries: 5 })), OctaConnectionError);
    expect([visited(), error.stoppedBy]).toEqual([[a, b], undefined]);
  });

  test('is forgotten by the next call.', async () => {
    const { carry, visited } = loop([badCertificate()]);
    await rejection(carry(aCall()));
    await carry(aCall());
    expect(visited()).toEqual([a, a]);
  });
});

describe('The retry budget', () => {
  test.each<[title: string, errors: OctaError[], urls: string[], tokens: number]>([
    ['pays for each further attempt', [lost(), lost()], [a], 30],
    ['pays for a move after an attempt that may have got through', [lost(), busy()], [a, b, c], 30],
    ['pays for another attempt at the same URL, however the last one failed', [refused(), refused()], [a], 30],
    ['does not pay when there was no connection to spare', [noneFree()], [a], 50],
    ['does not pay for a move when there was no connection to spare', [noneFree()], [a, b], 50],
    ['does not pay for a move away from where nobody is', [refused(), badCertificate()], [a, b, c], 50],
    ['pays for what it has to pay for alone', [refused(), lost()], [a, b, c], 40],
  ])('%s.', async (_, errors, urls, tokens) => {
    const budget = budgetWith(50);
    const { carry } = loop([...errors, gone()], urls, { budget });
    await rejection(carry(aCall()));
    expect(budget.stats().tokens).toBe(tokens);
  });

  test.each<[title: string, errors: OctaError[], urls: string[], tokens: number]>([
    ['earns a token by a success at the first attempt', [], [a], 51],
    ['has all of it back after a success at a later one', [lost(), lost()], [a], 50],
    ['earns a token by a success after moves that cost nothing', [refused()], [a, b], 51],
    ['has back what it paid, and no more', [refused(), lost()], [a, b, c], 50],
  ])('%s.', async (_, errors, urls, tokens) => {
    const budget = budgetWith(50);
    await loop(errors, urls, { budget }).carry(aCall());
    expect(budget.stats().tokens).toBe(tokens);
  });

  test('that is empty makes the first failure final.', async () => {
    const error = lost();
    const { carry, attempts, waits, rotation } = loop([error], [a, b], { budget: budgetWith(9.9) });
    expect(await rejection(carry(aCall()))).toBe(error);
    expect([attempts.length, waits, error.stoppedBy]).toEqual([1, [], 'budget']);
    expect(rotation.stats()).toMatchObject([{ attempts: 1 }, { attempts: 0 }]);
  });

  test('that is empty still allows a call to move to another URL if there was no connection.', async () => {
    const { carry, visited } = loop([refused()], [a, b], { budget: budgetWith(0) });
    await carry(aCall());
    expect(visited()).toEqual([a, b]);
  });

  test('limits 300 calls to 345 attempts while the API is down.', async () => {
    const { carry, attempts } = loop(Array.from({ length: 2000 }, busy));
    await Promise.allSettled(Array.from({ length: 300 }, () => carry(aCall({ retries: 3 }))));
    expect(attempts).toHaveLength(310);
  });
});

describe('The end of the whole call', () => {
  /** A call with this much time left at its start. */
  const callWith = (left: number): Call => aCall({ totalTimeoutMs: 9000, endsAt: instantClock().now() + left });

  test.each([
    ['is waited for when it is over before', 251, [250]],
    ['is not waited for when it is over just then', 250, []],
    ['is not waited for when it is over after', 249, []],
  ])('is considered: the next attempt %s.', async (_, left, want) => {
    const error = lost();
    const { carry, waits, attempts } = loop([error]);
    await carry(callWith(left)).catch(() => undefined);
    expect(waits).toEqual(want);
    expect([attempts.length, error.stoppedBy]).toEqual(want.length === 0 ? [1, 'totalTimeoutMs'] : [2, undefined]);
  });

  test.each([
    ['there is time', 1, [a, b]],
    ['there is none', 0, [a]],
    ['it is over', -1, [a]],
  ])('is considered by a call that moves without a wait, while %s.', async (_, left, want) => {
    const { carry, visited, budget } = loop([lost()], [a, b]);
    await carry(callWith(left)).catch(() => undefined);
    expect([visited(), budget.stats().tokens]).toEqual([want, 100]);
  });

  test('is measured from the present, not from the beginning.', async () => {
    const { carry, waits } = loop([lost(), lost()]);
    const error = await failure(carry(callWith(700)), OctaNetworkError);
    expect([waits, error.stoppedBy]).toEqual([[250], 'totalTimeoutMs']);
  });

  test('that is later than the requested wait has no effect.', async () => {
    const { carry, waits } = loop([limited(3)]);
    await carry(callWith(3151));
    expect(waits).toEqual([3150]);
  });
});

describe('The error of a call', () => {
  test('lists every attempt.', async () => {
    const answer = new OctaApiError({ message: '408', status: 408, requestId: 'r-2' });
    const late = new OctaTimeoutError({ message: 'late', timeout: 'server', cause: answer, outcome: 'unknown' });
    const { carry } = loop([lost(), late, busy()], [a, b]);
    const { attempts } = await failure(carry(aCall()), OctaServiceUnavailableError);
    expect(attempts).toEqual([
      { url: `${a}/nodes/7`, error: 'OctaNetworkError', message: 'lost', outcome: 'unknown' },
      {
        url: `${b}/nodes/7`,
        error: 'OctaTimeoutError',
        message: 'late',
        outcome: 'unknown',
        status: 408,
        requestId: 'r-2',
      },
      { url: `${b}/nodes/7`, error: 'OctaServiceUnavailableError', message: 'busy', outcome: 'unknown', status: 503 },
    ]);
  });

  test('of an earlier attempt lists the attempts until then.', async () => {
    const errors = [lost(), lost(), lost()];
    await rejection(loop(errors).carry(aCall()));
    expect(errors.map(({ attempts }) => attempts.length)).toEqual([1, 2, 3]);
  });

  test('lists a request that the transport lost and sent again as a separate attempt.', async () => {
    const { carry } = loop([gone()], [a], {}, ({ onLost }) => onLost(lost()));
    const error = await failure(carry(aCall()), OctaApiError);
    const url = `${a}/nodes/7`;
    expect(error.attempts).toEqual([
      { url, error: 'OctaNetworkError', message: 'lost', outcome: 'unknown' },
      { url, error: 'OctaApiError', message: 'gone', outcome: 'rejected', status: 410 },
    ]);
    expect(error.outcome).toBe('unknown');
  });

  test.each<[title: string, errors: OctaError[], outcome: string]>([
    ['unknown when one attempt may have got through', [lost(), limited(0), refused()], 'unknown'],
    ['rejected when those that got through were refused', [refused(), limited(0), refused()], 'rejected'],
    ['not-sent when none got through', [refused(), refused(), refused()], 'not-sent'],
  ])('has the outcome of all attempts: %s.', async (_, errors, outcome) => {
    expect(await rejection(loop(errors).carry(aCall()))).toMatchObject({ outcome });
  });

  test.each<[title: string, errors: OctaError[], call: Partial<Call>, stoppedBy: string | undefined]>([
    ['retries', [lost(), lost(), lost()], {}, 'retries'],
    ['retries, although the budget would not have paid either', [lost()], { retries: 0 }, 'retries'],
    ['nothing, when it would fail the same way', [gone()], {}, undefined],
    ['nothing, when it would fail the same way in the end', [lost(), gone()], {}, undefined],
    ['nothing, when it must not happen twice', [lost()], { repeatable: false, retries: 0 }, undefined],
  ])('names the limit that stopped it: %s.', async (_, errors, call, stoppedBy) => {
    expect(await rejection(loop(errors).carry(aCall(call)))).toHaveProperty('stoppedBy', stoppedBy);
  });

  test.each<[title: string, errors: OctaError[], attempts: number, outcome: string]>([
    ['the first', [keyless()], 0, 'not-sent'],
    ['one after an attempt that may have got through', [lost(), keyless()], 1, 'unknown'],
    ['one between attempts', [late(), lost(), gone()], 2, 'unknown'],
  ])('lists no attempt if it failed before sending: %s.', async (_, errors, count, outcome) => {
    const error = await rejection(loop(errors).carry(aCall()));
    expect(error).toMatchObject({ attempts: { length: count }, outcome });
  });

  test('of a hook is passed on unchanged, and does not affect the health of the URL.', async () => {
    const thrown = Object.freeze(new Error('no trace'));
    const { carry, attempts, rotation } = loop([thrown], [a, b]);
    expect(await rejection(carry(aCall()))).toBe(thrown);
    expect(attempts).toHaveLength(1);
    expect(rotation.stats()[0]).toMatchObject({ state: 'healthy', failures: 0 });
  });
});

describe('The next attempt', () => {
  test('uses the route that is picked with the URLs tried and barred so far.', async () => {
    const { carry, visited, rotation } = loop([lost(), badCertificate()], [a, b, c]);
    const asked: unknown[] = [];
    vi.spyOn(rotation, 'pick').mockImplementation((tried, barred) => {
      asked.push([[...tried], [...barred]]);
      return { baseUrl: [c, b, a][asked.length - 1] ?? '', pickedAt: 0 };
    });
    await carry(aCall());
    expect(visited()).toEqual([c, b, a]);
    expect(asked).toEqual([
      [[], []],
      [[c], []],
      [[c, b], [b]],
    ]);
  });

  test.each([
    ['with its wait', [a], () => 0.3333, 'next in 167 ms at https://a.test'],
    ['without a wait', [a, b], () => 0.3333, 'next in 0 ms at https://b.test'],
  ])('is written to the log %s.', async (_, urls, random, words) => {
    const error = lost();
    const { carry, log } = loop([error], urls, { random });
    await carry(aCall());
    const nextUrl = `${words.split(' at ')[1]}/nodes/7`;
    const fields = { ...about, durationMs: 0, delayMs: expect.any(Number), nextUrl, error };
    expect(log.lines).toEqual([['info', `getNode: attempt 1 failed (OctaNetworkError), ${words}`, fields]]);
  });

  test('is not logged if there is none.', async () => {
    const { carry, log } = loop([lost()]);
    await rejection(carry(aCall({ retries: 0 })));
    expect(log.lines).toEqual([]);
  });
});

describe('onRetry', () => {
  test('gets URLs without secrets, as in the error.', async () => {
    const onRetry = vi.fn();
    const secrets = new Secrets();
    const { carry } = loop([lost(), lost()], [a, b], { onRetry, secrets }, () => secrets.add('octa-key-1'));
    const path = '/nodes?token=t&who=octa-key-1';
    const safe = '/nodes?token=[redacted]&who=[API key]';
    const error = await failure(carry(aCall({ path, retries: 1 })), OctaNetworkError);
    expect(onRetry.mock.calls).toMatchObject([[{ request: { url: a + safe }, nextUrl: b + safe }]]);
    expect(error.attempts.map(({ url }) => url)).toEqual([a + safe, b + safe]);
  });

  test.each([
    ['a wait', [a], 250, `${a}/nodes/7`],
    ['a move', [a, b], 0, `${b}/nodes/7`],
  ])('gets the failed attempt and the next one: %s.', async (_, urls, delayMs, nextUrl) => {
    const onRetry = vi.fn();
    const error = lost();
    await loop([error], urls, { onRetry }).carry(aCall());
    expect(onRetry).toHaveBeenCalledExactlyOnceWith({
      request: { operation: 'getNode', method: 'GET', url: `${a}/nodes/7` },
      error,
      attempt: 1,
      delayMs,
      nextUrl,
    });
  });

  test('gets an error with the history of the call.', async () => {
    const seen: unknown[] = [];
    const onRetry = ({ error }: RetryContext): void => {
      seen.push([error.attempts.length, error.outcome, error.stoppedBy]);
    };
    await loop([limited(0), refused()], [a], { onRetry }).carry(aCall());
    expect(seen).toEqual([
      [1, 'rejected', undefined],
      [2, 'rejected', undefined],
    ]);
  });

  test.each([
    ['when there are no retries left', [lost(), lost()], 1],
    ['when it would fail the same way', [lost(), gone()], 1],
    ['when it went well', [], 0],
  ])('is not called for the last failure, %s.', async (_, errors, times) => {
    const onRetry = vi.fn();
    await loop(errors, [a], { onRetry })
      .carry(aCall({ retries: 1 }))
      .catch(() => undefined);
    expect(onRetry).toHaveBeenCalledTimes(times);
  });

  test('that throws is logged, and the call continues.', async () => {
    const onRetry = (): never => {
      throw new Error('no disk');
    };
    const { carry, log } = loop([lost()], [a], { onRetry });
    expect(await carry(aCall())).toMatchObject({ attempt: 2 });
    const fields = { ...about, durationMs: 0, error: new Error('no disk') };
    expect(log.lines).toContainEqual(['error', 'onRetry threw; the call continues', fields]);
  });

  test('that never ends does not block the call.', async () => {
    const onRetry = (): Promise<void> => new Promise(() => undefined);
    expect(await loop([lost()], [a], { onRetry }).carry(aCall())).toMatchObject({ attempt: 2 });
  });
});

describe('A caller who aborts', () => {
  test.each([
    ['not-sent', 'when no attempt left', refused()],
    ['unknown', 'when an attempt may have got through', lost()],
    ['rejected', 'when its attempts were refused', limited()],
  ])('during a wait gets the outcome %s %s.', async (outcome, _, error: OctaError) => {
    const controller = new AbortController();
    const onRetry = () => controller.abort('enough');
    const { carry, attempts } = loop([error], [a], { clock: stoppedClock(), onRetry });
    const aborted = await failure(carry(aCall({ signal: controller.signal })), OctaAbortError);
    const request = { operation: 'getNode', method: 'GET', url: `${a}/nodes/7` };
    expect(aborted).toMatchObject({ cause: 'enough', outcome, request, message: 'getNode: aborted by the caller' });
    expect([attempts.length, aborted.attempts.length, aborted.stoppedBy]).toEqual([1, 1, undefined]);
  });

  test('by its own time limit during a wait gets a timeout error.', async () => {
    const controller = new AbortController();
    const onRetry = () => controller.abort(new DOMException('late', 'TimeoutError'));
    const { carry } = loop([lost()], [a], { clock: stoppedClock(), onRetry });
    const error = await failure(carry(aCall({ signal: controller.signal })), OctaTimeoutError);
    expect(error).toMatchObject({ timeout: 'signal', outcome: 'unknown', attempts: { length: 1 } });
  });

  test('during a wait releases the route of the next attempt.', async () => {
    const controller = new AbortController();
    const onRetry = () => controller.abort();
    const { carry, rotation } = loop([limited()], [a, b], { clock: stoppedClock(), onRetry });
    const release = vi.spyOn(rotation, 'release');
    await rejection(carry(aCall({ signal: controller.signal })));
    expect(release).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ baseUrl: b }));
    expect(rotation.stats()).toMatchObject([{ attempts: 1 }, { attempts: 0 }]);
  });

  test.each([
    ['moves', [a, b], 500],
    ['does not wait', [a], 0],
  ])(
    'before an attempt that %s gets the error immediately; nothing is sent, and the route is released.',
    async (_, urls, retryDelayMs) => {
      const controller = new AbortController();
      const onRetry = () => controller.abort('enough');
      const { carry, attempts, rotation } = loop([lost()], urls, { onRetry, retryDelayMs });
      const release = vi.spyOn(rotation, 'release');
      const error = await failure(carry(aCall({ signal: controller.signal })), OctaAbortError);
      expect(error).toMatchObject({ cause: 'enough', outcome: 'unknown', attempts: { length: 1 } });
      expect([attempts.length, release.mock.calls.length]).toEqual([1, 1]);
    },
  );

  test('before the first attempt gets the error, and nothing is sent.', async () => {
    const { carry, attempts, rotation } = loop([], [a, b]);
    const release = vi.spyOn(rotation, 'release');
    const error = await failure(carry(aCall({ signal: AbortSignal.abort('enough') })), OctaAbortError);
    const request = { operation: 'getNode', method: 'GET', url: `${a}/nodes/7` };
    expect(error).toMatchObject({ cause: 'enough', outcome: 'not-sent', attempts: [], request });
    expect(attempts).toEqual([]);
    expect(release).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ baseUrl: a }));
  });

  test('while an attempt fails gets that failure; no hook runs, and the budget does not change.', async () => {
    const onRetry = vi.fn();
    const error = lost();
    const { carry, attempts, budget, rotation } = loop([error], [a, b], { onRetry });
    const controller = new AbortController();
    vi.spyOn(rotation, 'settle').mockImplementation(() => controller.abort());
    expect(await rejection(carry(aCall({ signal: controller.signal })))).toBe(error);
    expect([attempts.length, error.stoppedBy, budget.stats().tokens]).toEqual([1, undefined, 100]);
    expect(onRetry).not.toHaveBeenCalled();
  });
});

describe('A route that is not used is released', () => {
  const over: Partial<Call> = { totalTimeoutMs: 1, endsAt: 0 };

  test.each<[stoppedBy: string | undefined, error: OctaError, call: Partial<Call>, tokens: number]>([
    ['maxRetryAfterMs', limited(3600), {}, 100],
    ['totalTimeoutMs', lost(), over, 100],
    ['budget', lost(), {}, 0],
    [undefined, badCertificate(), {}, 100],
  ])('if the call is stopped by %s.', async (stoppedBy, error, call, tokens) => {
    const { carry, rotation } = loop([error], [a], { budget: budgetWith(tokens) });
    const release = vi.spyOn(rotation, 'release');
    expect(await rejection(carry(aCall(call)))).toHaveProperty('stoppedBy', stoppedBy);
    expect(release).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ baseUrl: a }));
  });

  test.each<[title: string, error: OctaError, call: Partial<Call>]>([
    ['there are no retries left', lost(), { retries: 0 }],
    ['it would fail the same way', gone(), {}],
  ])('but none is picked if %s.', async (_, error, call) => {
    const { carry, rotation } = loop([error]);
    const pick = vi.spyOn(rotation, 'pick');
    await rejection(carry(aCall(call)));
    expect(pick).toHaveBeenCalledOnce();
  });
});
