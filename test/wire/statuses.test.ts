import { describe, expect, test, vi } from 'vitest';
import {
  OctaApiError,
  OctaAuthenticationError,
  OctaBadGatewayError,
  OctaBadRequestError,
  OctaConflictError,
  type OctaError,
  OctaGatewayTimeoutError,
  OctaNotFoundError,
  OctaPermissionError,
  OctaRateLimitError,
  OctaServerError,
  OctaServiceUnavailableError,
  OctaTimeoutError,
  OctaValidationError,
  type Outcome,
} from '../../src/index.ts';
import { clientFor, goodAnswer, onceOnly, repeatable } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { serveRaw } from '../support/raw-server.ts';
import { json, serve } from '../support/server.ts';

/** Status, class, outcome, and how often a call that may be sent again is sent. */
const statuses: [number, typeof OctaApiError | typeof OctaTimeoutError, Outcome, number][] = [
  [400, OctaBadRequestError, 'rejected', 1],
  [401, OctaAuthenticationError, 'rejected', 1],
  [403, OctaPermissionError, 'rejected', 1],
  [404, OctaNotFoundError, 'rejected', 1],
  [408, OctaTimeoutError, 'unknown', 3],
  [409, OctaConflictError, 'rejected', 1],
  [418, OctaApiError, 'rejected', 1],
  [422, OctaValidationError, 'rejected', 1],
  [425, OctaApiError, 'rejected', 1],
  [429, OctaRateLimitError, 'rejected', 3],
  [500, OctaServerError, 'unknown', 3],
  [501, OctaServerError, 'unknown', 1],
  [502, OctaBadGatewayError, 'unknown', 3],
  [503, OctaServiceUnavailableError, 'unknown', 3],
  [504, OctaGatewayTimeoutError, 'unknown', 3],
  [505, OctaServerError, 'unknown', 1],
];

describe.each(statuses)('Status %d', (status, expected, outcome, times) => {
  const refusing = () => serve((_, response) => json(response, '{"message":"because"}', status));

  test.each(repeatable)(`to %s, sent ${times} times in all.`, async (_, send) => {
    await using server = await refusing();
    const error = await failure<OctaError>(send(clientFor(server)), expected);
    expect(error).toMatchObject({ outcome, attempts: { length: times } });
    expect(error.message).toContain(`: ${status}: because`);
    expect(server.received).toHaveLength(times);
  });

  test.each(onceOnly)('to %s, sent once.', async (_, send) => {
    await using server = await refusing();
    expect(await failure<OctaError>(send(clientFor(server)), expected)).toMatchObject({
      outcome,
      attempts: { length: 1 },
    });
    expect(server.received).toHaveLength(1);
  });
});

test('An error of the API has all information of the response.', async () => {
  await using server = await serve((_, response) => {
    response.setHeader('x-request-id', 'r-1');
    json(response, '{"message":"no such node","code":"node_missing","node":18446744073709551617}', 404);
  });
  const error = await failure(clientFor(server).nodes.get(7), OctaNotFoundError);
  expect(error).toMatchObject({
    message: 'getNode: 404: no such node',
    status: 404,
    code: 'node_missing',
    requestId: 'r-1',
    headers: { 'x-request-id': 'r-1', 'content-type': 'application/json' },
    body: { message: 'no such node', code: 'node_missing', node: '18446744073709551617' },
    request: { operation: 'getNode', method: 'GET', url: `${server.url}/nodes/7` },
    attempts: [{ url: `${server.url}/nodes/7`, status: 404, requestId: 'r-1', error: 'OctaNotFoundError' }],
  });
});

test.each([
  ['text', 'no such node', 'getNode: 404: no such node', 'no such node'],
  ['nothing', '', 'getNode: 404: the response contains no message', ''],
  ['a web page', '<p>Not found</p>', 'getNode: 404: the response contains no message', '<p>Not found</p>'],
  ['JSON that breaks off', '{"message":', 'getNode: 404: {"message":', '{"message":'],
])('An error may come with %s.', async (_, text, message, body) => {
  await using server = await serve((__, response) => response.writeHead(404).end(text));
  expect(await failure(clientFor(server).nodes.get(7), OctaNotFoundError)).toMatchObject({ message, body });
});

