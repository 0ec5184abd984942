/** Reading bodies, never more of them than wanted. */
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { copyHeaders } from './headers.ts';
import { readMark } from './own-transport.ts';

/** A body, or the beginning of it. */
export interface ReadBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether there was more than was wanted. */
  readonly cut: boolean;
}

/** A response that knows how to read itself up to a bound; faster than a stream. */
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

/** What was read of a stream. */
interface Chunks {
  readonly chunks: readonly Uint8Array[];
  /** Unit: bytes. */
  readonly size: number;
  readonly cut: boolean;
}

/** The bytes of a view of another kind, which a stream of a caller's own may consist of. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Reads a stream to its end, or up to `maxBytes`. The bytes are counted, because no header can be trusted to tell how many there are. */
async function readStream(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Chunks> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return { chunks, size, cut: false };
    if (!ArrayBuffer.isView(value)) throw new TypeError('the body is made of something else than bytes');
    const chunk = value instanceof Uint8Array ? value : bytesOf(value);
    const cut = size + chunk.length > maxBytes;
    chunks.push(cut ? chunk.subarray(0, maxBytes - size) : chunk);
    size += chunk.length;
    if (!cut) continue;
    // Nobody waits for the rest: it may never end.
    reader.cancel().catch(() => undefined);
    return { chunks, size: maxBytes, cut: true };
  }
}

/** The bytes of a body, at most `maxBytes` of them. */
export async function readBytes(response: Response, maxBytes: number): Promise<ReadBody> {
  if (readsItself(response)) return response[readMark](maxBytes);
  const { body } = response;
  // A Response of a caller's own may have nothing but text() and its like.
  if (!isStream(body)) return { bytes: new Uint8Array(await response.arrayBuffer()), cut: false };
  const { chunks, size, cut } = await readStream(body, maxBytes);
  return { bytes: joined(chunks, size), cut };
}

/** Text of a body, or the beginning of it. */
interface ReadText {
  readonly text: string;
  readonly cut: boolean;
}

/** React Native has no streams, and gives bodies without one. */
function isStream(body: unknown): body is ReadableStream<Uint8Array> {
  return typeof ReadableStream === 'function' && body instanceof ReadableStream;
}

/** The bytes of a body that is text, at most `maxBytes` of them. On Node, reading the stream takes less time than `text()`. */
export async function readTextBytes(response: Response, maxBytes: number): Promise<ReadBody> {
  if (readsItself(response) || isStream(response.body)) return readBytes(response, maxBytes);
  return { bytes: utf8Bytes(await response.text()), cut: false };
}

/** The text of a body, at most `maxBytes` of it. */
export async function readText(response: Response, maxBytes: number): Promise<ReadText> {
  const { bytes, cut } = await readTextBytes(response, maxBytes);
  return { text: utf8Text(bytes), cut };
}

/** Lets go of a body that nobody will read, so that its connection is free again. */
export function discard({ body }: Response): void {
  // A Response of a caller's own may have a body of another kind.
  if (isStream(body) && !body.locked) body.cancel().catch(() => undefined);
}

/** Bodies that nobody holds any more will not be read to their end. Made when it is needed: not every runtime has it. */
let forgotten: FinalizationRegistry<() => void> | undefined;

/** Runs `act` when nobody holds the stream any more. */
function onForgotten(stream: object, act: () => void): void {
  if (typeof FinalizationRegistry !== 'function') return;
  forgotten ??= new FinalizationRegistry((each) => each());
  forgotten.register(stream, act);
}

/**
 * A Response with the same answer whose body says when it is done with. `release` runs at its end, failure or cancel, or when nobody holds
 * it any more.
 */
export function withRelease(response: Response, release: () => void): Response {
  const { body, status, statusText, headers, url } = response;
  // A Response of a caller's own may have a body of another kind, whose end nobody can tell.
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
