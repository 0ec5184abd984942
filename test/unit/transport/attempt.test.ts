import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  OctaAbortError,
  OctaAuthenticationError,
  OctaConfigurationError,
  OctaConnectionError,
  OctaError,
  OctaNetworkError,
  OctaResponseError,
  OctaTimeoutError,
} from '../../../src/errors/errors.ts';
import { type AttemptOptions, createSend } from '../../../src/transport/attempt.ts';
import {
  type OwnInit,
  type OwnTransport,
  type SendHints,
  transportMark,
} from '../../../src/transport/own-transport.ts';
import { FreshConnections } from '../../../src/transport/runtime.ts';
import { Secrets } from '../../../src/transport/secrets.ts';
import type { BodyForm, Call, FetchLike } from '../../../src/transport/types.ts';
import { failure, rejection } from '../../support/failure.ts';
import { aCall, anAttempt, anHour, aTurn, keepingLog, manualClock, watchTimers } from '../../support/transport.ts';

afterEach(() => vi.unstubAllGlobals());

const key = 'octa-secret-1';
const url = 'https://api.test/nodes/7';
const request = { operation: 'getNode', method: 'GET', url };
const never = (): Promise<never> => new Promise(() => undefined);

/** Attempts with this fetch, or with the global one. */
function sender(given?: FetchLike | undefined, changes: Partial<AttemptOptions> = {}) {
  const clock = manualClock();
  const log = keepingLog();
  const secrets = new Secrets();
  const connections = new FreshConnections();
  const options: AttemptOptions = {
    fetch: given,
    apiKey: () => key,
    secrets,
    connections,
    maxResponseBytes: 1000,
    clock,
    log,
    ...changes,
  };
  return { send: createSend(options), log, secrets, connections, advance: clock.advance };
}

const answering = (body: BodyInit | null = '{}', init: ResponseInit = {}) =>
  vi.fn<FetchLike>(async () => new Response(body, init));

/** One of the SDK's own transports that does this. */
function ownTransport(act: FetchLike): OwnTransport {
  const fetch = vi.fn((given: string, init: OwnInit) => act(given, { ...init, signal: null }));
  return Object.assign(fetch, { [transportMark]: true, stats: () => ({}), close: async () => undefined } as const);
}

/** The init of the only request. */
function initOf(fetch: { readonly mock: { readonly calls: readonly (readonly unknown[])[] } }): RequestInit {
  expect(fetch.mock.calls).toHaveLength(1);
  // What fetch is called with, by its type.
  return fetch.mock.calls[0]?.[1] as RequestInit;
}

describe('A request', () => {
  test('has the URL, and everything else in one plain object.', async () => {
    const fetch = answering();
    await sender(fetch).send(aCall({ uncached: false }), anAttempt({ headers: { accept: 'text/plain' } }));
    const headers = { accept: 'text/plain', authorization: key };
    const init = { method: 'GET', headers, redirect: 'manual', signal: expect.any(AbortSignal) };
    expect(fetch.mock.calls).toEqual([[url, init]]);
    expect(Object.keys(initOf(fetch)).sort()).toEqual(['headers', 'method', 'redirect', 'signal']);
  });

  test.each<[title: string, changes: Partial<Call>, want: object]>([
    ['a body when there is one', { body: '[]' }, { body: '[]', cache: 'no-store' }],
    ['a body even when it is empty', { body: '' }, { body: '', cache: 'no-store' }],
    ['no body when there is none, and is kept out of caches', { uncached: true }, { cache: 'no-store' }],
    ['nothing about caches when they do no harm', { uncached: false, body: '[]' }, { body: '[]' }],
  ])('has %s.', async (_, changes, want) => {
    const fetch = answering();
    await sender(fetch).send(aCall(changes), anAttempt());
    const { method, headers, redirect, signal, ...rest } = initOf(fetch);
    expect(rest).toEqual(want);
  });

  test('does not change the headers of the attempt.', async () => {
    const headers = Object.freeze({ accept: 'text/plain' });
    await sender(answering()).send(aCall(), anAttempt({ headers }));
    expect(headers).toEqual({ accept: 'text/plain' });
  });

  test.each<[title: string, given: string | undefined, auth: Call['auth'], want: string | undefined]>([
    ['the key', key, 'required', key],
    ['the key where it is optional', key, 'optional', key],
    ['none where it is not needed', key, 'none', undefined],
    ['none when the key is empty', '', 'required', undefined],
    ['none when there is no key', undefined, 'optional', undefined],
  ])('carries %s.', async (_, given, auth, want) => {
    const fetch = answering();
    await sender(fetch, { apiKey: () => given }).send(aCall({ auth }), anAttempt());
    expect(initOf(fetch).headers).toEqual(want === undefined ? {} : { authorization: want });
  });

  test('carries the headers of the attempt, with a key or without.', async () => {
    const attempt = anAttempt({ headers: { accept: 'text/plain' } });
    for (const given of [key, '']) {
      const fetch = answering();
      await sender(fetch, { apiKey: () => given }).send(aCall(), attempt);
      expect(initOf(fetch).headers).toMatchObject({ accept: 'text/plain' });
    }
  });

  test("uses the caller's Authorization header, and does not read the API key.", async () => {
    const fetch = answering();
    const apiKey = vi.fn(() => key);
    const { send, secrets } = sender(fetch, { apiKey });
    await send(aCall(), anAttempt({ headers: { authorization: 'Bearer mine' } }));
    expect(initOf(fetch).headers).toEqual({ authorization: 'Bearer mine' });
    expect(apiKey).not.toHaveBeenCalled();
    expect(secrets.text('Bearer mine')).toBe('[API key]');
  });

  test('registers its key with the log before it is sent.', async () => {
    const fetch = vi.fn<FetchLike>(never);
    const { send, secrets } = sender(fetch);
    send(aCall(), anAttempt());
    await aTurn();
    expect(fetch).toHaveBeenCalledOnce();
    expect(secrets.text(key)).toBe('[API key]');
  });
});

