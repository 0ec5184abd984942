import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { IncomingBody } from '../../../src/node/body.ts';
import { type Answer, NodeResponse } from '../../../src/node/response.ts';
import { readMark } from '../../../src/transport/own-transport.ts';
import { rejection } from '../../support/failure.ts';

const url = 'https://api.test/nodes?country=DE';

/** A complete response. */
function answer(body: string | Uint8Array | undefined, changes: Partial<Answer> = {}): NodeResponse {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const incoming = bytes === undefined ? undefined : IncomingBody.of(bytes);
  return new NodeResponse({ url, status: 200, statusText: 'OK', headers: {}, body: incoming, ...changes });
}

/** A response with a compressed body, which arrives in two pieces, some time after it is requested. */
function packed(encoding: string, bytes: Uint8Array): { response: NodeResponse; drop: () => void; arrive: () => void } {
  const drop = vi.fn();
  const body = new IncomingBody({ resume: () => undefined, drop });
  const arrive = () => {
    body.push(bytes.subarray(0, 7));
    body.push(bytes.subarray(7));
    body.end();
  };
  return { response: answer(undefined, { headers: { 'content-encoding': encoding }, body }), drop, arrive };
}

describe('A response of the transport', () => {
  test('is a Response.', () => {
    const response = answer('{}', { status: 404, statusText: 'Not Found' });
    expect(response).toBeInstanceOf(Response);
    expect(Object.prototype.toString.call(response)).toBe('[object Response]');
    const { status, ok, statusText, redirected, type } = response;
    expect({ status, ok, statusText, redirected, type, url: response.url }).toEqual({
      status: 404,
      ok: false,
      statusText: 'Not Found',
      redirected: false,
      type: 'basic',
      url,
    });
  });

  test.each([
    [199, false],
    [200, true],
    [299, true],
    [300, false],
  ])('of status %i is ok: %s.', (status, ok) => {
    expect(answer('', { status }).ok).toBe(ok);
  });

  test('has all members of a Response.', () => {
    const response = answer('text');
    for (const name of Object.keys(Object.getOwnPropertyDescriptors(Response.prototype))) {
      expect(() => Reflect.get(response, name, response)).not.toThrow();
    }
    expect(inspect(answer('text'))).toContain('status: 200');
  });

  test('returns its headers, including several of one name, without invalid ones.', () => {
    const raw = { 'x-request-id': 'r-1', 'set-cookie': ['a=1', 'b=2'], 'x-odd': 'a\0b', 'x-gone': undefined };
    const response = answer('', { headers: raw });
    expect([...response.headers]).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-request-id', 'r-1'],
    ]);
    expect(response.headers).toBe(response.headers);
  });
});

describe('Its body', () => {
  test('can be read in every way.', async () => {
    const headers = { 'content-type': 'text/plain;charset=utf-8' };
    expect(await answer('"é"').text()).toBe('"é"');
    expect(await answer('"é"').json()).toBe('é');
    expect(await answer('é').bytes()).toEqual(new Uint8Array([0xc3, 0xa9]));
    expect(new Uint8Array(await answer('é').arrayBuffer())).toEqual(new Uint8Array([0xc3, 0xa9]));
    const blob = await answer('é', { headers }).blob();
    expect([blob.size, blob.type, await blob.text()]).toEqual([2, headers['content-type'], 'é']);
    expect(await new Response(answer('é').body).text()).toBe('é');
  });

  test('is read as a form.', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await answer('a=1&b=2', { headers }).formData()).get('b')).toBe('2');
  });

  test('that is not JSON throws a SyntaxError.', async () => {
    expect(await rejection(answer('{').json())).toBeInstanceOf(SyntaxError);
  });

  test('has its own memory, without data of other responses.', async () => {
    const chunk = Buffer.from('header and body');
    const buffer = await answer(chunk.subarray(11)).arrayBuffer();
    expect(Buffer.from(buffer).toString()).toBe('body');
  });

  test.each([204, 205, 304])('is null if the status has none (%i).', async (status) => {
    const response = answer(undefined, { status });
    expect(response.body).toBeNull();
    expect([await response.text(), await response.text(), response.bodyUsed]).toEqual(['', '', false]);
    expect(await response.clone().text()).toBe('');
  });

  test.each(['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'formData'] as const)(
    'can be read once: %s a second time throws a TypeError.',
    async (how) => {
      const response = answer('1');
      expect(response.bodyUsed).toBe(false);
      await response.text();
      expect(response.bodyUsed).toBe(true);
      expect(await rejection(response[how]())).toBeInstanceOf(TypeError);
      expect(() => response.clone()).toThrow(TypeError);
    },
  );

  test('is used when its stream is read.', async () => {
    const response = answer('text');
    const { body } = response;
    expect([response.bodyUsed, response.body === body, body?.locked]).toEqual([false, true, false]);
    await body?.getReader().read();
    expect(response.bodyUsed).toBe(true);
    expect(await rejection(response.text())).toBeInstanceOf(TypeError);
  });

  test('can still be read at once after its stream was accessed.', async () => {
    const response = answer('{"a":1}');
    expect(response.body).toBeInstanceOf(ReadableStream);
    expect(await response.json()).toEqual({ a: 1 });
    expect(response.bodyUsed).toBe(true);
  });

  test('can be read twice with a clone.', async () => {
    const response = answer('text', { status: 999, statusText: 'Odd', headers: { 'x-a': '1' } });
    const clone = response.clone();
    expect([await clone.text(), await response.text()]).toEqual(['text', 'text']);
    const { status, statusText } = clone;
    expect([status, statusText, clone.url, clone.headers.get('x-a')]).toEqual([999, 'Odd', url, '1']);
  });

  test.each([
    [3, 'tex', true],
    [4, 'text', false],
    [9, 'text', false],
  ])('is read up to %i bytes.', async (bound, text, cut) => {
    const { bytes, ...rest } = await answer('text')[readMark](bound);
    expect([Buffer.from(bytes).toString(), rest]).toEqual([text, { cut }]);
    const looked = answer('text');
    expect(looked.body).not.toBeNull();
    expect(await looked[readMark](bound)).toMatchObject({ cut });
  });
});

