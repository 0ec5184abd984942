import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type Logger,
  OctaAbortError,
  type OctaClientOptions,
  OctaConfigurationError,
  OctaNotFoundError,
  OctaServiceUnavailableError,
  type RequestContext,
  type ResponseContext,
} from '../../src/index.ts';
import { clientFor, everyCall, goodAnswer, order, testKey } from '../support/calls.ts';
import { failure, rejection } from '../support/failure.ts';
import { serveRaw } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';

const good = () => serve((_, response) => json(response, goodAnswer));
/** Fails once, and then goes well. */
const flaky = (text = goodAnswer) =>
  serve((_, response) => {
    response.setHeader('x-request-id', `r-${flakyCount++}`);
    json(response, text, flakyCount === 1 ? 503 : 200);
  });
let flakyCount = 0;
afterEach(() => {
  flakyCount = 0;
});

function keepingLogger(): Logger & { readonly lines: unknown[][] } {
  const lines: unknown[][] = [];
  const at =
    (level: string) =>
    (...given: unknown[]) =>
      void lines.push([level, ...given]);
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

test('Hooks run in order, for each attempt.', async () => {
  await using server = await flaky('{"balance":1,"new":2}');
  const seen: string[] = [];
  const client = clientFor(server, {
    onRequest: ({ attempt }) => void seen.push(`request ${attempt}`),
    onResponse: ({ request, status }) => void seen.push(`response ${request.attempt}: ${status}`),
    onRetry: ({ attempt }) => void seen.push(`retry after ${attempt}`),
    onDrift: ({ path }) => void seen.push(`drift at ${path}`),
  });
  await client.accounts.balance();
  const want = ['request 1', 'response 1: 503', 'retry after 1', 'request 2', 'response 2: 200', 'drift at new'];
  expect(seen).toEqual(want);
});

describe('onRequest', () => {
  test('sees the request as it will be sent, without the key.', async () => {
    await using server = await good();
    const onRequest = vi.fn();
    await clientFor(server, { onRequest, userAgent: 'mine/1' }).nodes.updatePrices(
      7,
      { base: 5n },
      { query: { a: 1 } },
    );
    expect(onRequest).toHaveBeenCalledExactlyOnceWith({
      operation: 'updateNodePrices',
      method: 'PATCH',
      url: `${server.url}/nodes/7/prices?a=1`,
      headers: expect.any(Headers),
      body: '{"base":5}',
      attempt: 1,
    });
    expect(Object.fromEntries(onRequest.mock.calls[0]?.[0].headers)).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'mine/1',
    });
  });

  test('adds headers that are sent, for this attempt only.', async () => {
    await using server = await flaky();
    const onRequest = async ({ headers, attempt }: RequestContext): Promise<void> => {
      await Promise.resolve();
      headers.set(`x-trace-${attempt}`, 'yes');
    };
    await clientFor(server, { onRequest }).accounts.balance();
    const traces = server.received.map(({ headers }) =>
      Object.keys(headers).filter((name) => name.startsWith('x-trace')),
    );
    expect(traces).toEqual([['x-trace-1'], ['x-trace-2']]);
  });

  test('can use any letter case for header names.', async () => {
    await using server = await good();
    const onRequest = ({ headers }: RequestContext): void => {
      headers.set('ACCEPT', 'application/vnd.octa+json');
      headers.set('Authorization', 'Bearer mine');
    };
    await clientFor(server, { onRequest }).accounts.balance();
    const { accept, authorization } = server.received[0]?.headers ?? {};
    expect([accept, authorization]).toEqual(['application/vnd.octa+json', 'Bearer mine']);
  });

  test.each(everyCall)('that sets an invalid header fails %s as never sent, and once.', async (_, send) => {
    await using server = await good();
    const onRequest = vi.fn(({ headers }: RequestContext): void => {
      headers.set('x-trace', 'octa-other-key\r\nb: c');
    });
    const error = await failure(send(clientFor(server, { onRequest })), OctaConfigurationError);
    expect(error.outcome).toBe('not-sent');
    expect(inspect(error)).not.toContain('octa-other-key');
    expect([onRequest.mock.calls.length, server.received.length]).toEqual([1, 0]);
  });

  test.each(everyCall)('that throws fails %s with the same error, before anything is sent.', async (_, send) => {
    await using server = await good();
    const thrown = new Error('no trace');
    const onRequest = vi.fn(() => Promise.reject(thrown));
    const onRetry = vi.fn();
    expect(await rejection(send(clientFor(server, { onRequest, onRetry })))).toBe(thrown);
    expect([onRequest.mock.calls.length, onRetry.mock.calls.length, server.received.length]).toEqual([1, 0, 0]);
  });

  test('that fails with an error of another call fails the call with it, without a retry.', async () => {
    await using server = await good();
    const thrown = new OctaServiceUnavailableError({ message: 'no token', status: 503, outcome: 'unknown' });
    const onRequest = vi.fn(() => Promise.reject(thrown));
    expect(await rejection(clientFor(server, { onRequest }).accounts.balance())).toBe(thrown);
    expect(onRequest).toHaveBeenCalledTimes(1);
    expect(thrown.attempts).toEqual([]);
  });
});