describe('A request that must not happen twice', () => {
  const once = { repeatable: false };

  test('uses a new connection with the global fetch.', async () => {
    const fetch = answering();
    vi.stubGlobal('fetch', fetch);
    const { send, connections } = sender();
    const apply = vi.spyOn(connections, 'apply');
    await send(aCall(once), anAttempt());
    expect(apply).toHaveBeenCalledExactlyOnceWith(initOf(fetch));
  });

  test.each<[title: string, given: FetchLike | undefined, changes: Partial<Call>]>([
    ['when it may happen twice', undefined, { repeatable: true }],
    ['with a fetch of the caller', answering(), once],
    ['with a transport of our own', ownTransport(answering()), once],
  ])('but not in other cases: %s.', async (_, given, changes) => {
    vi.stubGlobal('fetch', answering());
    const { send, connections } = sender(given);
    const apply = vi.spyOn(connections, 'apply');
    await send(aCall(changes), anAttempt());
    expect(apply).not.toHaveBeenCalled();
  });

  test.each([[true], [false]])("is marked as such for the SDK's own transport: repeatable %j.", async (repeatable) => {
    const own = ownTransport(answering());
    await sender(own).send(aCall({ repeatable }), anAttempt());
    const hints = expect.objectContaining({ repeatable });
    expect(own).toHaveBeenCalledExactlyOnceWith(url, expect.objectContaining({ method: 'GET' }), hints);
  });

  test("is reported without the key if the SDK's own transport sends it again.", async () => {
    const onLost = vi.fn();
    const own: OwnTransport = Object.assign(
      async (_: string, __: OwnInit, hints?: SendHints) => {
        hints?.onResend?.(Object.assign(new Error(`read ${key}`), { code: 'ECONNRESET' }));
        return new Response('{}');
      },
      { [transportMark]: true, stats: () => ({}), close: async () => undefined } as const,
    );
    await sender(own).send(aCall(), anAttempt({ onLost }));
    expect(onLost).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ name: 'OctaNetworkError', outcome: 'unknown', phase: 'headers' }),
    );
    expect(inspect(onLost.mock.calls)).not.toContain(key);
  });

  test("is not marked for the caller's fetch, which gets two arguments.", async () => {
    const fetch = answering();
    await sender(fetch).send(aCall(once), anAttempt());
    expect(fetch.mock.calls[0]).toHaveLength(2);
  });
});

test('The global fetch is looked up at each attempt.', async () => {
  const { send } = sender();
  const fetches = [answering('1'), answering('2')];
  const texts: string[] = [];
  for (const fetch of fetches) {
    vi.stubGlobal('fetch', fetch);
    texts.push((await send(aCall(), anAttempt())).text);
  }
  expect(texts).toEqual(['1', '2']);
});

