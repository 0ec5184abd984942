import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Answer, hasNoBody, OctaPromise, rebuildResponse, type Source } from '../../../src/core/promise.ts';
import { rejection } from '../../support/failure.ts';
import { aReply } from '../../support/transport.ts';

const unhandled = vi.fn();
beforeEach(() => {
  unhandled.mockClear();
  process.on('unhandledRejection', unhandled);
});
afterEach(() => {
  process.off('unhandledRejection', unhandled);
});

/** Unhandled rejections are reported after the microtasks of a turn. */
const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function source(changes: Partial<Source<unknown>> = {}) {
  const send = vi.fn(
    async (unread: boolean): Promise<Answer> => ({
      value: unread ? undefined : 'data',
      reply: aReply({ text: '"data"' }),
    }),
  );
  const read = vi.fn(async (answer: Answer): Promise<Answer> => ({ ...answer, value: 'late data' }));
  return { send, read, result: ({ value }: Answer) => value, ...changes };
}

const failing = (error: Error) => source({ send: vi.fn(() => Promise.reject(error)) });

test('Nothing is sent synchronously.', async () => {
  const given = source();
  const promise = new OctaPromise(given);
  expect(given.send).not.toHaveBeenCalled();
  await promise;
  expect(given.send).toHaveBeenCalledExactlyOnceWith(false);
});

test('The request is sent even if the promise is not awaited.', async () => {
  const given = source();
  new OctaPromise(given);
  await aTurn();
  expect(given.send).toHaveBeenCalledOnce();
});

test('The request is sent once, even if the result is read several times.', async () => {
  const given = source();
  const promise = new OctaPromise(given);
  const [first, second, { data }] = await Promise.all([promise, promise, promise.withResponse()]);
  expect([first, second, data, await promise, (await promise.asResponse()).status]).toEqual([
    ...Array(4).fill('data'),
    200,
  ]);
  expect(given.send).toHaveBeenCalledOnce();
});

describe('It is a promise:', () => {
  test('then, catch and finally work as usual.', async () => {
    const done = vi.fn();
    expect(await new OctaPromise(source()).then((data) => [data])).toEqual(['data']);
    expect(await new OctaPromise(source()).catch(() => 'other')).toBe('data');
    expect(await new OctaPromise(source()).finally(done)).toBe('data');
    expect(done).toHaveBeenCalledOnce();
  });

  test('a failure reaches then, catch and finally.', async () => {
    const lost = new Error('lost');
    const done = vi.fn();
    expect(await new OctaPromise(failing(lost)).then(undefined, (error) => [error])).toEqual([lost]);
    expect(await new OctaPromise(failing(lost)).catch((error) => [error])).toEqual([lost]);
    expect(await rejection(new OctaPromise(failing(lost)).finally(done))).toBe(lost);
    expect(done).toHaveBeenCalledOnce();
  });

  test('it has a toStringTag.', () => {
    expect(Object.prototype.toString.call(new OctaPromise(source()))).toBe('[object OctaPromise]');
  });
});

test('withResponse() returns the data and everything about the response.', async () => {
  const headers = new Headers({ 'x-request-id': 'r-1' });
  const reply = aReply({ status: 201, headers, text: '"data"', durationMs: 34, attempt: 3 });
  const promise = new OctaPromise(source({ send: async () => ({ value: 'data', reply }) }));
  expect(await promise.withResponse()).toEqual({
    data: 'data',
    response: {
      status: 201,
      headers,
      requestId: 'r-1',
      url: 'https://api.test/nodes/7',
      attempts: 3,
      durationMs: 34,
      text: '"data"',
    },
  });
});

test('withResponse() has no request id when the response has none.', async () => {
  expect((await new OctaPromise(source()).withResponse()).response.requestId).toBeUndefined();
});

describe('asResponse()', () => {
  test('called immediately leaves the body unread, and returns the original Response.', async () => {
    const reply = aReply();
    const given = source({ send: vi.fn(async () => ({ value: undefined, reply })) });
    expect(await new OctaPromise(given).asResponse()).toBe(reply.response);
    expect(given.send).toHaveBeenCalledExactlyOnceWith(true);
    expect(given.read).not.toHaveBeenCalled();
  });

  test('together with the data reads the body later, and once.', async () => {
    const given = source();
    const promise = new OctaPromise(given);
    const response = promise.asResponse();
    expect([await promise, await promise, (await promise.withResponse()).data]).toEqual(Array(3).fill('late data'));
    expect(given.read).toHaveBeenCalledOnce();
    expect(await response).toBeInstanceOf(Response);
  });

  test('called late is rebuilt from the body that was read.', async () => {
    const promise = new OctaPromise(source());
    await promise;
    expect(await (await promise.asResponse()).text()).toBe('"data"');
  });

  test('is rebuilt anew each time, so that each can be read.', async () => {
    const promise = new OctaPromise(source());
    await promise;
    expect(await (await promise.asResponse()).json()).toBe('data');
    expect(await (await promise.asResponse()).json()).toBe('data');
  });
});

describe('A failure is not reported as unhandled', () => {
  test.each<[string, (promise: OctaPromise<unknown>) => Promise<unknown>]>([
    ['withResponse() alone', (promise) => promise.withResponse()],
    ['asResponse() alone', (promise) => promise.asResponse()],
    ['the data alone', (promise) => promise.then()],
    [
      'all of them',
      (promise) =>
        Promise.allSettled([promise, promise.withResponse(), promise.asResponse()]).then(() =>
          Promise.reject(new Error('lost')),
        ),
    ],
  ])('when it is read by %s.', async (_, read) => {
    expect(await rejection(read(new OctaPromise(failing(new Error('lost')))))).toEqual(new Error('lost'));
    await aTurn();
    expect(unhandled).not.toHaveBeenCalled();
  });
});

test('A failure that is never read is reported as unhandled, as for any promise.', async () => {
  new OctaPromise(failing(new Error('lost')));
  await aTurn();
  expect(unhandled).toHaveBeenCalledOnce();
});

test('A source that throws synchronously makes the promise reject.', async () => {
  const send = () => {
    throw new Error('lost');
  };
  expect(await rejection(new OctaPromise(source({ send })))).toEqual(new Error('lost'));
});

test('A result that throws rejects the data, but not the Response.', async () => {
  const result = () => {
    throw new Error('no uuid');
  };
  const promise = new OctaPromise(source({ result }));
  expect(await rejection(promise)).toEqual(new Error('no uuid'));
  expect(await rejection(promise.withResponse())).toEqual(new Error('no uuid'));
  expect((await promise.asResponse()).status).toBe(200);
});

describe('A rebuilt Response', () => {
  test('has status, headers and text of the response.', async () => {
    const response = rebuildResponse(aReply({ status: 201, headers: new Headers({ a: 'b' }), text: 'text' }));
    expect([response.status, response.headers.get('a'), await response.text()]).toEqual([201, 'b', 'text']);
  });

  test('has the bytes of the response when it was read as bytes.', async () => {
    const response = rebuildResponse(aReply({ text: '', bytes: new Uint8Array([0, 255]) }));
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255]));
  });

  test.each([[204], [205], [304]])('of status %d has no body.', (status) => {
    expect(rebuildResponse(aReply({ status, text: '' })).body).toBeNull();
  });
});

test.each([
  [200, false],
  [204, true],
  [205, true],
  [304, true],
  [404, false],
])('Whether a Response of status %d must not have a body: %s.', (status, want) => {
  expect(hasNoBody(status)).toBe(want);
});