test('The response of a 408 is the cause of the timeout error.', async () => {
  await using server = await serve((_, response) => json(response, '{"message":"too slow"}', 408));
  const error = await failure(clientFor(server).nodes.get(7), OctaTimeoutError);
  expect(error.timeout).toBe('server');
  expect(error.cause).toMatchObject({ name: 'OctaApiError', status: 408, body: { message: 'too slow' } });
});

test('A temporary failure is retried, and the response has the number of attempts.', async () => {
  const statuses = [500, 429, 200];
  await using server = await serve((_, response) => json(response, goodAnswer, statuses[server.received.length - 1]));
  const { data, response } = await clientFor(server).accounts.balance().withResponse();
  expect([data.balance, response.attempts, server.received.length]).toEqual([1n, 3, 3]);
});

test.each([
  [0, 1],
  [1, 2],
  [4, 5],
])("With the call option retries %d, which overrides the client's, it is sent %d times.", async (retries, times) => {
  await using server = await serve((_, response) => json(response, '{}', 500));
  await failure(clientFor(server, { retries: 2 }).accounts.balance({ retries }), OctaServerError);
  expect(server.received).toHaveLength(times);
});

describe('Retry-After', () => {
  const date = 'Sun, 22 Nov 2026 08:00:00 GMT';
  /** What the SDK waits after an answer with these headers, which is followed by a good one. */
  const waitAfter = async (status: number, headers: Record<string, string | string[]>): Promise<number> => {
    await using server = await serve((_, response) => {
      if (server.received.length > 1) json(response, goodAnswer);
      else response.writeHead(status, { date, ...headers }).end();
    });
    const onRetry = vi.fn();
    await clientFor(server, { onRetry }).accounts.balance();
    expect(server.received).toHaveLength(2);
    return onRetry.mock.calls[0]?.[0].delayMs;
  };

  test.each([
    ['of 0 seconds', 429, { 'retry-after': '0' }],
    ['of 0 seconds', 503, { 'retry-after': '0' }],
    ['of the date of the answer', 429, { 'retry-after': date }],
    ['of a date before that', 503, { 'retry-after': 'Sat, 21 Nov 2026 08:00:00 GMT' }],
    ['of something unreadable', 429, { 'retry-after': 'soon' }],
    ['of less than nothing', 503, { 'retry-after': '-5' }],
    ['of another status', 500, { 'retry-after': '30' }],
  ])('%s is not a wait (%d).', async (_, status, headers) => {
    expect(await waitAfter(status, headers)).toBe(0);
  });

  test.each([
    ['seconds', { 'retry-after': '1' }],
    ['decimals', { 'retry-after': '1.00' }],
    ['a date, measured against the date of the answer', { 'retry-after': 'Sun, 22 Nov 2026 08:00:01 GMT' }],
    ['a date of RFC 850', { 'retry-after': 'Sunday, 22-Nov-26 08:00:01 GMT' }],
    ['a date of asctime', { 'retry-after': 'Sun Nov 22 08:00:01 2026' }],
    ['two headers, of which the larger counts', { 'retry-after': ['1', '0'] }],
  ])('in %s causes at least that wait.', async (_, headers) => {
    const delayMs = await waitAfter(429, headers);
    expect(delayMs).toBeGreaterThanOrEqual(1000);
    expect(delayMs).toBeLessThanOrEqual(1100);
  });

  test.each([
    [429, OctaRateLimitError],
    [503, OctaServiceUnavailableError],
  ])('longer than maxRetryAfterMs ends the call immediately (%d).', async (status, expected) => {
    await using server = await serve((_, response) => response.writeHead(status, { 'retry-after': '61' }).end());
    const error = await failure(clientFor(server).accounts.balance(), expected);
    expect(error).toMatchObject({ retryAfter: 61, attempts: { length: 1 } });
    expect(server.received).toHaveLength(1);
  });

  test('never causes a wait if maxRetryAfterMs is 0.', async () => {
    await using server = await serve((_, response) => response.writeHead(429, { 'retry-after': '1' }).end());
    await failure(clientFor(server, { maxRetryAfterMs: 0 }).accounts.balance(), OctaRateLimitError);
    expect(server.received).toHaveLength(1);
  });
});

