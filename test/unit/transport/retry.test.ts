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

/** A budget of which this much is left. */
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
  test('is sent once when it goes well.', async () => {
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

  test('does not wait where there is nothing to wait for.', async () => {
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

  test('is sent once when it would fail the same way.', async () => {
    const error = gone();
    const { carry, attempts } = loop([error], [a, b]);
    expect(await rejection(carry(aCall()))).toBe(error);
    expect(attempts).toHaveLength(1);
  });

  test('knows nothing of the other calls of its client.', async () => {
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
  ])('is sent again when it %s.', async (_, error) => {
    const { carry, attempts } = loop([error]);
    expect(await carry(once)).toMatchObject({ attempt: 2 });
    expect(attempts).toHaveLength(2);
  });

  test('is sent once more and no more when the second attempt may have got through.', async () => {
    const { carry, visited } = loop([refused(), lost()], [a, b, c]);
    const error = await failure(carry(once), OctaNetworkError);
    expect(visited()).toEqual([a, b]);
    expect(error).toMatchObject({ outcome: 'unknown', stoppedBy: undefined });
  });

  test('is never attempted again after it may have got through, whatever happens.', async () => {
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
  ])('of longer than maxRetryAfterMs ends the call at once: %s.', async (_, error) => {
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
  ])('a call moves to another at once when %s.', async (_, error) => {
    const { carry, visited, waits } = loop([error], [a, b]);
    await carry(aCall());
    expect([visited(), waits]).toEqual([[a, b], []]);
  });

  test('a call waits once it has tried them all, as long as after so many attempts anywhere.', async () => {
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
  ])('a rate limit, which is about the caller, is waited for all the same: %s.', async (_, error, wait) => {
    const { carry, visited, waits } = loop([error], [a, b]);
    await carry(aCall());
    expect([visited(), waits]).toEqual([[a, b], [wait]]);
  });

  test('a rate limit of longer than anyone waits ends the call.', async () => {
    const error = limited(3600);
    const { carry, visited } = loop([error], [a, b]);
    expect(await rejection(carry(aCall()))).toBe(error);
    expect([visited(), error.stoppedBy]).toEqual([[a], 'maxRetryAfterMs']);
  });

  test('each attempt tells how its URL is.', async () => {
    const { carry, rotation } = loop([refused(), limited(0)], [a, b, c]);
    await carry(aCall());
    expect(rotation.stats()).toMatchObject([
      { state: 'resting', attempts: 1, failures: 1 },
      { state: 'healthy', attempts: 1, failures: 0 },
      { state: 'healthy', attempts: 1, failures: 0 },
    ]);
  });

  test('an attempt that gets through ends the rest of its URL.', async () => {
    const { carry, rotation } = loop([refused()]);
    await carry(aCall());
    expect(rotation.stats()).toMatchObject([{ state: 'healthy', attempts: 2, failures: 1 }]);
  });

  test('calls take them in turn.', async () => {
    const { carry, visited } = loop([], [a, b]);
    for (let count = 0; count < 3; count++) await carry(aCall());
    expect(visited()).toEqual([a, b, a]);
  });
});

describe('A wrong certificate', () => {
  test('ends the call when there is no other URL: the next attempt would find it, too.', async () => {
    const error = badCertificate();
    const { carry, attempts, rotation, budget } = loop([error]);
    expect(await rejection(carry(aCall()))).toBe(error);
    expect([attempts.length, error.stoppedBy, budget.stats().tokens]).toEqual([1, undefined, 100]);
    expect(rotation.stats()).toMatchObject([{ attempts: 1 }]);
  });

  test('leaves the other URLs to be tried, and tried again.', async () => {
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

  test('that is empty lets a call move away from where nobody is.', async () => {
    const { carry, visited } = loop([refused()], [a, b], { budget: budgetWith(0) });
    await carry(aCall());
    expect(visited()).toEqual([a, b]);
  });

  test('keeps 300 calls from making more than 345 attempts while the API is down.', async () => {
    const { carry, attempts } = loop(Array.from({ length: 2000 }, busy));
    await Promise.allSettled(Array.from({ length: 300 }, () => carry(aCall({ retries: 3 }))));
    expect(attempts).toHaveLength(310);
  });
});

describe('The end of the whole call', () => {
  /** A call that has this much left when it begins. */
  const callWith = (left: number): Call => aCall({ totalTimeoutMs: 9000, endsAt: instantClock().now() + left });

  test.each([
    ['is waited for when it is over before', 251, [250]],
    ['is not waited for when it is over just then', 250, []],
    ['is not waited for when it is over after', 249, []],
  ])('is known: the next attempt %s.', async (_, left, want) => {
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
  ])('is known to a call that moves without a wait, while %s.', async (_, left, want) => {
    const { carry, visited, budget } = loop([lost()], [a, b]);
    await carry(callWith(left)).catch(() => undefined);
    expect([visited(), budget.stats().tokens]).toEqual([want, 100]);
  });

  test('is measured from the present, not from the beginning.', async () => {
    const { carry, waits } = loop([lost(), lost()]);
    const error = await failure(carry(callWith(700)), OctaNetworkError);
    expect([waits, error.stoppedBy]).toEqual([[250], 'totalTimeoutMs']);
  });

  test('that is longer away than the server asks for is of no matter.', async () => {
    const { carry, waits } = loop([limited(3)]);
    await carry(callWith(3151));
    expect(waits).toEqual([3150]);
  });
});

describe('The error of a call', () => {
  test('tells about every attempt.', async () => {
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

  test('of an earlier attempt tells about the attempts until then.', async () => {
    const errors = [lost(), lost(), lost()];
    await rejection(loop(errors).carry(aCall()));
    expect(errors.map(({ attempts }) => attempts.length)).toEqual([1, 2, 3]);
  });

  test('tells of what the transport lost and sent again by itself, as of an attempt of its own.', async () => {
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
  ])('has the outcome of them all: %s.', async (_, errors, outcome) => {
    expect(await rejection(loop(errors).carry(aCall()))).toMatchObject({ outcome });
  });

  test.each<[title: string, errors: OctaError[], call: Partial<Call>, stoppedBy: string | undefined]>([
    ['retries', [lost(), lost(), lost()], {}, 'retries'],
    ['retries, although the budget would not have paid either', [lost()], { retries: 0 }, 'retries'],
    ['nothing, when it would fail the same way', [gone()], {}, undefined],
    ['nothing, when it would fail the same way in the end', [lost(), gone()], {}, undefined],
    ['nothing, when it must not happen twice', [lost()], { repeatable: false, retries: 0 }, undefined],
  ])('says what stopped it: %s.', async (_, errors, call, stoppedBy) => {
    expect(await rejection(loop(errors).carry(aCall(call)))).toHaveProperty('stoppedBy', stoppedBy);
  });

  test.each<[title: string, errors: OctaError[], attempts: number, outcome: string]>([
    ['the first', [keyless()], 0, 'not-sent'],
    ['one after an attempt that may have got through', [lost(), keyless()], 1, 'unknown'],
    ['one between attempts', [late(), lost(), gone()], 2, 'unknown'],
  ])('tells of no attempt where it failed on this side: %s.', async (_, errors, count, outcome) => {
    const error = await rejection(loop(errors).carry(aCall()));
    expect(error).toMatchObject({ attempts: { length: count }, outcome });
  });

  test('that a hook threw is passed on as it is, after one attempt that says nothing about its URL.', async () => {
    const thrown = Object.freeze(new Error('no trace'));
    const { carry, attempts, rotation } = loop([thrown], [a, b]);
    expect(await rejection(carry(aCall()))).toBe(thrown);
    expect(attempts).toHaveLength(1);
    expect(rotation.stats()[0]).toMatchObject({ state: 'healthy', failures: 0 });
  });
});

describe('The next attempt', () => {
  test('goes where the routes say, who hear where the earlier ones went, and where none should.', async () => {
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

  test('that there is none is not written to the log.', async () => {
    const { carry, log } = loop([lost()]);
    await rejection(carry(aCall({ retries: 0 })));
    expect(log.lines).toEqual([]);
  });
});

describe('onRetry', () => {
  test('is told URLs without secrets, as the error is.', async () => {
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
  ])('is told what failed, and what comes next: %s.', async (_, urls, delayMs, nextUrl) => {
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

  test('finds the story of the call in the error.', async () => {
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
  ])('is not told of the last failure, %s.', async (_, errors, times) => {
    const onRetry = vi.fn();
    await loop(errors, [a], { onRetry })
      .carry(aCall({ retries: 1 }))
      .catch(() => undefined);
    expect(onRetry).toHaveBeenCalledTimes(times);
  });

  test('that throws is logged, and the call goes on.', async () => {
    const onRetry = (): never => {
      throw new Error('no disk');
    };
    const { carry, log } = loop([lost()], [a], { onRetry });
    expect(await carry(aCall())).toMatchObject({ attempt: 2 });
    const fields = { ...about, durationMs: 0, error: new Error('no disk') };
    expect(log.lines).toContainEqual(['error', 'onRetry threw; the call goes on', fields]);
  });

  test('that never ends does not hold the call.', async () => {
    const onRetry = (): Promise<void> => new Promise(() => undefined);
    expect(await loop([lost()], [a], { onRetry }).carry(aCall())).toMatchObject({ attempt: 2 });
  });
});

describe('A caller who gives up', () => {
  test.each([
    ['not-sent', 'when no attempt left', refused()],
    ['unknown', 'when an attempt may have got through', lost()],
    ['rejected', 'when its attempts were refused', limited()],
  ])('during a wait hears %s %s.', async (outcome, _, error: OctaError) => {
    const controller = new AbortController();
    const onRetry = () => controller.abort('enough');
    const { carry, attempts } = loop([error], [a], { clock: stoppedClock(), onRetry });
    const aborted = await failure(carry(aCall({ signal: controller.signal })), OctaAbortError);
    const request = { operation: 'getNode', method: 'GET', url: `${a}/nodes/7` };
    expect(aborted).toMatchObject({ cause: 'enough', outcome, request, message: 'getNode: aborted by the caller' });
    expect([attempts.length, aborted.attempts.length, aborted.stoppedBy]).toEqual([1, 1, undefined]);
  });

  test('by a time limit of its own during a wait hears of that.', async () => {
    const controller = new AbortController();
    const onRetry = () => controller.abort(new DOMException('late', 'TimeoutError'));
    const { carry } = loop([lost()], [a], { clock: stoppedClock(), onRetry });
    const error = await failure(carry(aCall({ signal: controller.signal })), OctaTimeoutError);
    expect(error).toMatchObject({ timeout: 'signal', outcome: 'unknown', attempts: { length: 1 } });
  });

  test('during a wait gives back the route of the attempt that was to come.', async () => {
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
    'before an attempt that %s hears so at once; there is none, and its route is given back.',
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

  test('before the first attempt hears so; there is none.', async () => {
    const { carry, attempts, rotation } = loop([], [a, b]);
    const release = vi.spyOn(rotation, 'release');
    const error = await failure(carry(aCall({ signal: AbortSignal.abort('enough') })), OctaAbortError);
    const request = { operation: 'getNode', method: 'GET', url: `${a}/nodes/7` };
    expect(error).toMatchObject({ cause: 'enough', outcome: 'not-sent', attempts: [], request });
    expect(attempts).toEqual([]);
    expect(release).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ baseUrl: a }));
  });

  test('while an attempt fails hears of that failure; no hook runs, and nothing is paid.', async () => {
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

describe('A route that is not taken after all is given back', () => {
  const over: Partial<Call> = { totalTimeoutMs: 1, endsAt: 0 };

  test.each<[stoppedBy: string | undefined, error: OctaError, call: Partial<Call>, tokens: number]>([
    ['maxRetryAfterMs', limited(3600), {}, 100],
    ['totalTimeoutMs', lost(), over, 100],
    ['budget', lost(), {}, 0],
    [undefined, badCertificate(), {}, 100],
  ])('when the call is stopped by %s.', async (stoppedBy, error, call, tokens) => {
    const { carry, rotation } = loop([error], [a], { budget: budgetWith(tokens) });
    const release = vi.spyOn(rotation, 'release');
    expect(await rejection(carry(aCall(call)))).toHaveProperty('stoppedBy', stoppedBy);
    expect(release).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ baseUrl: a }));
  });

  test.each<[title: string, error: OctaError, call: Partial<Call>]>([
    ['there are no retries left', lost(), { retries: 0 }],
    ['it would fail the same way', gone(), {}],
  ])('but none is asked for when %s.', async (_, error, call) => {
    const { carry, rotation } = loop([error]);
    const pick = vi.spyOn(rotation, 'pick');
    await rejection(carry(aCall(call)));
    expect(pick).toHaveBeenCalledOnce();
  });
});