describe('A reply', () => {
  test('has all information about the response.', async () => {
    const given = new Response('{"id":7}', { status: 201, headers: { 'x-request-id': 'r-1' } });
    const { send, advance } = sender(async () => {
      advance(34);
      return given;
    });
    const reply = await send(aCall(), anAttempt({ number: 3 }));
    const bytes = new TextEncoder().encode('{"id":7}');
    const want = { status: 201, text: '{"id":7}', bytes, url, durationMs: 34, attempt: 3 };
    expect(reply).toMatchObject(want);
    expect(reply.headers).toBe(given.headers);
    expect(reply.response).toBe(given);
    expect(reply.redactor.text(`a ${key}`)).toBe('a [API key]');
  });

  test.each<[form: BodyForm, text: string, bytes: string | undefined]>([
    ['json', 'ab', 'ab'],
    ['json-or-nothing', 'ab', 'ab'],
    ['text', 'ab', 'ab'],
    ['bytes', '', 'ab'],
    ['unread', '', undefined],
  ])('has its body in the requested form: %s.', async (bodyForm, text, bytes) => {
    const reply = await sender(answering('ab')).send(aCall({ bodyForm }), anAttempt());
    const read = reply.bytes === undefined ? undefined : new TextDecoder().decode(reply.bytes);
    expect([reply.text, read, reply.response.bodyUsed]).toEqual([text, bytes, bodyForm !== 'unread']);
  });

  test.each<BodyForm>(['json', 'bytes', 'text', 'unread'])(
    'of an error has its body as text, even for the body form %s.',
    async (bodyForm) => {
      const fetch = answering('gone', { status: 404 });
      expect(await sender(fetch).send(aCall({ bodyForm }), anAttempt())).toMatchObject({
        status: 404,
        text: 'gone',
        bytes: undefined,
      });
    },
  );

  test.each([
    [199, 'the beginning'],
    [200, 'the whole'],
    [299, 'the whole'],
    [300, 'the beginning'],
  ])('of status %d has %s of a body that is too large for an error.', async (status, what) => {
    const response = Object.defineProperty(new Response('x'.repeat(70_000)), 'status', { value: status });
    const { send } = sender(async () => response, { maxResponseBytes: 70_000 });
    const { text } = await send(aCall(), anAttempt());
    expect(text).toHaveLength(what === 'the whole' ? 70_000 : 65_536);
  });

  test('has its headers without the key.', async () => {
    const headers = { 'x-echo': key };
    const refused = await sender(answering('', { status: 401, headers })).send(aCall(), anAttempt());
    const fine = await sender(answering('', { headers })).send(aCall(), anAttempt());
    expect([refused.headers.get('x-echo'), fine.headers.get('x-echo')]).toEqual(['[API key]', '[API key]']);
  });

  test.each([['json'], ['bytes']] as const)('must not be larger than maxResponseBytes: %s.', async (bodyForm) => {
    const call = aCall({ bodyForm });
    const atBound = await sender(answering('x'.repeat(1000))).send(call, anAttempt());
    expect(atBound.status).toBe(200);
    const error = await failure(sender(answering('x'.repeat(1001))).send(call, anAttempt()), OctaResponseError);
    expect(error.message).toBe('getNode: the response is larger than 1000 bytes (maxResponseBytes)');
    expect(error).toMatchObject({ outcome: 'unknown', truncated: false, request });
  });

  test('is not limited if the caller reads the body.', async () => {
    const { response } = await sender(answering('x'.repeat(2000))).send(aCall({ bodyForm: 'unread' }), anAttempt());
    expect(await response.text()).toHaveLength(2000);
  });
});