describe('onResponse', () => {
  test('is called for responses of every status, and can match them with their requests.', async () => {
    await using server = await flaky();
    const begun = new WeakMap<RequestContext, number>();
    const contexts: ResponseContext[] = [];
    await clientFor(server, {
      onRequest: (request) => void begun.set(request, request.attempt),
      onResponse: (context) => void contexts.push(context),
    }).accounts.balance();
    expect(contexts.map(({ request }) => begun.get(request))).toEqual([1, 2]);
    expect(contexts.map(({ status, requestId }) => [status, requestId])).toEqual([
      [503, 'r-0'],
      [200, 'r-1'],
    ]);
    expect(contexts.every(({ durationMs }) => durationMs > 0)).toBe(true);
    expect(contexts[0]?.headers.get('content-type')).toBe('application/json');
  });
});

test('onRetry gets the failure, the wait and the next URL.', async () => {
  await using server = await flaky();
  const onRetry = vi.fn();
  await clientFor(server, { onRetry }).accounts.balance();
  const url = `${server.url}/accounts/balance`;
  const request = { operation: 'getBalance', method: 'GET', url };
  const error = expect.any(OctaServiceUnavailableError);
  expect(onRetry).toHaveBeenCalledExactlyOnceWith({ request, error, attempt: 1, delayMs: 0, nextUrl: url });
});

describe('onDrift', () => {
  /** Fields of log lines about the answer. */
  const answered = { operation: 'listNodes', attempt: 1, status: 200, durationMs: expect.any(Number) };
  const drifted = '[{"id":1,"uptime":"many"},{"id":2,"uptime":"few","new":{"at":18446744073709551617}},{"state":"up"}]';

  test('is called once for each difference, even if many items have it.', async () => {
    await using server = await serve((_, response) => json(response, drifted));
    const onDrift = vi.fn();
    expect(await clientFor(server, { onDrift }).nodes.list()).toHaveLength(3);
    const operation = 'listNodes';
    expect(onDrift.mock.calls.map(([event]) => event)).toEqual([
      { operation, path: '[0].uptime', expected: 'number', received: 'many' },
      { operation, path: '[1].new', expected: 'absent', received: { at: 18446744073709551617n } },
      { operation, path: '[2].id', expected: 'number', received: undefined },
    ]);
  });

  test('is called for a response that is null instead of a list.', async () => {
    await using server = await serve((_, response) => json(response, 'null'));
    const logger = keepingLogger();
    const onDrift = vi.fn();
    expect(await clientFor(server, { onDrift, logger, logLevel: 'info' }).nodes.list()).toEqual([]);
    const event = { operation: 'listNodes', path: '', expected: 'Node[]', received: null };
    expect(onDrift).toHaveBeenCalledExactlyOnceWith(event);
    const fields = { ...answered, path: '', expected: 'Node[]' };
    expect(logger.lines).toEqual([
      ['info', '[octaspace] listNodes: the response is not as specified (expected Node[])', fields],
    ]);
  });

  test('is optional: drift is logged at level info.', async () => {
    await using server = await serve((_, response) => json(response, drifted));
    const logger = keepingLogger();
    await clientFor(server, { logger, logLevel: 'info' }).nodes.list();
    expect(logger.lines).toEqual(
      [
        ['[0].uptime', 'number'],
        ['[1].new', 'absent'],
        ['[2].id', 'number'],
      ].map(([path, expected]) => [
        'info',
        `[octaspace] listNodes: ${path} is not as specified (expected ${expected})`,
        { ...answered, path, expected },
      ]),
    );
  });
});

