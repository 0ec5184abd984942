import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import {
  OctaAbortError,
  OctaConfigurationError,
  OctaNetworkError,
  OctaTimeoutError,
} from '../../../src/errors/errors.ts';
import { systemClock } from '../../../src/system-clock.ts';
import {
  type AttemptHooks,
  HookFailure,
  hooks,
  type RequestContext,
  type RequestHook,
  runQuietly,
} from '../../../src/transport/hooks.ts';
import { Secrets } from '../../../src/transport/secrets.ts';
import type { Attempt, Call, Reply, Send } from '../../../src/transport/types.ts';
import { failure, rejection } from '../../support/failure.ts';
import { aCall, anAttempt, anHour, aReply, aTurn, keepingLog, watchTimers } from '../../support/transport.ts';

const clock = { ...systemClock, now: () => 1000 };
/** The limits of a call with this much time left. */
const withLeft = (ms: number): Partial<Call> => ({ totalTimeoutMs: 300, endsAt: 1000 + ms });
const never = (): Promise<void> => new Promise(() => undefined);

const noHooks = { onRequest: undefined, onResponse: undefined };
const url = 'https://api.test/nodes/7';

function around(given: Partial<AttemptHooks>, reply: () => Promise<Reply> = async () => aReply()) {
  const log = keepingLog();
  const secrets = new Secrets();
  const sent: Attempt[] = [];
  const next: Send = (_: Call, attempt: Attempt) => {
    sent.push(attempt);
    return reply();
  };
  return { log, sent, secrets, send: hooks({ ...noHooks, log, clock, secrets, ...given })(next) };
}

test('Without hooks nothing is wrapped.', () => {
  const next: Send = async () => aReply();
  expect(hooks({ ...noHooks, log: keepingLog(), clock, secrets: new Secrets() })(next)).toBe(next);
});

test.each<[name: string, given: Partial<AttemptHooks>]>([
  ['onRequest', { onRequest: () => undefined }],
  ['onResponse', { onResponse: () => undefined }],
])('With %s alone the attempt is sent as it is.', async (_, given) => {
  const { send, sent, log } = around(given);
  const attempt = anAttempt({ number: 3, headers: { accept: 'text/plain' } });
  await send(aCall(), attempt);
  expect(log.lines).toEqual([]);
  expect(sent).toEqual([attempt]);
  expect(attempt.headers).toEqual({ accept: 'text/plain' });
});

/** The wrapped error of a hook. */
async function hookFailure(sending: Promise<unknown>): Promise<HookFailure> {
  const thrown = await rejection(sending);
  if (thrown instanceof HookFailure) return thrown;
  throw new Error('not HookFailure', { cause: thrown });
}