describe('The error of fetch', () => {
  const cause = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
  const fails = () => Promise.reject(cause);

  test.each<[title: string, given: () => FetchLike | undefined, outcome: string]>([
    ['the global one, is believed', () => undefined, 'not-sent'],
    ['one of our own, is believed', () => ownTransport(fails), 'not-sent'],
    ['one of the caller, which may have sent before, is not', () => fails, 'unknown'],
  ])('without a connection: %s.', async (_, given, outcome) => {
    vi.stubGlobal('fetch', fails);
    const error = await failure(sender(given()).send(aCall(), anAttempt()), OctaConnectionError);
    expect(error).toMatchObject({ outcome, phase: 'connect', cause, request });
  });

  test('is the cause, without the key.', async () => {
    const { send } = sender(() => Promise.reject(new Error(`refused ${key}`)));
    const error = await failure(send(aCall(), anAttempt()), OctaNetworkError);
    expect(error).toMatchObject({ phase: 'headers', outcome: 'unknown', cause: { message: 'refused [API key]' } });
    expect(error.message).toBe('getNode: no response: refused [API key]');
  });

  test('within the body says that the response was cut off.', async () => {
    const body = new ReadableStream({ pull: (stream) => stream.error(cause) });
    const error = await failure(sender(answering(body)).send(aCall(), anAttempt()), OctaNetworkError);
    expect(error).toMatchObject({ phase: 'body', outcome: 'unknown', cause });
  });

  test("is a normal cause if the caller's fetch throws an SDK error.", async () => {
    const given = new OctaNetworkError({ message: 'mine', outcome: 'not-sent' });
    const error = await failure(sender(() => Promise.reject(given)).send(aCall(), anAttempt()), OctaNetworkError);
    expect(error).not.toBe(given);
    expect(error).toMatchObject({ cause: given, outcome: 'unknown' });
  });

  test("is passed on if the SDK's own transport throws an SDK error.", async () => {
    const given = new OctaConfigurationError({ message: 'the proxy is set up wrong' });
    const own = ownTransport(() => Promise.reject(given));
    expect(await rejection(sender(own).send(aCall(), anAttempt()))).toBe(given);
  });

  test('becomes an abort error if the caller aborted meanwhile.', async () => {
    const controller = new AbortController();
    const own = ownTransport(async () => {
      controller.abort('enough');
      throw new OctaConfigurationError({ message: 'the proxy is set up wrong' });
    });
    const error = await failure(sender(own).send(aCall({ signal: controller.signal }), anAttempt()), OctaAbortError);
    expect(error).toMatchObject({ cause: 'enough', outcome: 'unknown', phase: 'headers' });
  });
});

describe('A fetch option that throws synchronously', () => {
  test('causes a configuration error, with the thrown error as cause, without the key.', async () => {
    const { send } = sender(() => {
      throw new Error(`no ${key}`);
    });
    const error = await failure(send(aCall(), anAttempt()), OctaConfigurationError);
    expect(error.message).toBe('the fetch option threw instead of returning a promise');
    expect(error).toMatchObject({ outcome: 'unknown', request, cause: { message: 'no [API key]' } });
  });

  test("causes no configuration error for the global fetch and the SDK's own transports.", async () => {
    const throws = (): never => {
      throw new Error('no');
    };
    vi.stubGlobal('fetch', throws);
    for (const given of [undefined, ownTransport(throws)]) {
      const error = await failure(sender(given).send(aCall(), anAttempt()), OctaNetworkError);
      expect(error).toMatchObject({ outcome: 'unknown', phase: 'headers', cause: { message: 'no' } });
    }
  });
});

describe('A fetch option that returns no Response', () => {
  const text = async () => '';
  const headers = new Headers();

  test.each<[title: string, what: string, value: unknown]>([
    ['undefined', 'undefined', undefined],
    ['null', 'null', null],
    ['text', 'string', 'ok'],
    ['a function', 'function', () => undefined],
    ['an object', 'object', {}],
    ['an object without a status', 'object', { headers, text }],
    ['an object whose status is text', 'object', { status: '200', headers, text }],
    ['an object without headers', 'object', { status: 200, text }],
    ['an object with headers that are null', 'object', { status: 200, headers: null, text }],
    ['an object with headers that are text', 'object', { status: 200, headers: 'a: b', text }],
    ['an object with headers that cannot be asked', 'object', { status: 200, headers: [], text }],
    ['an object with headers that cannot be listed', 'object', { status: 200, headers: { get: () => null }, text }],
    ['an object without a body', 'object', { status: 200, headers }],
  ])('but %s causes a configuration error.', async (_, what, value) => {
    // What a caller without types may give.
    const error = await failure(sender(async () => value as never).send(aCall(), anAttempt()), OctaConfigurationError);
    expect(error.message).toBe(`the fetch option resolved with ${what} instead of a Response`);
    expect(error).toMatchObject({ outcome: 'unknown', request });
  });

  test('but an object with the same interface is accepted.', async () => {
    const value = { status: 200, headers: new Map([['a', 'b']]), text: async () => 'fine' };
    // What a fetch of another library may give.
    expect(await sender(async () => value as never).send(aCall(), anAttempt())).toMatchObject({ text: 'fine' });
  });
});

