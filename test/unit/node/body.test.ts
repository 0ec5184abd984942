import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { IncomingBody, textOf } from '../../../src/node/body.ts';
import { rejection } from '../../support/failure.ts';

const kib = 1024;
const everything = Number.POSITIVE_INFINITY;

/** A body, and the calls of its source. */
function aBody() {
  const source = { resume: vi.fn(), drop: vi.fn() };
  return { body: new IncomingBody(source), source };
}

const bytesOf = (text: string): Buffer => Buffer.from(text);

describe('Text is decoded as in fetch:', () => {
  test.each([
    ['a byte order mark is left out', [0xef, 0xbb, 0xbf, 0x61], 'a'],
    ['only the first one', [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
    ['a part of one is garbage', [0xef, 0xbb], '\ufffd'],
    ['garbage is replaced', [0xff, 0x61, 0xc3], '\ufffda\ufffd'],
    ['nothing is empty', [], ''],
  ])('%s.', (_, bytes, text) => {
    expect(textOf(Buffer.from(bytes))).toBe(text);
  });

  test('for any bytes.', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, (given) => {
        expect(textOf(Buffer.from(given))).toBe(new TextDecoder().decode(given));
      }),
      { seed: 20_261_122, numRuns: 2000 },
    );
  });
});

describe('A body that is read whole', () => {
  test('can arrive before or after the call.', async () => {
    const { body, source } = aBody();
    body.push(bytesOf('be'));
    const read = body.collect(everything);
    body.push(bytesOf('fore'));
    body.end();
    expect(await read).toEqual({ bytes: bytesOf('before'), cut: false });
    expect(source.resume).not.toHaveBeenCalled();
  });

  test('fails with the error of its source, before or after the call.', async () => {
    const reason = new Error('lost');
    const [early, late] = [aBody().body, aBody().body];
    early.fail(reason);
    const read = late.collect(everything);
    late.push(bytesOf('half'));
    late.fail(reason);
    expect([await rejection(early.collect(everything)), await rejection(read)]).toEqual([reason, reason]);
  });

  test('is cut at the maximum, and the rest is dropped.', async () => {
    const { body, source } = aBody();
    const read = body.collect(5);
    expect(body.push(bytesOf('1234'))).toBe(true);
    body.push(bytesOf('5678'));
    expect(await read).toEqual({ bytes: bytesOf('12345'), cut: true });
    expect(source.drop).toHaveBeenCalledTimes(1);
  });

  test('is not cut when it fits exactly.', async () => {
    const read = IncomingBody.of(bytesOf('12345')).collect(5);
    expect(await read).toEqual({ bytes: bytesOf('12345'), cut: false });
  });

  test('continues after a pause.', async () => {
    const { body, source } = aBody();
    expect(body.push(Buffer.alloc(64 * kib))).toBe(false);
    const read = body.collect(everything);
    expect(source.resume).toHaveBeenCalledTimes(1);
    expect(body.push(Buffer.alloc(640 * kib))).toBe(true);
    body.end();
    expect((await read).bytes).toHaveLength(704 * kib);
  });
});

describe('A body without a reader', () => {
  test('pauses at 64 KiB.', () => {
    const { body } = aBody();
    expect([body.push(Buffer.alloc(63 * kib)), body.push(Buffer.alloc(kib))]).toEqual([true, false]);
  });

  test('is at hand if it is complete, small, and has no reader.', () => {
    const { body } = aBody();
    body.push(bytesOf('12345'));
    expect(body.isAtHand(5)).toBe(false);
    body.end();
    expect([body.isAtHand(5), body.isAtHand(4)]).toEqual([true, false]);
    body.collect(everything);
    expect(body.isAtHand(5)).toBe(false);
  });
});

