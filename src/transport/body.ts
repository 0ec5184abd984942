/** Reading bodies, never more of them than wanted. */
import { copyHeaders } from './headers.ts';
import { readMark } from './own-transport.ts';

const utf8 = new TextDecoder();

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
    const part = at + chunk.length > size ? chunk.subarray(0, size - at) : chunk;
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function readStream(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<ReadBody> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(chunks, size), cut: false };
    if (!ArrayBuffer.isView(value)) throw new TypeError('the body is made of something else than bytes');
    chunks.push(value);
    size += value.length;
    if (size <= maxBytes) continue;
    // Nobody waits for the rest: it may never end.
    reader.cancel().catch(() => undefined);
    return { bytes: joined(chunks, maxBytes), cut: true };
  }
}

/** The length of a body that is said beforehand and cannot grow by unpacking. Unit: bytes. */
function lengthOf({ headers, type }: Response): number | undefined {
  // A page is not shown the encoding of another origin.
  if (type === 'cors' || headers.get('content-encoding') !== null) return undefined;
  const text = headers.get('content-length');
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Whether the body can be read in one go without a look at its size. */
function isSmall(response: Response, maxBytes: number): boolean {
  // A Response of a caller's own may have nothing but text() and its like.
  if (!(response.body instanceof ReadableStream)) return true;
  const length = lengthOf(response);
  return length !== undefined && length <= maxBytes;
}

/** The bytes of a body, at most `maxBytes` of them. */
export async function readBytes(response: Response, maxBytes: number): Promise<ReadBody> {
  if (readsItself(response)) return response[readMark](maxBytes);
  if (!isSmall(response, maxBytes) && response.body !== null) return readStream(response.body, maxBytes);
  return { bytes: new Uint8Array(await response.arrayBuffer()), cut: false };
}

/** The text of a body, at most `maxBytes` of it. */
export async function readText(
  response: Response,
  maxBytes: number,
): Promise<{ readonly text: string; readonly cut: boolean }> {
  if (!readsItself(response) && isSmall(response, maxBytes)) return { text: await response.text(), cut: false };
  const { bytes, cut } = await readBytes(response, maxBytes);
  return { text: utf8.decode(bytes), cut };
}

/** Lets go of a body that nobody will read, so that its connection is free again. */
export function discard({ body }: Response): void {
  // A Response of a caller's own may have a body of another kind.
  if (body instanceof ReadableStream && !body.locked) body.cancel().catch(() => undefined);
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
  if (!(body instanceof ReadableStream)) {
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
