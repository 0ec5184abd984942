/** Reads logs of idle jobs, which are base64 of gzip, plain text, or lines. Unpacks them up to a maximum size. */
import { fromBase64 } from '../base64.ts';
import { OctaResponseError } from '../errors/errors.ts';
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { parseWithTextIntegers } from './json.ts';

/** Default maximum size of an unpacked log. Unit: bytes. */
export const defaultLogBytes = 64 * 1024 * 1024;

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function bytesFromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const compact = text
    .replace(/[\s=]+/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  // Every gzip stream begins with 1f 8b 08, which base64 writes as "H4sI".
  return compact.startsWith('H4sI') && /^[A-Za-z0-9+/]+$/.test(compact) ? fromBase64(compact) : undefined;
}

function corrupt(cause: unknown): OctaResponseError {
  return new OctaResponseError({ message: 'the gzip data of the log is corrupt', cause, outcome: 'unknown' });
}

function packedBytes(field: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return bytesFromBase64(field);
  } catch (cause) {
    throw corrupt(cause);
  }
}

function tooLarge(maxBytes: number): OctaResponseError {
  const message = `the log is larger than ${maxBytes} bytes when unpacked; raise maxBytes to read it all`;
  return new OctaResponseError({ message, outcome: 'unknown' });
}

async function readText(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    size += chunk.value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw tooLarge(maxBytes);
    }
    parts.push(decoder.decode(chunk.value, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join('');
}

async function unpack(bytes: Uint8Array<ArrayBuffer>, maxBytes: number): Promise<string> {
  try {
    return await readText(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')), maxBytes);
  } catch (cause) {
    if (cause instanceof OctaResponseError) throw cause;
    throw corrupt(cause);
  }
}

function lineText(line: unknown): string {
  if (typeof line === 'string') return line;
  const text: unknown =
    typeof line === 'object' && line !== null ? (Reflect.get(line, 'text') ?? Reflect.get(line, 'msg')) : undefined;
  return typeof text === 'string' ? text : (JSON.stringify(line) ?? '');
}

/** The log in a field, in any of its forms. */
async function logFromField(field: unknown, maxBytes: number): Promise<string> {
  if (field === null || field === undefined) return '';
  if (Array.isArray(field)) return bounded(field.map(lineText).join('\n'), maxBytes);
  if (typeof field !== 'string') return bounded(lineText(field), maxBytes);
  const packed = packedBytes(field);
  return packed === undefined ? bounded(field, maxBytes) : unpack(packed, maxBytes);
}

function bounded(text: string, maxBytes: number): string {
  // A UTF-16 unit is at most 3 bytes of UTF-8, so short texts need no counting.
  if (text.length * 3 > maxBytes && utf8Bytes(text).byteLength > maxBytes) throw tooLarge(maxBytes);
  return text;
}

function parsedOrText(text: string): unknown {
  try {
    return parseWithTextIntegers(text);
  } catch {
    return text;
  }
}

/**
 * The text of a log, from the bytes of a response.
 *
 * @throws OctaResponseError if the gzip data is corrupt, or unpacks to more than `maxBytes`.
 */
export async function readLog(body: Uint8Array<ArrayBuffer>, maxBytes: number = defaultLogBytes): Promise<string> {
  if (isGzip(body)) return unpack(body, maxBytes);
  const parsed = parsedOrText(utf8Text(body));
  const holdsData = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) && 'data' in parsed;
  return logFromField(holdsData ? parsed.data : parsed, maxBytes);
}
