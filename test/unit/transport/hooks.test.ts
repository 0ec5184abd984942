import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { OctaAbortError, OctaNetworkError } from '../../../src/errors/errors.ts';
import {
  type AttemptHooks,
  HookFailure,
  hooks,
  type RequestContext,
  runQuietly,
} from '../../../src/transport/hooks.ts';
import type { Attempt, Call, Reply, Send } from '../../../src/transport/types.ts';
import { failure, rejection } from '../../support/failure.ts';
import { aCall, anAttempt, aReply, keepingLog } from '../../support/transport.ts';

function around(given: Partial<AttemptHooks>, reply: () => Promise<Reply> = async () => aReply()) {
  const log = keepingLog();
  const sent: Attempt[] = [];
  const next: Send = (_: Call, attempt: Attempt) => {
    sent.push(attempt);
    return reply();
  };
  return { log, sent, send: hooks({ onRequest: undefined, onResponse: undefined, log, ...given })(next) };
}

test('Without hooks nothing is wrapped.', () => {
  const next: Send = async () => aReply();
  expect(hooks({ onRequest: undefined, onResponse: undefined, log: keepingLog() })(next)).toBe(next);
});

describe('onRequest', () => {
  test('is told everything about the attempt.', async () => {
    const onRequest = vi.fn();
    const call = aCall({ operation: 'startMr', method: 'POST', path: '/services/mr', body: '[{}]' });
    await around({ onRequest }).send(call, anAttempt({ number: 2, headers: { accept: 'application/json' } }));
    expect(onRequest).toHaveBeenCalledExactlyOnceWith({
      operation: 'startMr',
      method: 'POST',
      url: 'https://api.test/services/mr',
      headers: { accept: 'application/json' },
      body: '[{}]',
      attempt: 2,
    });
  });

  test('adds and changes headers of this attempt, and of no other.', async () => {
    const onRequest = ({ headers }: RequestContext): void => {
      headers.traceparent = '00-1';
      headers.accept = 'text/plain';
    };
    const given = Object.freeze({ accept: 'application/json' });
    const { send, sent } = around({ onRequest });
    await send(aCall(), anAttempt({ headers: given }));
    expect(sent[0]?.headers).toEqual({ accept: 'text/plain', traceparent: '00-1' });
    expect(given).toEqual({ accept: 'application/json' });
  });

  test('is waited for.', async () => {
    const onRequest = async ({ headers }: RequestContext): Promise<void> => {
      await Promise.resolve();
      headers.traceparent = '00-1';
    };
    const { send, sent } = around({ onRequest });
    await send(aCall({ signal: new AbortController().signal }), anAttempt());
    expect(sent[0]?.headers).toEqual({ traceparent: '00-1' });
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
    const { send, sent } = around({ onRequest });
    expect(await rejection(send(aCall(), anAttempt()))).toEqual(new HookFailure(new Error('no trace')));
    expect(sent).toEqual([]);
  });

  test('that rejects leaves no listener on the signal.', async () => {
    const { signal } = new AbortController();
    const { send } = around({ onRequest: () => Promise.reject(new Error('no trace')) });
    await rejection(send(aCall({ signal }), anAttempt()));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('that never ends does not hold a caller who gives up.', async () => {
    const controller = new AbortController();
    const { send, sent } = around({ onRequest: () => new Promise(() => undefined) });
    const sending = send(aCall({ signal: controller.signal }), anAttempt());
    controller.abort('enough');
    expect(await failure(sending, OctaAbortError)).toMatchObject({ cause: 'enough', outcome: 'not-sent' });
    expect(sent).toEqual([]);
  });

  test('that gives up itself and never ends does not hold the call.', async () => {
    const controller = new AbortController();
    const onRequest = (): Promise<void> => {
      controller.abort('enough');
      return new Promise(() => undefined);
    };
    const sending = around({ onRequest }).send(aCall({ signal: controller.signal }), anAttempt());
    expect(await failure(sending, OctaAbortError)).toMatchObject({ cause: 'enough' });
  });

  test('is not run for a caller who gave up before.', async () => {
    const onRequest = vi.fn();
    await around({ onRequest }).send(aCall({ signal: AbortSignal.abort() }), anAttempt());
    expect(onRequest).not.toHaveBeenCalled();
  });
});

describe('onResponse', () => {
  test('is told about the answer, with the very context that onRequest was given.', async () => {
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

  test('gets no request id when the answer has none.', async () => {
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
  ])('that %s is logged, and the answer stays.', async (_, onResponse) => {
    const reply = aReply();
    const { send, log } = around({ onResponse }, async () => reply);
    expect(await send(aCall(), anAttempt())).toBe(reply);
    await Promise.resolve();
    expect(log.lines).toEqual([['error', 'onResponse threw; the call goes on', new Error('no disk')]]);
  });

  test('that never ends does not hold the call.', async () => {
    const reply = aReply();
    const { send } = around({ onResponse: () => new Promise(() => undefined) }, async () => reply);
    expect(await send(aCall(), anAttempt())).toBe(reply);
  });

  test('is not run when there was no answer.', async () => {
    const onResponse = vi.fn();
    const lost = new OctaNetworkError({ message: 'lost' });
    expect(await rejection(around({ onResponse }, () => Promise.reject(lost)).send(aCall(), anAttempt()))).toBe(lost);
    expect(onResponse).not.toHaveBeenCalled();
  });

  test('is not run after the caller has given up.', async () => {
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

test('A quiet hook that ends well leaves no line in the log.', async () => {
  const log = keepingLog();
  runQuietly('onDrift', async () => undefined, log);
  runQuietly('onDrift', () => undefined, log);
  await Promise.resolve();
  expect(log.lines).toEqual([]);
});