describe('onRequest', () => {
  test('gets all information about the attempt.', async () => {
    const onRequest = vi.fn();
    const call = aCall({ operation: 'startMr', method: 'POST', path: '/services/mr', body: '[{}]' });
    await around({ onRequest }).send(call, anAttempt({ number: 2, headers: { accept: 'application/json' } }));
    expect(onRequest).toHaveBeenCalledExactlyOnceWith({
      operation: 'startMr',
      method: 'POST',
      url: 'https://api.test/services/mr',
      headers: expect.any(Headers),
      body: '[{}]',
      attempt: 2,
    });
    expect([...(onRequest.mock.calls[0]?.[0].headers ?? [])]).toEqual([['accept', 'application/json']]);
  });

  test('adds and changes headers of this attempt, and of no other.', async () => {
    const onRequest = ({ headers }: RequestContext): void => {
      headers.set('traceparent', '00-1');
      headers.set('accept', 'text/plain');
    };
    const given = Object.freeze({ accept: 'application/json' });
    const { send, sent } = around({ onRequest });
    await send(aCall(), anAttempt({ headers: given }));
    expect(sent[0]?.headers).toEqual({ accept: 'text/plain', traceparent: '00-1' });
    expect(given).toEqual({ accept: 'application/json' });
  });

  test.each<[title: string, limits: () => Partial<Call>]>([
    ['without limits', () => ({})],
    ['with a signal', () => ({ signal: new AbortController().signal })],
    ['with a time limit of the whole call', () => withLeft(anHour)],
    ['with both', () => ({ ...withLeft(anHour), signal: new AbortController().signal })],
  ])('is waited for %s.', async (_, limits) => {
    const onRequest = async ({ headers }: RequestContext): Promise<void> => {
      await aTurn();
      headers.set('traceparent', '00-1');
    };
    const { send, sent } = around({ onRequest });
    await send(aCall(limits()), anAttempt());
    expect(sent[0]?.headers).toEqual({ traceparent: '00-1' });
  });

  test('may change one of several headers.', async () => {
    const onRequest = ({ headers }: RequestContext): void => {
      headers.set('x-team', 'b');
    };
    const { send, sent } = around({ onRequest });
    await send(aCall(), anAttempt({ headers: { accept: 'text/plain', 'x-team': 'a' } }));
    expect(sent[0]?.headers).toEqual({ accept: 'text/plain', 'x-team': 'b' });
  });

  test('can set a header in every possible way.', async () => {
    const onRequest = ({ headers }: RequestContext): void => {
      Headers.prototype.set.call(headers, 'traceparent', '00-1');
    };
    const { send, sent } = around({ onRequest });
    await send(aCall(), anAttempt());
    expect(sent[0]?.headers).toEqual({ traceparent: '00-1' });
  });

  test('may remove a header.', async () => {
    const onRequest = ({ headers }: RequestContext): void => {
      headers.delete('accept');
    };
    const { send, sent } = around({ onRequest });
    await send(aCall(), anAttempt({ headers: { accept: 'text/plain', 'x-team': 'a' } }));
    expect(sent[0]?.headers).toEqual({ 'x-team': 'a' });
  });

  test('can replace our header in any letter case.', async () => {
    const onRequest = ({ headers }: RequestContext): void => {
      headers.set('ACCEPT', 'text/html');
    };
    const { send, sent } = around({ onRequest });
    await send(aCall(), anAttempt({ headers: { accept: 'text/plain' } }));
    expect(sent[0]?.headers).toEqual({ accept: 'text/html' });
  });

  test.each([
    ['trace parent', '00-1'],
    ['traceparent', '00-1\n'],
  ])('must not set what cannot be sent: %j.', async (name, value) => {
    const onRequest = ({ headers }: RequestContext): void => {
      headers.set(name, value);
    };
    const { send, sent } = around({ onRequest });
    const { thrown: error } = await hookFailure(send(aCall(), anAttempt()));
    const message = `onRequest set the header ${JSON.stringify(name)}, whose name or value is not valid`;
    expect(error).toMatchObject({ message, outcome: 'not-sent' });
    expect(sent).toEqual([]);
  });

  test.each(['traceparent', 'x-team', 'accept'])(
    'must not assign to headers as to a plain object: %s.',
    async (name) => {
      const onRequest = ({ headers }: RequestContext): void => {
        Object.assign(headers, { [name]: '00-1' });
      };
      const { send, sent } = around({ onRequest });
      const { thrown } = await hookFailure(send(aCall(), anAttempt()));
      expect(thrown).toBeInstanceOf(OctaConfigurationError);
      expect(String(thrown)).toContain(`headers is a Headers object: use headers.set("${name}", value)`);
      expect(sent).toEqual([]);
    },
  );

  test('gets real Headers, which other code accepts.', async () => {
    const onRequest = vi.fn(({ headers }: RequestContext): void => {
      expect(headers).toBeInstanceOf(Headers);
      expect([...new Headers(headers)]).toEqual([['accept', 'text/plain']]);
      expect(new Request('https://api.test', { headers }).headers.get('accept')).toBe('text/plain');
      headers.append('accept', 'text/html');
      // As some runtimes mark their own objects.
      Reflect.set(headers, Symbol('mark'), true);
    });
    const { send, sent } = around({ onRequest });
    await send(aCall(), anAttempt({ headers: { accept: 'text/plain' } }));
    expect(sent[0]?.headers).toEqual({ accept: 'text/plain, text/html' });
  });

  test.each([
    [
      'at once',
      () => {
        throw new Error('no trace');
      },
    ],
    ['later', () => Promise.reject(new Error('no trace'))],
  ])('that throws %s fails the call before anything is sent.', async (_, onRequest) => {
    const { send, sent, log } = around({ onRequest });
    for (const limits of [{}, withLeft(anHour)]) {
      const thrown = await rejection(send(aCall(limits), anAttempt()));
      expect(thrown).toBeInstanceOf(HookFailure);
      expect(thrown).toMatchObject({ thrown: new Error('no trace') });
    }
    await aTurn();
    expect(sent).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  test('that rejects leaves no listener on the signal.', async () => {
    const { signal } = new AbortController();
    const { send } = around({ onRequest: () => Promise.reject(new Error('no trace')) });
    await rejection(send(aCall({ signal }), anAttempt()));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('that never ends does not block a caller who aborts.', async () => {
    const controller = new AbortController();
    const { send, sent } = around({ onRequest: never });
    const sending = send(aCall({ signal: controller.signal }), anAttempt());
    controller.abort('enough');
    expect(await failure(sending, OctaAbortError)).toMatchObject({ cause: 'enough', outcome: 'not-sent' });
    expect(sent).toEqual([]);
  });

  test('that aborts the call and never ends does not block it.', async () => {
    const controller = new AbortController();
    const onRequest = (): Promise<void> => {
      controller.abort('enough');
      return new Promise(() => undefined);
    };
    const sending = around({ onRequest }).send(aCall({ signal: controller.signal }), anAttempt());
    expect(await failure(sending, OctaAbortError)).toMatchObject({ cause: 'enough' });
  });

  test.each([
    ['some time', 5],
    ['no time', 0],
    ['less than no time', -5],
  ])('that never ends does not block a call that has %s left.', async (_, left) => {
    const { send, sent } = around({ onRequest: never });
    const error = await failure(send(aCall(withLeft(left)), anAttempt()), OctaTimeoutError);
    const message = 'getNode: no complete response within 300 ms (totalTimeoutMs)';
    const request = { operation: 'getNode', method: 'GET', url: 'https://api.test/nodes/7' };
    expect(error).toMatchObject({ message, timeout: 'totalTimeoutMs', outcome: 'not-sent', request });
    expect(error).toHaveProperty('phase', undefined);
    expect(sent).toEqual([]);
  });

  test('that never ends is aborted by the signal before the time limit of the call.', async () => {
    const controller = new AbortController();
    const sending = around({ onRequest: never }).send(
      aCall({ ...withLeft(anHour), signal: controller.signal }),
      anAttempt(),
    );
    controller.abort('enough');
    const request = { operation: 'getNode', method: 'GET', url: 'https://api.test/nodes/7' };
    expect(await failure(sending, OctaAbortError)).toMatchObject({ cause: 'enough', request });
  });

  test.each<[title: string, onRequest: () => Promise<void>]>([
    ['went well', async () => undefined],
    ['failed', () => Promise.reject(new Error('no trace'))],
  ])('that %s leaves no timer and no listener.', async (_, onRequest) => {
    using timers = watchTimers();
    const { signal } = new AbortController();
    await around({ onRequest })
      .send(aCall({ ...withLeft(anHour), signal }), anAttempt())
      .catch(() => undefined);
    expect([timers.made(), timers.left(), getEventListeners(signal, 'abort').length]).toEqual([1, 0, 0]);
  });

  test('creates no timer if the call has no time limit.', async () => {
    using timers = watchTimers();
    await around({ onRequest: async () => undefined }).send(
      aCall({ signal: new AbortController().signal }),
      anAttempt(),
    );
    expect(timers.all()).toBe(0);
  });

  test('that never ends leaves no timer and no listener when the caller aborts.', async () => {
    using timers = watchTimers();
    const controller = new AbortController();
    const { signal } = controller;
    const sending = around({ onRequest: never }).send(aCall({ ...withLeft(anHour), signal }), anAttempt());
    const during = [timers.left(), getEventListeners(signal, 'abort').length];
    controller.abort();
    await rejection(sending);
    expect(during).toEqual([1, 1]);
    expect([timers.made(), timers.left(), getEventListeners(signal, 'abort').length]).toEqual([1, 0, 0]);
  });

  test('that fails after the call was given up is logged, and not reported as unhandled.', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    let fail: (reason: unknown) => void = () => undefined;
    const onRequest = (): Promise<void> => new Promise((_, reject) => (fail = reject));
    const { send, log } = around({ onRequest });
    await failure(send(aCall(withLeft(0)), anAttempt()), OctaTimeoutError);
    fail(new Error('late'));
    await aTurn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    const fields = { operation: 'getNode', method: 'GET', attempt: 1, error: new Error('late') };
    expect(log.lines).toEqual([['error', 'onRequest threw after the call had ended', fields]]);
  });

  test('is awaited with a time limit longer than timers support.', async () => {
    const { send, sent } = around({ onRequest: () => new Promise((resolve) => setTimeout(resolve, 5)) });
    await send(aCall(withLeft(2 ** 40)), anAttempt());
    expect(sent).toHaveLength(1);
  });

  test('is not called if the caller has already aborted.', async () => {
    const onRequest = vi.fn();
    await around({ onRequest }).send(aCall({ signal: AbortSignal.abort() }), anAttempt());
    expect(onRequest).not.toHaveBeenCalled();
  });
});

describe('the function that onRequest returns', () => {
  const lost = new OctaNetworkError({ message: 'lost' });

  test.each<[title: string, give: (observer: () => void) => RequestHook]>([
    ['at once', (observer) => () => observer],
    ['later', (observer) => async () => observer],
  ])('%s is called once with the response, after onResponse.', async (_, give) => {
    const told: unknown[] = [];
    const onRequest = give((...end: unknown[]) => void told.push(...end));
    const onResponse = (): void => void told.push('onResponse');
    const headers = new Headers({ 'x-request-id': 'r-1' });
    await around({ onRequest, onResponse }, async () => aReply({ status: 503, headers })).send(aCall(), anAttempt());
    await aTurn();
    expect(told).toEqual(['onResponse', { url, status: 503, requestId: 'r-1' }]);
  });

  test('is called with the reason if there was no response.', async () => {
    const observer = vi.fn();
    const error = new OctaNetworkError({ message: 'lost' });
    await rejection(around({ onRequest: () => observer }, () => Promise.reject(error)).send(aCall(), anAttempt()));
    expect(observer).toHaveBeenCalledExactlyOnceWith({ url, error });
  });

  test.each<[title: string, reply: () => Promise<Reply>, end: object]>([
    ['an answer', async () => aReply(), { status: 200, requestId: undefined }],
    ['an error', () => Promise.reject(lost), { error: lost }],
  ])('is called with %s and a URL without a key that became known meanwhile.', async (_, reply, end) => {
    const observer = vi.fn();
    const { send, secrets } = around({ onRequest: () => observer }, () => {
      secrets.add('octa-key-1');
      return reply();
    });
    await send(aCall({ path: '/nodes?token=t&who=octa-key-1' }), anAttempt()).catch(() => undefined);
    const safe = 'https://api.test/nodes?token=[redacted]&who=[API key]';
    expect(observer).toHaveBeenCalledExactlyOnceWith({ url: safe, ...end });
  });

  test('is called with the reason if nothing was sent.', async () => {
    const observer = vi.fn();
    const error = new OctaConfigurationError({ message: 'no key' });
    const { send } = around({ onRequest: () => observer }, () => Promise.reject(error));
    await failure(send(aCall(), anAttempt()), OctaConfigurationError);
    expect(observer).toHaveBeenCalledExactlyOnceWith({ url, error });
  });

  test('is called with the abort error after the caller has aborted.', async () => {
    const observer = vi.fn();
    const controller = new AbortController();
    let finish: (given: typeof observer) => void = () => undefined;
    const onRequest = (): Promise<typeof observer> => new Promise((resolve) => (finish = resolve));
    const sending = around({ onRequest }).send(aCall({ signal: controller.signal }), anAttempt());
    controller.abort('enough');
    const error = await failure(sending, OctaAbortError);
    expect(observer).not.toHaveBeenCalled();
    finish(observer);
    await aTurn();
    expect(observer).toHaveBeenCalledExactlyOnceWith({ url, error });
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk'))],
  ])('and %s is logged, and the response is still returned.', async (_, observer) => {
    const reply = aReply();
    const { send, log } = around({ onRequest: () => observer }, async () => reply);
    expect(await send(aCall(), anAttempt())).toBe(reply);
    await aTurn();
    const fields = {
      operation: 'getNode',
      method: 'GET',
      attempt: 1,
      status: 200,
      durationMs: expect.any(Number),
      error: new Error('no disk'),
    };
    expect(log.lines).toEqual([['error', 'the function that onRequest returned threw; the call continues', fields]]);
  });

  test.each([[7], ['text'], [null], [{}], [Promise.resolve(() => undefined).then(() => 7)]])(
    'and that is not a function is ignored: %o.',
    async (given) => {
      const reply = aReply();
      // What a caller without types may give.
      const { send, log } = around({ onRequest: () => given as never }, async () => reply);
      expect(await send(aCall(), anAttempt())).toBe(reply);
      await aTurn();
      expect(log.lines).toEqual([]);
    },
  );
});

describe('onResponse', () => {
  test('is called with the response, and with the same context object as onRequest.', async () => {
    const onRequest = vi.fn();
    const onResponse = vi.fn();
    const headers = new Headers({ 'x-request-id': 'r-1' });
    const reply = aReply({ status: 503, headers, durationMs: 34 });
    await around({ onRequest, onResponse }, async () => reply).send(aCall(), anAttempt());
    const request = onRequest.mock.calls[0]?.[0];
    const want = { request, status: 503, headers, durationMs: 34, requestId: 'r-1' };
    expect(onResponse).toHaveBeenCalledExactlyOnceWith(want);
    expect(onResponse.mock.calls[0]?.[0].request).toBe(request);
  });

  test('gets no request id when the response has none.', async () => {
    const onResponse = vi.fn();
    await around({ onResponse }).send(aCall(), anAttempt());
    expect(onResponse.mock.calls[0]?.[0]).toMatchObject({ requestId: undefined });
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk'))],
  ])('that %s is logged, and the response is still returned.', async (_, onResponse) => {
    const reply = aReply();
    const { send, log } = around({ onResponse }, async () => reply);
    expect(await send(aCall(), anAttempt())).toBe(reply);
    await Promise.resolve();
    const fields = {
      operation: 'getNode',
      method: 'GET',
      attempt: 1,
      status: 200,
      durationMs: expect.any(Number),
      error: new Error('no disk'),
    };
    expect(log.lines).toEqual([['error', 'onResponse threw; the call continues', fields]]);
  });

  test('that never ends does not block the call.', async () => {
    const reply = aReply();
    const { send } = around({ onResponse: () => new Promise(() => undefined) }, async () => reply);
    expect(await send(aCall(), anAttempt())).toBe(reply);
  });

  test('is not called if there was no response.', async () => {
    const onResponse = vi.fn();
    const lost = new OctaNetworkError({ message: 'lost' });
    expect(await rejection(around({ onResponse }, () => Promise.reject(lost)).send(aCall(), anAttempt()))).toBe(lost);
    expect(onResponse).not.toHaveBeenCalled();
  });

  test('is not called after the caller has aborted.', async () => {
    const onResponse = vi.fn();
    const controller = new AbortController();
    const reply = async (): Promise<Reply> => {
      controller.abort();
      return aReply();
    };
    await around({ onResponse }, reply).send(aCall({ signal: controller.signal }), anAttempt());
    expect(onResponse).not.toHaveBeenCalled();
  });
});

test('A hook that succeeds writes no log line.', async () => {
  const log = keepingLog();
  runQuietly('onDrift', async () => undefined, { log });
  runQuietly('onDrift', () => undefined, { log });
  // What a hook gives is of no interest, whatever it is.
  for (const given of [null, 7, 'text', {}]) runQuietly('onDrift', () => given as never, { log });
  await aTurn();
  expect(log.lines).toEqual([]);
});
