/** Reads bodies, up to a maximum size. */
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { copyHeaders } from './headers.ts';
import { readMark } from './own-transport.ts';

/** A body, or its beginning. */
export interface ReadBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether the body was longer than the maximum. */
  readonly cut: boolean;
}

/** A response with its own method to read its body up to a maximum, which is faster than a stream. */
interface SelfReading {
  [readMark](maxBytes: number): Promise<ReadBody>;
}

function readsItself(response: object): response is SelfReading {
  return readMark in response;
}

/** Whether a value has the parts of a Response that are used here. It may come from another realm or library. */
export function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  // Do not read its headers, because creating them takes time.
  if (readsItself(value)) return true;
  const headers: unknown = Reflect.get(value, 'headers');
  const hasHeaders = typeof headers === 'object' && headers !== null && 'get' in headers && Symbol.iterator in headers;
  return hasHeaders && typeof Reflect.get(value, 'status') === 'number' && 'text' in value;
}

/** The chunks as one array. A single chunk is copied only if it is part of a larger buffer, which it would keep in memory. */
function joined(chunks: readonly Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  const [first] = chunks;
  // The chunk may be a Buffer, whose slice() does not copy.
  if (chunks.length === 1 && first?.buffer.byteLength === size) return new Uint8Array(first.buffer);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The bytes of another kind of view. The stream of a caller's own Response may consist of such views. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Reads a stream to its end, or up to `maxBytes`. Counts the bytes, because the headers may state a wrong size. */
async function readStream(body: ReadableStream<Uint8Array<ArrayBuffer>>, maxBytes: number): Promise<ReadBody> {
  const reader = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(chunks, size), cut: false };
    if (!ArrayBuffer.isView(value))
      throw new TypeError('the response body must be a stream of bytes; check the `fetch` option');
    const chunk = value instanceof Uint8Array ? value : bytesOf(value);
    const cut = size + chunk.length > maxBytes;
    chunks.push(cut ? chunk.subarray(0, maxBytes - size) : chunk);
    size += chunk.length;
    if (!cut) continue;
    // Do not wait for this: the rest may never end.
    reader.cancel().catch(() => undefined);
    return { bytes: joined(chunks, maxBytes), cut: true };
  }
}

/** Reads a body that is not a stream: a caller's own Response may have only functions such as text(). */
async function readWhole(response: Response, isText: boolean): Promise<ReadBody> {
  const bytes = isText ? utf8Bytes(await response.text()) : new Uint8Array(await response.arrayBuffer());
  return { bytes, cut: false };
}

function read(response: Response, maxBytes: number, isText: boolean): Promise<ReadBody> {
  if (readsItself(response)) return response[readMark](maxBytes);
  const { body } = response;
  return isStream(body) ? readStream(body, maxBytes) : readWhole(response, isText);
}

/** The bytes of a body, at most `maxBytes` of them. */
export function readBytes(response: Response, maxBytes: number): Promise<ReadBody> {
  return read(response, maxBytes, false);
}

/** The text of a body, or its beginning. */
interface ReadText {
  readonly text: string;
  readonly cut: boolean;
}

/** Whether a body is a stream. React Native has no streams. */
function isStream(body: unknown): body is ReadableStream<Uint8Array<ArrayBuffer>> {
  return typeof ReadableStream === 'function' && body instanceof ReadableStream;
}

/** The bytes of a text body, at most `maxBytes` of them. On Node, reading the stream is faster than `text()`. */
export function readTextBytes(response: Response, maxBytes: number): Promise<ReadBody> {
  return read(response, maxBytes, true);
}

/** The text of a body, at most `maxBytes` of it. */
export async function readText(response: Response, maxBytes: number): Promise<ReadText> {
  const { bytes, cut } = await readTextBytes(response, maxBytes);
  return { text: utf8Text(bytes), cut };
}

/** Cancels a body that will not be read, to free its connection. */
export function discard({ body }: Response): void {
  // The body of a caller's own Response may not be a stream.
  if (isStream(body) && !body.locked) body.cancel().catch(() => undefined);
}

/** Detects streams that were garbage-collected. Created on first use, because some runtimes do not have it. */
let forgotten: FinalizationRegistry<() => void> | undefined;

/** Runs `act` when the stream has been garbage-collected. */
function onForgotten(stream: object, act: () => void): void {
  if (typeof FinalizationRegistry !== 'function') return;
  forgotten ??= new FinalizationRegistry((each) => each());
  forgotten.register(stream, act);
}

/**
 * A copy of a Response that calls `release` when its body is no longer used: at its end, after a failure or a cancel, or when it was
 * garbage-collected.
 */
export function withRelease(response: Response, release: () => void): Response {
  const { body, status, statusText, headers, url } = response;
  // The body of a caller's own Response may not be a stream. Its end cannot be detected.
  if (!isStream(body)) {
    release();
    return response;
  }
  const reader = body.getReader();
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        release();
        controller.close();
      } catch (error) {
        release();
        controller.error(error);
      }
    },
    cancel(reason) {
      release();
      return reader.cancel(reason);
    },
  });
  onForgotten(watched, () => {
    release();
    reader.cancel().catch(() => undefined);
  });
  const copy = new Response(watched, { status, statusText, headers: copyHeaders(headers) });
  return Object.defineProperty(copy, 'url', { value: url });
}
