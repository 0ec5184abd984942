import { afterEach, describe, expect, test, vi } from 'vitest';
import { decode } from '../../../src/codec/decode.ts';
import type { ParsedJson } from '../../../src/codec/json.ts';
import { compiler } from '../../../src/codec/plan.ts';
import type { OctaClientOptions } from '../../../src/core/option-types.ts';
import { resolveOptions } from '../../../src/core/options.ts';
import { ClientTransport } from '../../../src/core/transport.ts';
import { OctaConnectionError, OctaServerError } from '../../../src/errors/errors.ts';
import { type OwnInit, type OwnTransport, transportMark } from '../../../src/transport/own-transport.ts';
import { Secrets } from '../../../src/transport/secrets.ts';
import type { Call, FetchLike, Reply } from '../../../src/transport/types.ts';
import { failure, rejection } from '../../support/failure.ts';
import { aCall, aTurn, keepingLog } from '../../support/transport.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const [a, b] = ['https://a.test', 'https://b.test'] as const;

function transportOf(fetch?: FetchLike | undefined, options: OctaClientOptions = {}) {
  const log = keepingLog();
  const resolved = resolveOptions({ apiKey: 'octa-key-1', baseUrl: a, retryDelayMs: 0, fetch, ...options });
  return { transport: new ClientTransport(resolved, log, new Secrets()), log };
}

const several = (urls: readonly string[]): OctaClientOptions => ({ baseUrl: undefined, baseUrls: urls });
const answering = (text = '{}', status = 200) => vi.fn<FetchLike>(async () => new Response(text, { status }));
const refused = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
const refusing = () => vi.fn<FetchLike>(() => Promise.reject(refused));

/** A fetch whose responses the test resolves. */
function waitingFetch() {
  const answers: ((response: Response) => void)[] = [];
  const fetch: FetchLike = () => new Promise((resolve) => answers.push(resolve));
  const answerAll = async (): Promise<void> => {
    for (const answer of answers.splice(0)) answer(new Response('{}'));
    await aTurn();
  };
  return { fetch, answerAll };
}

function ownTransport(act: FetchLike = answering()): OwnTransport {
  const fetch = vi.fn((url: string, init: OwnInit) => act(url, { ...init, signal: null }));
  const stats = () => ({ connections: 3 });
  return Object.assign(fetch, { [transportMark]: true, stats, close: vi.fn(async () => undefined) } as const);
}

/** A call that the transport counts as in progress. */
async function carried(transport: ClientTransport, call: Call): Promise<Reply> {
  const leave = transport.enter(false);
  if (leave === undefined) throw new Error('closed');
  try {
    return await transport.carry(call);
  } finally {
    leave();
  }
}

