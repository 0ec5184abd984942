import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { defaultLogBytes, readLog } from '../../../src/codec/gzip.ts';
import { OctaResponseError } from '../../../src/errors/errors.ts';

const helloWorld = 'H4sIAN6R2GkAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA==';

function bytes(content: string | Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(typeof content === 'string' ? Buffer.from(content) : content);
}

function packed(content: string | Buffer): string {
  return gzipSync(content).toString('base64');
}

/** Text of the given size with characters of 1 to 4 bytes, which no chunk boundary spares. */
function mixedText(size: number): string {
  const line = 'frame 1 é € 😀 done\n';
  const whole = line.repeat(Math.floor(size / Buffer.byteLength(line)));
  return whole + 'x'.repeat(size - Buffer.byteLength(whole));
}

// Long enough for base64 to hold every character of its alphabet.
const varied = Array.from({ length: 500 }, (_, at) => (at * at).toString(36)).join(' ');
const forUrls = packed(varied).replaceAll('+', '-').replaceAll('/', '_');

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('readLog reads', () => {
  const rows: readonly (readonly [title: string, body: string, log: string])[] = [
    ['base64 of gzip', `{"data":"${helloWorld}"}`, 'hello world'],
    ['base64 without padding', `{"data":"${helloWorld.replaceAll('=', '')}"}`, 'hello world'],
    ['base64 in lines', `{"data":"${helloWorld.slice(0, 20)}\\r\\n${helloWorld.slice(20)}\\n"}`, 'hello world'],
    ['base64 for URLs', `{"data":"${forUrls}"}`, varied],
    ['base64 as the whole body', helloWorld, 'hello world'],
    ['base64 as a JSON text', `"${helloWorld}"`, 'hello world'],
    ['gzip of nothing', `{"data":"${packed('')}"}`, ''],
    ['plain text in the field', '{"data":"line 1\\nline 2"}', 'line 1\nline 2'],
    ['plain text that begins like gzip', '{"data":"H4sI: not gzip"}', 'H4sI: not gzip'],
    ['plain text that is all base64 characters', '{"data":"aGVsbG8gd29ybGQ="}', 'aGVsbG8gd29ybGQ='],
    ['plain text as the whole body', 'line 1\nline 2', 'line 1\nline 2'],
    ['plain text in another script', 'кадр 1 😀', 'кадр 1 😀'],
    ['plain text that begins with the first byte of gzip alone', '\x1f line 1', '\x1f line 1'],
    ['text that is not quite JSON', '{"data":', '{"data":'],
    ['a number as the whole body', '12345678901234567890', '12345678901234567890'],
    ['a number in the field', '{"data":12345678901234567890}', '12345678901234567890'],
    ['a list of lines', '{"data":["line 1","","line 3"]}', 'line 1\n\nline 3'],
    ['a list of lines as the whole body', '["line 1","line 2"]', 'line 1\nline 2'],
    ['a list of objects with text', '{"data":[{"text":"a","ts":1},{"text":"b"}]}', 'a\nb'],
    ['a list of objects with msg', '{"data":[{"ts":1,"msg":"a"},{"text":null,"msg":"b"}]}', 'a\nb'],
    ['a list of other things', '{"data":[1,true,null,{"a":"b"},[2]]}', '1\ntrue\nnull\n{"a":"b"}\n[2]'],
    ['a list of large integers', '{"data":[12345678901234567890]}', '12345678901234567890'],
    ['an empty list', '{"data":[]}', ''],
    ['null', '{"data":null}', ''],
    ['null as the whole body', 'null', ''],
    ['an object in the field', '{"data":{"msg":"a"}}', 'a'],
    ['an object without the field', '{"msg":"a","ts":1}', 'a'],
    ['an object that says nothing', '{"level":"info"}', '{"level":"info"}'],
    ['an empty text', '{"data":""}', ''],
    ['an empty body', '', ''],
  ];
  test('base64 for URLs, in a test that has any', () => {
    expect(forUrls).toMatch(/-.*_|_.*-/);
  });

  test.each(rows)('%s', async (_, body, log) => {
    expect(await readLog(bytes(body))).toBe(log);
  });

  test('the bytes of gzip as the whole body', async () => {
    expect(await readLog(bytes(gzipSync('hello wörld 😀')))).toBe('hello wörld 😀');
  });

  test('plain bytes whose second is that of gzip', async () => {
    expect(await readLog(bytes(Buffer.from([0x61, 0x8b])))).toBe('a\ufffd');
  });

  test('bytes that are no UTF-8 as replacement characters', async () => {
    expect(await readLog(bytes(gzipSync(Buffer.from([0x61, 0xff, 0xc3]))))).toBe('a\ufffd\ufffd');
  });

  const sizes: readonly (readonly [string, number])[] = [
    ['16 KiB', 16 * 1024],
    ['16 MiB', 16 * 1024 * 1024],
  ];
  test.each(sizes)('%s, each byte of them', async (_, size) => {
    const text = mixedText(size);
    const log = await readLog(bytes(`{"data":"${packed(text)}"}`), size);
    expect(log === text).toBe(true);
  });

  test('base64 of any length, across the slices it is read in', async () => {
    const noise = Buffer.from(Array.from({ length: 1 << 20 }, (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 25));
    for (const cut of [0, 1, 2, 3]) {
      const text = noise.subarray(cut).toString('latin1');
      expect((await readLog(bytes(`{"data":"${packed(text)}"}`))) === text).toBe(true);
    }
  });
});

describe('readLog refuses', () => {
  const bomb = gzipSync(Buffer.alloc(defaultLogBytes + 1), { level: 1 });
  const corrupt: readonly (readonly [title: string, change: (gzip: Buffer) => Buffer])[] = [
    ['gzip with a wrong byte', (gzip) => gzip.fill(0xff, 12, 20)],
    ['gzip with a wrong checksum', (gzip) => gzip.fill(0, gzip.length - 8, gzip.length - 4)],
    ['gzip that breaks off', (gzip) => gzip.subarray(0, gzip.length - 12)],
    ['gzip that breaks off in its head', (gzip) => gzip.subarray(0, 5)],
    ['gzip of an unknown method', (gzip) => gzip.fill(0, 10, 11).fill(0xff, 10, 14)],
  ];
  const text = Array.from({ length: 200 }, (_, at) => `line ${at * at}`).join('\n');
  const message = 'the gzip data of the log is corrupt';

  test.each(corrupt)('%s, in base64 and as bytes', async (_, change) => {
    const gzip = change(gzipSync(text));
    const want = { name: 'OctaResponseError', message, outcome: 'unknown', cause: expect.any(Error) };
    await expect(readLog(bytes(gzip))).rejects.toMatchObject(want);
    await expect(readLog(bytes(`{"data":"${gzip.toString('base64')}"}`))).rejects.toMatchObject(want);
  });

  test.each([1, 2, 3, 4])('base64 that breaks off %d characters before its end', async (cut) => {
    const base64 = gzipSync(text).toString('base64').replaceAll('=', '').slice(0, -cut);
    await expect(readLog(bytes(`{"data":"${base64}"}`))).rejects.toMatchObject({ name: 'OctaResponseError', message });
  });

  test('base64 that breaks off after five characters', async () => {
    await expect(readLog(bytes('{"data":"H4sIA"}'))).rejects.toMatchObject({ name: 'OctaResponseError', message });
  });

  const tooLarge: readonly (readonly [title: string, body: string | Buffer])[] = [
    ['gzip in base64', `{"data":"${packed('12345')}"}`],
    ['gzip as bytes', gzipSync('12345')],
    ['a text in the field', '{"data":"12345"}'],
    ['a text of fewer characters than bytes', '{"data":"1é€"}'],
    ['a text as the whole body', 'a 345'],
    ['a list of lines', '["1","3","5"]'],
    ['an object', '{"data":{"msg":"12345"}}'],
    ['an object that says nothing', '{"data":{"a":5}}'],
    ['a number', '{"data":12345}'],
  ];
  test.each(tooLarge)('more bytes than asked for: %s', async (_, body) => {
    const words = 'the log is larger than 4 bytes when unpacked; raise maxBytes to read it all';
    const want = { name: 'OctaResponseError', message: words, outcome: 'unknown' };
    await expect(readLog(bytes(body), 4)).rejects.toMatchObject(want);
  });

  const justRight: readonly (readonly [title: string, body: string | Buffer, log: string])[] = [
    ['gzip', gzipSync('1234'), '1234'],
    ['a text', '{"data":"1é2"}', '1é2'],
    ['a list of lines', '["1","34"]', '1\n34'],
  ];
  test.each(justRight)('nothing of exactly the size asked for: %s', async (_, body, log) => {
    expect(await readLog(bytes(body), 4)).toBe(log);
  });

  test('a bomb, and stops unpacking it as soon as it is known for one', async () => {
    let unpacked = 0;
    let cancelled = false;
    const Native = globalThis.DecompressionStream;
    vi.stubGlobal('DecompressionStream', function counting(format: CompressionFormat) {
      const { writable, readable } = new Native(format);
      const reader = readable.getReader();
      const counted = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          unpacked += value.byteLength;
          controller.enqueue(value);
        },
        cancel(reason) {
          cancelled = true;
          return reader.cancel(reason);
        },
      });
      return { writable, readable: counted };
    });
    await expect(readLog(bytes(`{"data":"${bomb.toString('base64')}"}`), 64 * 1024)).rejects.toThrow(OctaResponseError);
    expect(cancelled).toBe(true);
    expect(unpacked).toBeGreaterThan(64 * 1024);
    expect(unpacked).toBeLessThan(2 * 1024 * 1024);
  });

  test('more than 64 MiB when no bound is given', async () => {
    await expect(readLog(bytes(bomb))).rejects.toThrow(`larger than ${64 * 1024 * 1024} bytes`);
  });
});