const text = JSON.stringify({ balance: 'é'.repeat(5000) });
const packings: [encoding: string, bytes: Uint8Array][] = [
  ['gzip', gzipSync(text)],
  ['X-GZIP', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['deflate', deflateRawSync(text)],
  ['br', brotliCompressSync(text)],
  ['gzip, br', brotliCompressSync(gzipSync(text))],
  ['identity', Buffer.from(text)],
  ['', Buffer.from(text)],
  ['br , identity', brotliCompressSync(text)],
];

describe.each(packings)('A body that is packed as %j', (encoding, bytes) => {
  const whole = () => answer(bytes, { headers: { 'content-encoding': encoding } });

  test('is unpacked if it has already arrived.', async () => {
    expect(await whole().text()).toBe(text);
    expect(whole().headers.get('content-encoding')).toBe(encoding);
  });

  test('is unpacked as it arrives.', async () => {
    const { response, arrive } = packed(encoding, bytes);
    const read = response.text();
    arrive();
    expect(await read).toBe(text);
  });

  test('is unpacked as a stream.', async () => {
    expect(await new Response(whole().body).text()).toBe(text);
  });

  test('is cut at a maximum of unpacked bytes.', async () => {
    const read = await whole()[readMark](12);
    expect([Buffer.from(read.bytes).toString(), read.cut]).toEqual([text.slice(0, 12), true]);
  });
});

describe('A body with a wrong content-encoding', () => {
  const broken: [title: string, encoding: string, bytes: Uint8Array, code: string][] = [
    ['gzip that is none', 'gzip', Buffer.from('{"balance":1}'), 'Z_DATA_ERROR'],
    ['gzip that is cut', 'gzip', gzipSync(text).subarray(0, -9), 'Z_BUF_ERROR'],
    ['deflate that is none', 'deflate', Buffer.from('789cffffffffff', 'hex'), 'Z_DATA_ERROR'],
    ['br that is none', 'br', Buffer.from('{"balance":1}'), 'ERR_'],
    ['the inner one of two that is none', 'br, gzip', gzipSync('{"balance":1}'), 'ERR_'],
    ['a list without end', 'gzip,'.repeat(6), gzipSync('{}'), 'OCTA_UNKNOWN_ENCODING'],
  ];

  test.each(broken)('fails when it is read: %s.', async (_, encoding, bytes, code) => {
    const headers = { 'content-encoding': encoding };
    const like = { code: expect.stringMatching(`^${code}`) };
    expect(await rejection(answer(bytes, { headers }).text())).toMatchObject(like);
    expect(await rejection(new Response(answer(bytes, { headers }).body).text())).toMatchObject(like);
  });

  test('gives up its connection.', async () => {
    const { response, drop } = packed('gzip,'.repeat(6), Buffer.from('{}'));
    const error = await rejection(response.text());
    expect(String(error)).toBe('Error: the body has 6 content encodings; at most 5 are supported');
    expect(drop).toHaveBeenCalledTimes(1);
  });

  test('fails with the error of the connection, if that was cut off first.', async () => {
    const body = new IncomingBody({ resume: () => undefined, drop: () => undefined });
    const response = answer(undefined, { headers: { 'content-encoding': 'gzip' }, body });
    const read = response.text();
    body.push(gzipSync(text).subarray(0, 20));
    const reason = new Error('lost');
    body.fail(reason);
    expect(await rejection(read)).toBe(reason);
  });
});

test.each(['gzip', 'deflate', 'br', 'zstd, gzip'])('An empty body is not unpacked (%s).', async (encoding) => {
  const headers = { 'content-encoding': encoding };
  if (!encoding.includes('zstd')) expect(await answer('', { headers }).text()).toBe('');
  expect(await answer(undefined, { headers, status: 204 }).text()).toBe('');
});

test('A body that unpacks to more than expected arrives complete.', async () => {
  const large = 'x'.repeat(2_000_000);
  const bytes = gzipSync(large);
  expect(bytes.length).toBeLessThan(16_000);
  expect(await answer(bytes, { headers: { 'content-encoding': 'gzip' } }).text()).toBe(large);
});

test('A body is unpacked only as fast as it is read.', async () => {
  const bytes = gzipSync(Buffer.alloc(5_000_000), { level: 0 });
  const body = new IncomingBody({ resume: () => undefined, drop: () => undefined });
  const reader = answer(undefined, { headers: { 'content-encoding': 'gzip' }, body }).body?.getReader();
  const first = reader?.read();
  let pushed = 0;
  while (pushed < bytes.length && body.push(bytes.subarray(pushed, pushed + 4096))) {
    pushed += 4096;
    // Turn by turn, so that all that will be unpacked has been.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await first)?.done).toBe(false);
  expect(pushed).toBeLessThan(1_000_000);
});