describe('A failure before anything is sent', () => {
  test('does not keep a key that arrives after the attempt has ended.', async () => {
    const keys = Array.from({ length: 20 }, (_, nth) => `octa-late-key-${nth}`);
    const given = keys.values();
    const { send, secrets } = sender(answering(), {
      apiKey: async () => {
        await new Promise((resolve) => setTimeout(resolve, 15));
        return given.next().value;
      },
    });
    const attempts = keys.map(() => send(aCall({ timeoutMs: 5 }), anAttempt()).catch(() => undefined));
    await Promise.all(attempts);
    await new Promise((resolve) => setTimeout(resolve, 30));
    for (let nth = 0; nth < 16; nth++) secrets.add(`octa-other-key-${nth}`);
    expect(keys.filter((each) => secrets.text(each) !== each)).toEqual([]);
  });

  test.each<[title: string, apiKey: AttemptOptions['apiKey'], message: string]>([
    [
      'no key',
      () => undefined,
      "getNode needs an API key: set the apiKey option, or OCTA_API_KEY for fromEnv() (or apiKey: '' if your proxy adds the key)",
    ],
    ['no key to be had', () => Promise.reject(new Error('closed')), 'getNode: the apiKey function failed'],
  ])('is reported as it is: %s.', async (_, apiKey, message) => {
    const fetch = answering();
    const error = await failure(sender(fetch, { apiKey }).send(aCall(), anAttempt()), OctaAuthenticationError);
    expect(error).toMatchObject({ message, outcome: 'not-sent', request });
    expect(fetch).not.toHaveBeenCalled();
  });

  test('is an abort error if the caller aborted, for any reason, including an SDK error.', async () => {
    const reason = new OctaError({ message: 'enough' });
    const apiKey = vi.fn(() => key);
    const fetch = answering();
    const call = aCall({ signal: AbortSignal.abort(reason) });
    const error = await failure(sender(fetch, { apiKey }).send(call, anAttempt()), OctaAbortError);
    expect(error).toMatchObject({ cause: reason, outcome: 'not-sent', phase: undefined });
    expect([apiKey.mock.calls.length, fetch.mock.calls.length]).toEqual([0, 0]);
  });

  test('is an abort error if the caller aborted before the key arrived.', async () => {
    const controller = new AbortController();
    const apiKey = () => {
      controller.abort('enough');
      return key;
    };
    const fetch = answering();
    const call = aCall({ signal: controller.signal });
    const error = await failure(sender(fetch, { apiKey }).send(call, anAttempt()), OctaAbortError);
    expect(error).toMatchObject({ cause: 'enough', outcome: 'not-sent', phase: undefined });
    expect(fetch).not.toHaveBeenCalled();
  });

  test('is a timeout error if the key took too long.', async () => {
    const call = aCall({ timeoutMs: 5 });
    const error = await failure(sender(answering(), { apiKey: never }).send(call, anAttempt()), OctaTimeoutError);
    expect(error).toMatchObject({ timeout: 'timeoutMs', outcome: 'not-sent', phase: undefined });
  });
});

describe('A time limit', () => {
  const stalled: FetchLike = async () => new Response(new ReadableStream({ pull: never }));

  test.each<[title: string, given: FetchLike, phase: string]>([
    ['before the headers', never, 'headers'],
    ['within the body', stalled, 'body'],
  ])('of the attempt is reached %s.', async (_, given, phase) => {
    const error = await failure(sender(given).send(aCall({ timeoutMs: 5 }), anAttempt()), OctaTimeoutError);
    expect(error.message).toBe('getNode: no complete response within 5 ms (timeoutMs)');
    expect(error).toMatchObject({ timeout: 'timeoutMs', outcome: 'unknown', phase, request });
  });

  test('of the whole call has its own error; once it is reached, nothing is sent.', async () => {
    const fetch = answering();
    const call = aCall({ timeoutMs: 5, totalTimeoutMs: 300, endsAt: 0 });
    const error = await failure(sender(fetch).send(call, anAttempt()), OctaTimeoutError);
    expect(error.message).toBe('getNode: no complete response within 300 ms (totalTimeoutMs)');
    expect(error).toMatchObject({ timeout: 'totalTimeoutMs', outcome: 'not-sent', phase: undefined });
    expect(fetch).not.toHaveBeenCalled();
  });

  test('that is reached discards a response that arrives later.', async () => {
    const cancel = vi.fn();
    let answer: (response: Response) => void = () => undefined;
    const given: FetchLike = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await failure(sender(given).send(aCall({ timeoutMs: 1 }), anAttempt()), OctaTimeoutError);
    answer(new Response(new ReadableStream({ cancel })));
    await aTurn();
    expect(cancel).toHaveBeenCalledOnce();
  });
});

