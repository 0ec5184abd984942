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

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The part of a stream that was read. */
interface Chunks {
  readonly chunks: readonly Uint8Array[];
  /** Unit: bytes. */
  readonly size: number;
  readonly cut: boolean;
}

/** The bytes of another kind of view. The stream of a caller's own Response may consist of such views. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Reads a stream to its end, or up to `maxBytes`. Counts the bytes, because the headers may state a wrong size. */
async function readStream(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Chunks> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return { chunks, size, cut: false };
    if (!ArrayBuffer.isView(value))
      throw new TypeError('the response body must be a stream of bytes; check the `fetch` option');
    const chunk = value instanceof Uint8Array ? value : bytesOf(value);
    const cut = size + chunk.length > maxBytes;
    chunks.push(cut ? chunk.subarray(0, maxBytes - size) : chunk);
    size += chunk.length;
    if (!cut) continue;
    // Do not wait for this: the rest may never end.
    reader.cancel().catch(() => undefined);
    return { chunks, size: maxBytes, cut: true };
  }
}

/** The bytes of a body, at most `maxBytes` of them. */
export async function readBytes(response: Response, maxBytes: number): Promise<ReadBody> {
  if (readsItself(response)) return response[readMark](maxBytes);
  const { body } = response;
  // A caller's own Response may have only functions such as text().
  if (!isStream(body)) return { bytes: new Uint8Array(await response.arrayBuffer()), cut: false };
  const { chunks, size, cut } = await readStream(body, maxBytes);
  return { bytes: joined(chunks, size), cut };
}

/** The text of a body, or its beginning. */
interface ReadText {
  readonly text: string;
  readonly cut: boolean;
}

/** Whether a body is a stream. React Native has no streams. */
function isStream(body: unknown): body is ReadableStream<Uint8Array> {
  return typeof ReadableStream === 'function' && body instanceof ReadableStream;
}

/** The bytes of a text body, at most `maxBytes` of them. On Node, reading the stream is faster than `text()`. */
export async function readTextBytes(response: Response, maxBytes: number): Promise<ReadBody> {
  if (readsItself(response) || isStream(response.body)) return readBytes(response, maxBytes);
  return { bytes: utf8Bytes(await response.text()), cut: false };
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
