import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { discard, readBytes, readText, withRelease } from '../../../src/transport/body.ts';
import { readMark } from '../../../src/transport/own-transport.ts';
import { rejection } from '../../support/failure.ts';
import { aTurn } from '../../support/transport.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A body of these chunks, one at a time. */
function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  const left = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(bytes(next));
    },
  });
}

/** A body that never ends, and tells when it is cancelled. */
function endless() {
  const cancelled = vi.fn();
  const pulled = vi.fn();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled();
        controller.enqueue(bytes('abcd'));
      },
      cancel: cancelled,
    },
    { highWaterMark: 0 },
  );
  return { body, cancelled, pulled };
}

describe.each([
  [
    'bytes',
    async (response: Response, maxBytes: number) => {
      const read = await readBytes(response, maxBytes);
      return { text: new TextDecoder().decode(read.bytes), cut: read.cut };
    },
  ],
  ['text', readText],
])('A body read as %s', (_, read) => {
  test.each<[title: string, chunks: string[], text: string, cut: boolean]>([
    ['below the bound is whole', ['ab', 'cd'], 'abcd', false],
    ['at the bound is whole', ['ab', 'cde'], 'abcde', false],
    ['of one piece at the bound is whole', ['abcde'], 'abcde', false],
    ['a byte above the bound is cut there', ['ab', 'cdef'], 'abcde', true],
    ['of one piece above the bound is cut there', ['abcdefgh'], 'abcde', true],
    ['that goes on right after the bound is cut there', ['abcde', 'f'], 'abcde', true],
    ['of nothing is whole', [], '', false],
  ])('%s.', async (__, chunks, text, cut) => {
    expect(await read(new Response(streamOf(...chunks)), 5)).toEqual({ text, cut });
  });

  test('that never ends is cancelled at the maximum size.', async () => {
    const { body, cancelled, pulled } = endless();
    expect(await read(new Response(body), 6)).toEqual({ text: 'abcdab', cut: true });
    expect([cancelled.mock.calls.length, pulled.mock.calls.length]).toEqual([1, 2]);
  });

  test('that fails when it is cancelled is still returned.', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes('abcd')),
      cancel: () => Promise.reject(new Error('lost')),
    });
    expect(await read(new Response(body), 2)).toEqual({ text: 'ab', cut: true });
  });

  test('that fails rejects with its error.', async () => {
    const lost = new Error('lost');
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(lost) });
    expect(await rejection(read(new Response(body), 5))).toBe(lost);
  });

  test.each<[title: string, headers: Record<string, string>]>([
    ['says that it is below the bound', { 'content-length': '4' }],
    ['says that it is above the bound', { 'content-length': '6' }],
    ['does not say how long it is', {}],
    ['says something unreadable', { 'content-length': 'x4' }],
    ['says how long it is, but is packed', { 'content-length': '4', 'content-encoding': 'gzip' }],
  ])('that %s is counted: %o.', async (__, headers) => {
    expect(await read(new Response(streamOf('ab', 'cd'), { headers }), 5)).toEqual({ text: 'abcd', cut: false });
    expect(await read(new Response(streamOf('ab', 'cd'), { headers }), 3)).toEqual({ text: 'abc', cut: true });
  });

  test('that unpacks to more than the maximum is cut there, whatever its length header says.', async () => {
    const packed = gzipSync('x'.repeat(100_000));
    const body = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    const headers = { 'content-length': String(packed.byteLength) };
    expect(await read(new Response(body, { headers }), 5000)).toEqual({ text: 'x'.repeat(5000), cut: true });
    expect(packed.byteLength).toBeLessThan(5000);
  });

  test('can split a character, and can begin with a byte order mark.', async () => {
    const [first, ...rest] = bytes('é');
    const body = new Blob([new Uint8Array([0xef, 0xbb, 0xbf, Number(first)]), new Uint8Array(rest)]).stream();
    const both = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        for (const byte of chunk) controller.enqueue(new Uint8Array([byte]));
      },
    });
    expect(await read(new Response(body.pipeThrough(both)), 50)).toEqual({ text: 'é', cut: false });
  });

  test.each<[title: string, view: () => ArrayBufferView]>([
    ['a DataView', () => new DataView(bytes('abcd').buffer)],
    ['larger numbers', () => new Uint16Array(bytes('abcd').buffer)],
  ])('can arrive as %s, and is counted in bytes.', async (__, view) => {
    const body = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(view());
          controller.close();
        },
      });
    expect(await read(new Response(body()), 4)).toEqual({ text: 'abcd', cut: false });
    expect(await read(new Response(body()), 3)).toEqual({ text: 'abc', cut: true });
  });

  test('of anything other than bytes fails, as in every fetch.', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue('{"balance":1}');
        controller.close();
      },
    });
    const error = await rejection(read(new Response(body), 50));
    expect(error).toEqual(new TypeError('the response body must be a stream of bytes; check the `fetch` option'));
  });

  test('that is missing is empty.', async () => {
    expect(await read(new Response(null), 5)).toEqual({ text: '', cut: false });
  });

  test('that is of another kind is read by the Response itself, whatever its size.', async () => {
    const foreign = {
      headers: new Headers(),
      body: { pipe: () => undefined },
      text: async () => 'abcdefgh',
      arrayBuffer: async () => bytes('abcdefgh').buffer,
    };
    // What a fetch of another library may give.
    expect(await read(foreign as unknown as Response, 5)).toEqual({ text: 'abcdefgh', cut: false });
  });

  test('by a Response with its own read method uses that method.', async () => {
    const readsItself = vi.fn(async () => ({ bytes: bytes('abcde'), cut: true }));
    const response = Object.assign(new Response('abcdefgh', { headers: { 'content-length': '8' } }), {
      [readMark]: readsItself,
    });
    expect(await read(response, 5)).toEqual({ text: 'abcde', cut: true });
    expect(await read(response, 500)).toEqual({ text: 'abcde', cut: true });
    expect(readsItself.mock.calls).toEqual([[5], [500]]);
  });
});

