import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  OctaConfigurationError,
  OctaNetworkError,
  OctaNotFoundError,
  OctaResponseError,
  OctaServiceUnavailableError,
} from '../../src/index.ts';
import { clientFor, goodAnswer, order } from '../support/calls.ts';
import { failure, rejection } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

const good = (text = goodAnswer) => serve((_, response) => json(response, text));

const unhandled = vi.fn();
beforeEach(() => {
  unhandled.mockClear();
  process.on('unhandledRejection', unhandled);
});
afterEach(() => {
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test('One request is sent, even if a promise is read several times.', async () => {
  await using server = await good();
  const promise = clientFor(server).accounts.balance();
  const [first, second, { data }] = await Promise.all([promise, promise.then(), promise.withResponse()]);
  const late = await promise.asResponse();
  expect([first, second, data, await late.json(), await promise]).toMatchObject(Array(5).fill({ uuid: 'u-1' }));
  expect(server.received).toHaveLength(1);
});

test('A call that is not awaited is sent.', async () => {
  await using server = await good();
  clientFor(server).services.session('u-1').stop();
  await vi.waitUntil(() => server.received.length === 1);
});

describe('withResponse()', () => {
  test('returns the data, and all information about the response.', async () => {
    await using server = await serve((_, response) => {
      response.setHeader('x-request-id', 'r-1');
      json(response, '{"balance": 31428028938060847852}', 201);
    });
    const { data, response } = await clientFor(server).accounts.balance().withResponse();
    expect(data).toEqual({ balance: 31428028938060847852n });
    expect(response).toEqual({
      status: 201,
      headers: expect.any(Headers),
      requestId: 'r-1',
      url: `${server.url}/accounts/balance`,
      attempts: 1,
      durationMs: expect.any(Number),
      text: '{"balance": 31428028938060847852}',
    });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.durationMs).toBeGreaterThan(0);
  });

  test('of a download has no text.', async () => {
    await using server = await good('an ident');
    const { data, response } = await clientFor(server).nodes.downloadIdent(7).withResponse();
    expect([await data.text(), response.text, response.requestId]).toEqual(['an ident', '', undefined]);
  });

  test('of a command has the received text.', async () => {
    await using server = await good('{"ok":true}');
    const { data, response } = await clientFor(server).nodes.reboot(7).withResponse();
    expect([data, response.text]).toEqual([undefined, '{"ok":true}']);
  });

  test('alone reports its failure once, and nowhere else.', async () => {
    await using server = await serve((_, response) => response.writeHead(404).end());
    await failure(clientFor(server).nodes.get(7).withResponse(), OctaNotFoundError);
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
});

describe('asResponse()', () => {
  /** Sends half of a log; the rest when it is told to. */
  const halves = async () => {
    const open: ServerResponse[] = [];
    const server = await serve((_, response) => {
      open.push(response);
      response.writeHead(200, { 'content-type': 'text/plain' }).write('first ');
    });
    return { server, finish: () => open[0]?.end('second'), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  };

  test('resolves as soon as the headers arrive, before the body.', async () => {
    await using half = await halves();
    const response = await clientFor(half.server).nodes.downloadLogs(7).asResponse();
    expect([response.status, response.bodyUsed]).toEqual([200, false]);
    half.finish();
    expect(await response.text()).toBe('first second');
  });

  test('leaves the body without a time limit.', async () => {
    await using half = await halves();
    const response = await clientFor(half.server, { timeoutMs: 100 }).nodes.downloadLogs(7).asResponse();
    setTimeout(half.finish, 200);
    expect(await response.text()).toBe('first second');
  });

  test("lets the caller's signal abort the body.", async () => {
    await using half = await halves();
    const controller = new AbortController();
    const response = await clientFor(half.server).nodes.downloadLogs(7, { signal: controller.signal }).asResponse();
    controller.abort('enough');
    expect(await rejection(response.text())).toBeDefined();
  });

  test('returns the JSON of any other call unchanged.', async () => {
    await using server = await good('{"balance": 31428028938060847852}');
    const response = await clientFor(server).accounts.balance().asResponse();
    expect(await response.text()).toBe('{"balance": 31428028938060847852}');
  });

  test('may have no body at all.', async () => {
    await using server = await serve((_, response) => response.writeHead(204).end());
    const { signal } = new AbortController();
    const response = await clientFor(server).nodes.reboot(7, { signal }).asResponse();
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  test('throws for an error status as usual, after the same number of attempts.', async () => {
    await using server = await serve((_, response) => json(response, '{"message":"because"}', 503));
    const error = await failure(clientFor(server).nodes.downloadLogs(7).asResponse(), OctaServiceUnavailableError);
    expect(error).toMatchObject({ body: { message: 'because' }, attempts: { length: 3 } });
    expect(server.received).toHaveLength(3);
  });

  test('called late is rebuilt with status, headers and body.', async () => {
    await using server = await serve((_, response) => {
      response.setHeader('x-request-id', 'r-1');
      json(response, goodAnswer, 201);
    });
    const promise = clientFor(server).accounts.balance();
    await promise;
    const response = await promise.asResponse();
    expect([response.status, response.headers.get('x-request-id'), await response.text()]).toEqual([
      201,
      'r-1',
      goodAnswer,
    ]);
  });

  test('of a download called late has every byte.', async () => {
    const bytes = Buffer.from([0, 255, 128, 10, 13]);
    await using server = await serve((_, response) => response.end(bytes));
    const promise = clientFor(server).nodes.downloadLogs(7);
    await promise;
    expect(Buffer.from(await (await promise.asResponse()).arrayBuffer())).toEqual(bytes);
  });
});

describe('The data after asResponse()', () => {
  test('is read from the same response, and the Response stays readable.', async () => {
    await using server = await good();
    const promise = clientFor(server).accounts.balance();
    const response = await promise.asResponse();
    expect(await promise).toMatchObject({ balance: 1n });
    expect((await promise.withResponse()).response.text).toBe(goodAnswer);
    expect(await response.text()).toBe(goodAnswer);
    expect(server.received).toHaveLength(1);
  });

  test('of a start is the session.', async () => {
    await using server = await good('[{"uuid":"u-9"}]');
    const promise = clientFor(server).services.mr.start(order);
    await promise.asResponse();
    expect((await promise).uuid).toBe('u-9');
    expect(server.received).toHaveLength(1);
  });

  test('of a download is its bytes.', async () => {
    await using server = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'text/plain' }).end('log'),
    );
    const promise = clientFor(server).nodes.downloadLogs(7);
    await promise.asResponse();
    const blob = await promise;
    expect([await blob.text(), blob.type]).toEqual(['log', 'text/plain']);
  });

  test('of a log is unpacked.', async () => {
    await using server = await good('{"data":"line 1"}');
    const promise = clientFor(server).idleJobs.logs(1, 2);
    await promise.asResponse();
    expect(await promise).toBe('line 1');
  });

  test('of a command is undefined.', async () => {
    await using server = await good();
    const promise = clientFor(server).nodes.reboot(7);
    await promise.asResponse();
    expect(await promise).toBeUndefined();
  });

  test('cannot be read after the body was read.', async () => {
    await using server = await good();
    const promise = clientFor(server).accounts.balance();
    await (await promise.asResponse()).text();
    const error = await failure(promise, OctaConfigurationError);
    expect(error).toMatchObject({
      message: 'getBalance: the body of the response from asResponse() was already read',
      outcome: 'unknown',
    });
  });

  test.each([
    ['breaks off', '{"balance":', true],
    ['is a web page', '<p>', false],
    ['is a list', '[]', false],
  ])('is a wrong response if the body %s.', async (_, text, truncated) => {
    await using server = await good(text);
    const promise = clientFor(server).accounts.balance();
    await promise.asResponse();
    const error = await failure(promise, OctaResponseError);
    expect(error.message).toMatch(/^getBalance: /);
    expect(error).toMatchObject({ truncated, outcome: 'unknown', request: { operation: 'getBalance', method: 'GET' } });
  });

  test('fails if the connection is lost.', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '99' }).write('{"balance":', () => response.destroy());
    });
    const promise = clientFor(server).accounts.balance();
    await promise.asResponse();
    const error = await failure(promise, OctaNetworkError);
    expect(error).toMatchObject({ outcome: 'unknown', cause: expect.any(TypeError) });
  });

  test('cannot be read if the body has another reader.', async () => {
    await using server = await good();
    const promise = clientFor(server).accounts.balance();
    (await promise.asResponse()).body?.getReader();
    expect((await failure(promise, OctaConfigurationError)).message).toMatch(/was already read/);
  });
});

test('A failure is reported in every way in which it is read, and not as unhandled.', async () => {
  await using server = await serve((_, response) => response.writeHead(404).end());
  const promise = clientFor(server).nodes.get(7);
  const all = await Promise.allSettled([promise, promise.withResponse(), promise.asResponse(), promise.finally()]);
  expect(new Set(all.map((each) => (each.status === 'rejected' ? each.reason : undefined))).size).toBe(1);
  expect(all[0]).toMatchObject({ reason: { name: 'OctaNotFoundError' } });
});