describe('A body that is read as a stream', () => {
  test('arrives piece by piece, as requested.', async () => {
    const { body, source } = aBody();
    const reader = body.stream().getReader();
    const first = reader.read();
    expect(body.push(bytesOf('one'))).toBe(true);
    expect((await first).value).toEqual(new Uint8Array(bytesOf('one')));
    expect(body.push(Buffer.alloc(64 * kib))).toBe(false);
    await reader.read();
    const third = reader.read();
    expect(source.resume).toHaveBeenCalledTimes(1);
    body.end();
    expect(await third).toEqual({ done: true, value: undefined });
  });

  test('does not pause as long as its reader keeps up.', async () => {
    const { body } = aBody();
    const reader = body.stream().getReader();
    for (let piece = 0; piece < 5; piece++) {
      expect(body.push(Buffer.alloc(40 * kib))).toBe(true);
      await reader.read();
    }
  });

  test('keeps unread data until it is read.', async () => {
    const { body } = aBody();
    const stream = body.stream();
    for (const piece of ['a', 'b', 'c']) body.push(bytesOf(piece));
    body.end();
    expect(await new Response(stream).text()).toBe('abc');
  });

  test('is closed immediately if it is empty.', async () => {
    const { body } = aBody();
    const reader = body.stream().getReader();
    body.end();
    await reader.closed;
    expect(await IncomingBody.of(new Uint8Array()).stream().getReader().read()).toMatchObject({ done: true });
  });

  test('fails immediately with the error of its source.', async () => {
    const { body } = aBody();
    const reader = body.stream().getReader();
    body.push(bytesOf('half'));
    const reason = new Error('lost');
    body.fail(reason);
    expect(await rejection(reader.read())).toBe(reason);
  });

  test('is dropped when it is cancelled, and later data is ignored.', async () => {
    const { body, source } = aBody();
    const stream = body.stream();
    await stream.cancel();
    body.push(bytesOf('late'));
    body.fail(new Error('late'));
    expect(source.drop).toHaveBeenCalledTimes(1);
  });

  test('is not dropped if all of it has arrived.', async () => {
    const { body, source } = aBody();
    body.push(bytesOf('all'));
    body.end();
    await body.stream().cancel();
    expect(source.drop).not.toHaveBeenCalled();
  });

  test('ignores empty pieces.', async () => {
    const { body } = aBody();
    const stream = body.stream();
    for (const piece of ['', 'a', '', 'b', '']) body.push(bytesOf(piece));
    body.end();
    expect(await new Response(stream).text()).toBe('ab');
  });

  test('does not transfer the memory of its pieces, which others share.', async () => {
    const shared = bytesOf('shared memory');
    const { body } = aBody();
    body.push(shared.subarray(0, 6));
    body.push(shared.subarray(7));
    body.end();
    expect(await new Response(body.stream()).text()).toBe('sharedmemory');
    expect(shared.toString()).toBe('shared memory');
  });

  test('fills the buffer of its reader.', async () => {
    const { body } = aBody();
    const reader = body.stream().getReader({ mode: 'byob' });
    const first = reader.read(new Uint8Array(4));
    body.push(bytesOf('123456'));
    expect((await first).value).toEqual(new Uint8Array(bytesOf('1234')));
    expect((await reader.read(new Uint8Array(4))).value).toEqual(new Uint8Array(bytesOf('56')));
    const last = reader.read(new Uint8Array(4));
    body.end();
    expect((await last).done).toBe(true);
  });
});

test('A body arrives complete, in any pieces and read at any time.', async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20_000 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(12), fc.boolean(), async (given, readAfter, asStream) => {
      const { body } = aBody();
      const read = async () =>
        asStream
          ? Buffer.from(await new Response(body.stream()).arrayBuffer())
          : (await body.collect(everything)).bytes;
      let reading: Promise<Buffer> | undefined;
      for (const [index, piece] of given.entries()) {
        if (index === readAfter) reading = read();
        body.push(piece);
        if (piece.length % 2 === 0) await Promise.resolve();
      }
      body.end();
      expect((await (reading ?? read())).equals(Buffer.concat(given))).toBe(true);
    }),
    { seed: 20_261_122, numRuns: 200 },
  );
});