describe('A hook after onRequest', () => {
  const thrown = new Error('no disk');
  const throws = () => {
    throw thrown;
  };
  const rejects = () => Promise.reject(thrown);
  const never = () => new Promise<void>(() => undefined);
  const names = ['onResponse', 'onRetry', 'onDrift'] as const;

  test.each(names.flatMap((name) => [[name, 'throws', throws] as const, [name, 'rejects', rejects] as const]))(
    '(%s) that %s changes nothing, and is logged.',
    async (name, _, hook) => {
      await using server = await flaky('{"balance":1,"new":2}');
      const logger = keepingLogger();
      const options: OctaClientOptions = { logger, [name]: hook };
      expect(await clientFor(server, options).accounts.balance()).toMatchObject({ balance: 1n });
      const fields = expect.objectContaining({ operation: 'getBalance', attempt: expect.any(Number), error: thrown });
      expect(logger.lines).toContainEqual(['error', `[octaspace] ${name} threw; the call continues`, fields]);
    },
  );

  test.each(names)('(%s) that never ends does not hold the call.', async (name) => {
    await using server = await flaky('{"balance":1,"new":2}');
    expect(await clientFor(server, { [name]: never }).accounts.balance()).toMatchObject({ balance: 1n });
  });

  test('does not lose a session that was started.', async () => {
    await using server = await serve((_, response) => json(response, '[{"uuid":"u-1","new":1}]'));
    const client = clientFor(server, { onResponse: throws, onDrift: throws, logger: keepingLogger() });
    expect(await client.services.mr.start(order)).toMatchObject({ uuid: 'u-1' });
  });
});

describe('After the caller has aborted, no hook runs:', () => {
  const spies = () => ({ onRequest: vi.fn(), onResponse: vi.fn(), onRetry: vi.fn(), onDrift: vi.fn() });
  const counts = (given: ReturnType<typeof spies>) => Object.values(given).map(({ mock }) => mock.calls.length);

  test('before anything is sent.', async () => {
    const given = spies();
    const call = clientFor({ url: 'http://api.test' }, given).accounts.balance({ signal: AbortSignal.abort() });
    await failure(call, OctaAbortError);
    expect(counts(given)).toEqual([0, 0, 0, 0]);
  });

  test('while the server works.', async () => {
    const controller = new AbortController();
    await using server = await serveRaw(() => controller.abort());
    const given = spies();
    await failure(clientFor(server, given).accounts.balance({ signal: controller.signal }), OctaAbortError);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(counts(given)).toEqual([1, 0, 0, 0]);
  });

  test('between two attempts.', async () => {
    await using server = await serve((_, response) => response.writeHead(429, { 'retry-after': '30' }).end());
    const controller = new AbortController();
    const given = spies();
    given.onRetry.mockImplementation(() => controller.abort());
    await failure(clientFor(server, given).accounts.balance({ signal: controller.signal }), OctaAbortError);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(counts(given)).toEqual([1, 1, 1, 0]);
  });

  test('when an attempt fails while the caller aborts.', async () => {
    await using server = await serve((_, response) => json(response, '{}', 503));
    const controller = new AbortController();
    const given = spies();
    given.onResponse.mockImplementation(() => controller.abort());
    await failure(
      clientFor(server, given).accounts.balance({ signal: controller.signal }),
      OctaServiceUnavailableError,
    );
    expect(counts(given)).toEqual([1, 1, 0, 0]);
  });
});

test('No hook is ever shown the key.', async () => {
  await using server = await flaky('{"balance":1,"new":2}');
  const shown: unknown[] = [];
  const keep = (context: unknown) => void shown.push(JSON.stringify(context));
  await clientFor(server, { onRequest: keep, onResponse: keep, onRetry: keep, onDrift: keep }).accounts.balance();
  expect(shown).toHaveLength(6);
  expect(shown.join()).not.toContain(testKey);
});

describe('An onRequest that fails', () => {
  test.each([undefined, null, 0, ''])('with %j fails the call with that value.', async (reason) => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    const client = clientFor(server, { onRequest: () => Promise.reject(reason) });
    expect(await rejection(client.accounts.balance())).toBe(reason);
    expect(await rejection(client.api.GET('/accounts/balance'))).toBe(reason);
    expect(server.received).toEqual([]);
  });

  test('with a 404 of another call is not treated as the response of this call.', async () => {
    await using server = await serve((_, response) => json(response, goodAnswer));
    const elsewhere = new OctaNotFoundError({ message: 'elsewhere', status: 404, outcome: 'rejected' });
    const client = clientFor(server, { onRequest: () => Promise.reject(elsewhere) });
    expect(await rejection(client.api.GET('/accounts/balance'))).toBe(elsewhere);
    expect(server.received).toEqual([]);
  });
});

test('The return value of a hook is ignored.', async () => {
  await using server = await serve((_, response) => json(response, '[{"new_field":1}]'));
  const lines: unknown[] = [];
  const write = (...line: unknown[]): void => void lines.push(line);
  const logger = { error: write, warn: write, info: write, debug: write };
  const contexts: unknown[] = [];
  // What a caller without types may write.
  const count = ((context: unknown) => contexts.push(context)) as (context: unknown) => void;
  await clientFor(server, { logger, onRequest: count, onResponse: count, onDrift: count }).nodes.list();
  expect(lines).toEqual([]);
});