describe('After an attempt, its timer and its listener are removed:', () => {
  test.each<[title: string, given: FetchLike, call: Partial<Call>]>([
    ['it went well', answering(), {}],
    ['it was refused', answering('', { status: 404 }), {}],
    ['it failed', () => Promise.reject(new Error('lost')), {}],
    ['it was refused, though its body was wanted unread', answering('', { status: 404 }), { bodyForm: 'unread' }],
  ])('%s.', async (_, given, changes) => {
    using timers = watchTimers();
    const { signal } = new AbortController();
    const call = aCall({ signal, timeoutMs: anHour, ...changes });
    await sender(given)
      .send(call, anAttempt())
      .catch(() => undefined);
    expect([timers.made(), timers.left(), getEventListeners(signal, 'abort').length]).toEqual([1, 0, 0]);
  });

  test('with an unread body: the timer immediately, the listener after the body was read.', async () => {
    using timers = watchTimers();
    const { signal } = new AbortController();
    const call = aCall({ signal, timeoutMs: anHour, bodyForm: 'unread' });
    const { response } = await sender(answering('ab')).send(call, anAttempt());
    expect([timers.made(), timers.left(), getEventListeners(signal, 'abort').length]).toEqual([1, 0, 1]);
    expect(await response.text()).toBe('ab');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('with an unread body and no signal: the Response is returned unchanged.', async () => {
    using timers = watchTimers();
    const given = new Response('ab');
    const call = aCall({ timeoutMs: anHour, bodyForm: 'unread' });
    const { response } = await sender(async () => given).send(call, anAttempt());
    expect(response).toBe(given);
    expect([timers.made(), timers.left()]).toEqual([1, 0]);
  });
});

describe('The log', () => {
  const call = aCall({ path: '/nodes/7?recent=true&token=t-1' });
  const attempt = anAttempt({ number: 2, headers: { accept: 'text/plain', 'x-api-key': 'k-1' } });

  test('has a line for the request and one for the response, without secret-like values.', async () => {
    const { send, log, advance } = sender(async () => {
      advance(34.4);
      return new Response('', { status: 404, headers: { 'set-cookie': 'a=1', 'x-echo': key, 'x-request-id': 'r-1' } });
    });
    await send(call, attempt);
    const url = 'https://api.test/nodes/7?recent=true&token=[redacted]';
    const about = { operation: 'getNode', method: 'GET', url, attempt: 2 };
    const asked = { accept: 'text/plain', 'x-api-key': '[redacted]', authorization: '[redacted]' };
    const shown = { 'set-cookie': '[redacted]', 'x-echo': '[API key]', 'x-request-id': 'r-1' };
    const headers = { 'content-type': 'text/plain;charset=UTF-8', ...shown };
    const answered = { status: 404, durationMs: expect.closeTo(34.4), requestId: 'r-1', headers };
    expect(log.lines).toEqual([
      ['debug', `getNode: GET ${url}, attempt 2`, { ...about, headers: asked }],
      ['debug', 'getNode: 404 in 34 ms', { ...about, ...answered }],
    ]);
  });

  test('has neither if the level is not enabled.', async () => {
    const log = Object.assign(keepingLog(), { wants: () => false });
    await sender(answering(), { log }).send(call, attempt);
    expect(log.lines).toEqual([]);
  });

  test('has a line for the request and one for the failure if there is no response.', async () => {
    const { send, log, advance } = sender(() => {
      advance(34.4);
      return Promise.reject(new Error('lost'));
    });
    const error = await rejection(send(aCall(), anAttempt()));
    const about = { operation: 'getNode', method: 'GET', url: 'https://api.test/nodes/7', attempt: 1 };
    const failed = 'getNode: attempt 1 failed in 34 ms (OctaNetworkError: getNode: no response: lost)';
    expect(log.lines).toEqual([
      ['debug', `getNode: GET ${about.url}, attempt 1`, { ...about, headers: { authorization: '[redacted]' } }],
      ['debug', failed, { ...about, durationMs: expect.closeTo(34.4), error }],
    ]);
  });

  test('is asked whether the level is enabled.', async () => {
    const wants = vi.fn(() => true);
    await sender(answering(), { log: Object.assign(keepingLog(), { wants }) }).send(aCall(), anAttempt());
    expect(wants.mock.calls).toEqual([['debug'], ['debug']]);
  });
});