/** Whether a promise is settled within a turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.finally(() => {
    settled = true;
  });
  await aTurn();
  return settled;
}

describe('A call', () => {
  test('returns parsed JSON with exact big integers.', async () => {
    const { transport } = transportOf(answering('{"balance":31428028938060847852}'));
    const { parsed } = await transport.carry(aCall());
    const form = compiler({ Balance: 'wei! balance' })('Balance');
    // What the codec parses, only the codec reads.
    const { value } = decode(parsed as ParsedJson, [form], false);
    expect(value).toEqual({ balance: 31_428_028_938_060_847_852n });
  });

  test('that fails has an error body that JSON.stringify supports.', async () => {
    const { transport } = transportOf(answering('{"balance":31428028938060847852}', 500));
    const error = await failure(transport.carry(aCall({ retries: 0 })), OctaServerError);
    expect(error.body).toEqual({ balance: '31428028938060847852' });
  });

  test('with a long error body shows no part of the key where the text was cut.', async () => {
    const key = 'octa-key-1';
    const { transport } = transportOf(answering(`${'x'.repeat(65_536 - key.length + 1)}${key} is unknown`, 500));
    const { body } = await failure(transport.carry(aCall({ retries: 0 })), OctaServerError);
    expect(String(body).slice(-20)).not.toContain('octa');
  });

  test('runs its hooks for each attempt.', async () => {
    const seen: string[] = [];
    const { transport } = transportOf(answering('', 503), {
      onRequest: ({ attempt, url }) => void seen.push(`${attempt} to ${url}`),
      onResponse: ({ status }) => void seen.push(String(status)),
      onRetry: ({ nextUrl, delayMs }) => void seen.push(`${delayMs} ms, then ${nextUrl}`),
    });
    await rejection(transport.carry(aCall({ retries: 1 })));
    const to = `to ${a}/nodes/7`;
    expect(seen).toEqual([`1 ${to}`, '503', `0 ms, then ${a}/nodes/7`, `2 ${to}`, '503']);
  });

  test.each<[title: string, options: OctaClientOptions, delayMs: number]>([
    ['retryDelayMs', { retryDelayMs: 100, backoffFactor: 1 }, 50],
    ['backoffFactor', { retryDelayMs: 2, backoffFactor: 10 }, 10],
    ['maxRetryDelayMs', { retryDelayMs: 100, maxRetryDelayMs: 6 }, 3],
  ])('waits according to %s.', async (_, options, delayMs) => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const delays: number[] = [];
    const onRetry: OctaClientOptions['onRetry'] = (context) => void delays.push(context.delayMs);
    const { transport } = transportOf(answering('', 503), { ...options, onRetry });
    await rejection(transport.carry(aCall({ retries: 2 })));
    expect(delays[1]).toBe(delayMs);
  });

  test('waits at most maxRetryAfterMs.', async () => {
    const fetch = vi.fn<FetchLike>(async () => new Response('', { status: 429, headers: { 'retry-after': '1' } }));
    const { transport } = transportOf(fetch, { maxRetryAfterMs: 999 });
    expect(await rejection(transport.carry(aCall()))).toMatchObject({ stoppedBy: 'maxRetryAfterMs' });
    expect(fetch).toHaveBeenCalledOnce();
  });

  test('rejects a response larger than maxResponseBytes.', async () => {
    const { transport } = transportOf(answering('{"a":"b"}'), { maxResponseBytes: 8 });
    expect(await rejection(transport.carry(aCall()))).toMatchObject({ name: 'OctaResponseError' });
  });

  test('is written to the log.', async () => {
    const { transport, log } = transportOf(answering());
    await transport.carry(aCall());
    expect(log.lines.map(([level, message]) => [level, message.replace(/\d+ ms/, '0 ms')])).toEqual([
      ['debug', `getNode: GET ${a}/nodes/7, attempt 1`],
      ['debug', 'getNode: 200 in 0 ms'],
    ]);
  });
});

describe('A call that must not happen twice, without a connection,', () => {
  const once = aCall({ repeatable: false });

  test.each<[title: string, given: () => FetchLike | undefined, attempts: number, outcome: string]>([
    ['is sent again by the global fetch', () => undefined, 3, 'not-sent'],
    ['is sent again by a transport of our own', () => ownTransport(refusing()), 3, 'not-sent'],
    ['is not sent again by a fetch of the caller', refusing, 1, 'unknown'],
  ])('%s.', async (_, given, attempts, outcome) => {
    vi.stubGlobal('fetch', refusing());
    const error = await failure(transportOf(given()).transport.carry(once), OctaConnectionError);
    expect(error).toMatchObject({ outcome, attempts: { length: attempts } });
  });
});

describe('The state of a transport', () => {
  test('is plain data.', async () => {
    const { transport } = transportOf(answering(), several([a, b]));
    const healthy = { state: 'healthy', restsForMs: 0, attempts: 0, failures: 0 };
    expect(transport.stats()).toEqual({
      baseUrls: [
        { url: a, ...healthy },
        { url: b, ...healthy },
      ],
      retryBudget: { tokens: 100, capacity: 100, cost: 10 },
      activeCalls: 0,
    });
  });

  test('shows that a URL rests for cooldownMs, while calls use the other one.', async () => {
    const fetch = vi.fn<FetchLike>((url) => (url.startsWith(a) ? Promise.reject(refused) : answering()(url, {})));
    const { transport } = transportOf(fetch, { ...several([a, b]), cooldownMs: 60_000 });
    for (let count = 0; count < 3; count++) await carried(transport, aCall());
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([a, b, b, b].map((url) => `${url}/nodes/7`));
    const [first, second] = transport.stats().baseUrls;
    expect(first).toMatchObject({ state: 'resting', attempts: 1, failures: 1 });
    // Longer than the usual rest, and a tenth longer than this one at the most.
    expect(first?.restsForMs).toSatisfy((ms) => ms > 33_000 && ms <= 66_000);
    expect(second).toMatchObject({ state: 'healthy', attempts: 3, failures: 0 });
  });

  test('shows the retry budget.', async () => {
    const { transport } = transportOf(answering('', 503));
    await rejection(carried(transport, aCall()));
    expect(transport.stats().retryBudget.tokens).toSatisfy((tokens) => tokens >= 80 && tokens < 90);
  });

  test('shows calls in progress, until they succeed or fail.', async () => {
    const { fetch, answerAll } = waitingFetch();
    const { transport } = transportOf(fetch);
    const calls = [carried(transport, aCall()), carried(transport, aCall())];
    expect(transport.stats().activeCalls).toBe(2);
    await aTurn();
    await answerAll();
    await Promise.all(calls);
    expect(transport.stats().activeCalls).toBe(0);
    const failing = transportOf(answering('', 404)).transport;
    await rejection(carried(failing, aCall()));
    expect(failing.stats().activeCalls).toBe(0);
  });

  test("shows the connections of the SDK's own transport.", () => {
    expect(transportOf(ownTransport()).transport.stats()).toHaveProperty('connections', { connections: 3 });
  });

  test.each([
    ['the global fetch', undefined],
    ['a fetch of the caller', Object.assign(answering(), { stats: () => ({ connections: 3 }) })],
  ])('shows no connections with %s.', (_, fetch) => {
    expect(transportOf(fetch).transport.stats()).not.toHaveProperty('connections');
  });
});

describe('Closing', () => {
  test('completes immediately if no calls are in progress, and is visible.', async () => {
    const { transport } = transportOf(answering());
    expect(transport.closed).toBe(false);
    const closing = transport.close();
    expect(transport.closed).toBe(true);
    expect(await isSettled(closing)).toBe(true);
  });

  test('waits for every call in progress, whether it succeeds or fails.', async () => {
    const { fetch, answerAll } = waitingFetch();
    const controller = new AbortController();
    const { transport } = transportOf(fetch);
    const [first, second] = [carried(transport, aCall()), carried(transport, aCall({ signal: controller.signal }))];
    await aTurn();
    const closing = transport.close();
    expect(await isSettled(closing)).toBe(false);
    controller.abort();
    await rejection(second);
    expect(await isSettled(closing)).toBe(false);
    await answerAll();
    expect([await first, await isSettled(closing)]).toMatchObject([{ status: 200 }, true]);
  });

  test('allows retries of a call in progress.', async () => {
    const { fetch, answerAll } = waitingFetch();
    const urls: string[] = [];
    const flaky: FetchLike = (url, init) => (urls.push(url) === 1 ? Promise.reject(refused) : fetch(url, init));
    const { transport } = transportOf(flaky);
    const call = carried(transport, aCall());
    const closing = transport.close();
    await aTurn();
    await answerAll();
    expect(await call).toMatchObject({ attempt: 2 });
    await closing;
  });

  test("closes the SDK's own transport once, after the calls, and waits for it.", async () => {
    const { fetch, answerAll } = waitingFetch();
    const own = ownTransport(fetch);
    let closed: () => void = () => undefined;
    vi.mocked(own.close).mockImplementation(() => new Promise((resolve) => (closed = resolve)));
    const { transport } = transportOf(own);
    const call = carried(transport, aCall());
    await aTurn();
    const closings = [transport.close(), transport.close()];
    expect(own.close).not.toHaveBeenCalled();
    await answerAll();
    await call;
    await aTurn();
    expect(own.close).toHaveBeenCalledOnce();
    expect(await isSettled(Promise.race(closings))).toBe(false);
    closed();
    await Promise.all([...closings, transport.close()]);
    expect(own.close).toHaveBeenCalledOnce();
  });

  test("does not change the caller's fetch.", async () => {
    const close = vi.fn();
    await transportOf(Object.assign(answering(), { close })).transport.close();
    expect(close).not.toHaveBeenCalled();
  });

  test("fails if the SDK's own transport fails to close.", async () => {
    const own = ownTransport();
    vi.mocked(own.close).mockRejectedValue(new Error('stuck'));
    expect(await rejection(transportOf(own).transport.close())).toEqual(new Error('stuck'));
  });

  test('closes the HTTP client of Deno.', async () => {
    const close = vi.fn();
    vi.stubGlobal('Deno', { createHttpClient: () => ({ close }) });
    vi.stubGlobal('fetch', answering());
    const { transport } = transportOf();
    await carried(transport, aCall({ repeatable: false }));
    expect(close).not.toHaveBeenCalled();
    await transport.close();
    expect(close).toHaveBeenCalledOnce();
  });
});

test('Two transports share nothing.', async () => {
  const down = transportOf(refusing()).transport;
  await failure(down.carry(aCall({ retries: 1 })), OctaConnectionError);
  expect(transportOf(answering()).transport.stats()).toMatchObject({
    baseUrls: [{ state: 'healthy' }],
    retryBudget: { tokens: 100 },
  });
});