describe('A stop', () => {
  const gone = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n';
  const busy = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n';
  const limited = 'HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n';
  const done = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
  /** Answers in turn; `undefined` resets the connection. */
  const answering = (...answers: (string | undefined)[]) =>
    serveRaw(({ socket, nth }) => {
      const answer = answers[nth - 1];
      if (answer === undefined) socket.resetAndDestroy();
      else socket.write(answer);
    });

  test.each([
    ['answered', [done], 1, false],
    ['answered at the second attempt', [undefined, done], 2, false],
    ['answered by 404 after a lost answer: it was the first attempt that stopped it', [undefined, gone], 2, true],
    ['answered by 404 after a failure of the server', [busy, gone], 2, true],
    ['answered by 404 after both', [busy, undefined, gone], 3, true],
  ])('succeeds if it is %s.', async (_, answers, times, alreadyStopped) => {
    await using server = await answering(...answers);
    expect(await clientFor(server).services.session('u-1').stop()).toEqual({ confirmed: false, alreadyStopped });
    expect(server.received).toEqual(Array(times).fill('POST /services/u-1/stop'));
  });

  test.each([
    ['at once', [gone], 1],
    ['after a refusal that changed nothing', [limited, gone], 2],
  ])('of nothing fails: 404 %s.', async (_, answers, times) => {
    await using server = await answering(...answers);
    const error = await failure(clientFor(server).services.session('u-1').stop(), OctaNotFoundError);
    expect(error).toMatchObject({ status: 404, outcome: 'rejected', attempts: { length: times } });
  });

  test('that was already done also returns the response.', async () => {
    await using server = await answering(undefined, gone);
    const { data, response } = await clientFor(server).services.session('u-1').stop().withResponse();
    const url = `${server.url}/services/u-1/stop`;
    expect([data, response]).toMatchObject([{ alreadyStopped: true }, { status: 404, attempts: 2, url, text: '' }]);
  });

  test('that was already done returns its Response, and then the data.', async () => {
    await using server = await answering(undefined, gone);
    const stop = clientFor(server).services.session('u-1').stop();
    expect((await stop.asResponse()).status).toBe(404);
    expect(await stop).toEqual({ confirmed: false, alreadyStopped: true });
  });

  test('sends the score when there is one, and no body when there is none.', async () => {
    await using server = await serve((_, response) => json(response, '{}'));
    const session = clientFor(server).services.session('u-1');
    await session.stop({ score: 5 });
    await session.stop();
    expect(server.received.map(({ body }) => body)).toEqual(['{"score":5}', '']);
  });
});

test('A read that gets 404 after a lost response throws 404.', async () => {
  await using server = await serveRaw(({ socket, nth }) => {
    if (nth === 1) socket.resetAndDestroy();
    else socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  });
  expect((await failure(clientFor(server).nodes.get(7), OctaNotFoundError)).attempts).toHaveLength(2);
});

test.each([
  [409, OctaConflictError],
  [401, OctaAuthenticationError],
])('A stop whose first response was lost has an unknown outcome after a %d.', async (status, expected) => {
  await using server = await serveRaw(({ socket, nth }) => {
    if (nth === 1) socket.resetAndDestroy();
    else socket.write(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
  });
  const error = await failure(clientFor(server).services.session('u-1').stop(), expected);
  expect(error).toMatchObject({ status, outcome: 'unknown' });
  expect(error.attempts.map(({ outcome }) => outcome)).toEqual(['unknown', 'rejected']);
});