test.each([
  ['a whole buffer', Buffer.from(new Uint8Array([1, 2]).buffer)],
  ['a part of a larger one', Buffer.from(new Uint8Array([0, 1, 2]).buffer, 1)],
])('A body that is one Buffer of Node is returned as a Uint8Array, whose slice() copies: %s.', async (_, buffer) => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(buffer);
      controller.close();
    },
  });
  const read = await readBytes(new Response(body), 5);
  expect(read.bytes).toStrictEqual(new Uint8Array([1, 2]));
  expect(read.bytes.buffer.byteLength).toBe(2);
});

describe('Discarding a body', () => {
  test('cancels it.', async () => {
    const { body, cancelled } = endless();
    discard(new Response(body));
    expect(cancelled).toHaveBeenCalledOnce();
  });

  test('that fails is not reported.', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    discard(new Response(new ReadableStream({ cancel: () => Promise.reject(new Error('lost')) })));
    await aTurn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('that already has a reader does nothing.', async () => {
    const { body, cancelled } = endless();
    const response = new Response(body);
    const reader = response.body?.getReader();
    discard(response);
    expect(await reader?.read()).toMatchObject({ done: false });
    expect(cancelled).not.toHaveBeenCalled();
  });

  test.each<[title: string, response: object]>([
    ['that is none', new Response(null)],
    ['of another kind', { body: { cancel: () => expect.unreachable() } }],
  ])('%s does nothing.', (_, response) => {
    // What a fetch of another library may give.
    expect(() => discard(response as Response)).not.toThrow();
  });
});

describe('A Response that reports the end of its body', () => {
  test('has the same status, headers, URL and body.', async () => {
    const given = new Response(streamOf('a', 'b'), { status: 201, statusText: 'Made', headers: { a: 'b' } });
    Object.defineProperty(given, 'url', { value: 'https://api.test/nodes' });
    const watched = withRelease(given, () => undefined);
    const { status, statusText, headers, url } = watched;
    expect([status, statusText, headers.get('a'), url]).toEqual([201, 'Made', 'b', 'https://api.test/nodes']);
    expect(await watched.text()).toBe('ab');
  });

  test('has the same headers in a clone, a blob and a form.', async () => {
    const type = 'application/x-www-form-urlencoded';
    const copy = () => withRelease(new Response('a=1', { headers: { 'content-type': type } }), () => undefined);
    expect(copy().clone().headers.get('content-type')).toBe(type);
    expect((await copy().blob()).type).toBe(type);
    expect([...(await copy().formData())]).toEqual([['a', '1']]);
  });

  test('omits headers that `new Headers` rejects.', async () => {
    const headers = new Map([
      ['x-good', '1'],
      ['x bad', '2'],
      ['x-odd', 'a\nb'],
      ['x-last', '3'],
    ]);
    // What some runtimes let in when a server sends it.
    const given = Object.defineProperty(new Response('a'), 'headers', { value: headers });
    expect([...withRelease(given, () => undefined).headers]).toEqual([
      ['x-good', '1'],
      ['x-last', '3'],
    ]);
  });

  test('reports once, at the end of the body.', async () => {
    const release = vi.fn();
    const watched = withRelease(new Response(streamOf('a', 'b')), release);
    expect(release).not.toHaveBeenCalled();
    await watched.text();
    expect(release).toHaveBeenCalledOnce();
  });

  test('reports when the body is cancelled, and cancels the original body.', async () => {
    const release = vi.fn();
    const cancel = vi.fn();
    const watched = withRelease(new Response(new ReadableStream({ cancel })), release);
    await watched.body?.cancel('enough');
    expect(release).toHaveBeenCalledOnce();
    expect(cancel).toHaveBeenCalledExactlyOnceWith('enough');
  });

  test('reports when the body fails, and passes the error to the reader.', async () => {
    const release = vi.fn();
    const lost = new Error('lost');
    const failing = new ReadableStream({ pull: (controller) => controller.error(lost) });
    expect(await rejection(withRelease(new Response(failing), release).text())).toBe(lost);
    expect(release).toHaveBeenCalledOnce();
  });

  test('reports immediately if there is no body.', () => {
    const release = vi.fn();
    const given = new Response(null, { status: 204 });
    expect(withRelease(given, release)).toBe(given);
    expect(release).toHaveBeenCalledOnce();
  });

  test('reports immediately, and is not changed, if its body is of another kind.', () => {
    const release = vi.fn();
    const given = { status: 200, headers: new Headers(), body: { pipe: () => undefined }, text: async () => 'fine' };
    // What a fetch of another library may give.
    expect(withRelease(given as unknown as Response, release)).toBe(given);
    expect(release).toHaveBeenCalledOnce();
  });
});
