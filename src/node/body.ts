/** The body of a response, between the connection and its reader. */

/** The source of a body. */
export interface BodySource {
  /** Continues after a pause. */
  resume(): void;
  /** Called if the rest is not needed. */
  drop(): void;
}

/** Reads a body piece by piece. */
export interface BodyReader {
  /** Receives a piece. Returns false to pause until `more()` is called. */
  chunk(chunk: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** Drops the body of a stream that was garbage-collected before it was read to its end. */
const forgotten = new FinalizationRegistry((body: IncomingBody) => body.drop());

/** How much of an unread body is buffered. Unit: bytes. */
const unreadLimitBytes = 64 * 1024;

/** Pieces smaller than `smallBytes` are copied into blocks of `blockBytes`. Unit: bytes. */
const smallBytes = 4 * 1024;
const blockBytes = 16 * 1024;

/**
 * Pieces of a body, in order. A piece is a slice of a read buffer, and keeps the whole buffer in memory, which may be much larger. So
 * small pieces after the first are copied into blocks.
 */
class Pieces {
  readonly list: Uint8Array[] = [];
  /** Total size. Unit: bytes. */
  size = 0;
  /** The last piece, if more data can be appended to its block. */
  #tail: Uint8Array | undefined;

  add(piece: Uint8Array): void {
    this.size += piece.byteLength;
    const last = this.list.at(-1);
    if (last === undefined || piece.byteLength >= smallBytes) {
      this.list.push(piece);
      return;
    }
    const hasRoom = this.#tail === last && last.byteLength + piece.byteLength <= blockBytes;
    const block = hasRoom ? last.buffer : new ArrayBuffer(blockBytes);
    const from = hasRoom ? last.byteLength : 0;
    new Uint8Array(block).set(piece, from);
    this.#tail = new Uint8Array(block, 0, from + piece.byteLength);
    // The new tail contains the last piece and replaces it, or starts a new block after it.
    if (hasRoom) this.list.pop();
    this.list.push(this.#tail);
  }

  take(): Uint8Array | undefined {
    const piece = this.list.shift();
    this.size -= piece?.byteLength ?? 0;
    return piece;
  }
}

/** Decodes text as fetch does: UTF-8, without the byte order mark. */
export function textOf(bytes: Buffer): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', hasMark ? 3 : 0);
}

/** A body, or its beginning. */
export interface WholeBody {
  readonly bytes: Buffer;
  /** Whether the body was longer than the maximum. */
  readonly cut: boolean;
}

/** Joins the pieces, up to `mostBytes`. */
function joined(chunks: readonly Uint8Array[], mostBytes: number): WholeBody {
  const [first] = chunks;
  const alone = chunks.length === 1 && first !== undefined;
  const bytes = alone ? Buffer.from(first.buffer, first.byteOffset, first.byteLength) : Buffer.concat(chunks);
  const cut = bytes.length > mostBytes;
  return { bytes: cut ? bytes.subarray(0, mostBytes) : bytes, cut };
}

/** Passes a body to a stream. References the stream only while a read is pending, so that a forgotten stream can be garbage-collected. */
class StreamReader implements BodyReader {
  #controller: WeakRef<ReadableByteStreamController> | undefined;
  #waiting: ReadableByteStreamController | undefined;

  attach(controller: ReadableByteStreamController): void {
    this.#controller = new WeakRef(controller);
  }

  asked(controller: ReadableByteStreamController): void {
    this.#waiting = controller;
  }

  chunk(piece: Uint8Array): boolean {
    const controller = this.#taken();
    // A copy: byte streams transfer the whole buffer, which other pieces may share.
    controller?.enqueue(new Uint8Array(piece));
    return false;
  }

  end(): void {
    const controller = this.#taken();
    controller?.close();
    // A read with its own buffer (BYOB) must be completed separately.
    controller?.byobRequest?.respond(0);
  }

  fail(error: unknown): void {
    this.#taken()?.error(error);
  }

  #taken(): ReadableByteStreamController | undefined {
    const controller = this.#waiting ?? this.#controller?.deref();
    this.#waiting = undefined;
    return controller;
  }
}

/** A body. It has one reader, which can be attached late. */
export class IncomingBody {
  readonly #source: BodySource;
  #state: 'open' | 'ended' | 'failed' | 'done' = 'open';
  #error: unknown;
  /** Pieces that were not requested yet. */
  #pieces = new Pieces();
  #paused = false;
  #reader: BodyReader | undefined;
  #wanted = false;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** A complete body. */
  static of(bytes: Uint8Array): IncomingBody {
    const body = new IncomingBody({ resume: () => undefined, drop: () => undefined });
    body.push(bytes);
    body.end();
    return body;
  }

  /** Whether the whole body has arrived, has no reader, and has at most `mostBytes` bytes. */
  isAtHand(mostBytes: number): boolean {
    return this.#state === 'ended' && this.#reader === undefined && this.#pieces.size <= mostBytes;
  }

  /** Whether it has a reader. */
  get claimed(): boolean {
    return this.#reader !== undefined;
  }

  /** Whether its reader waits for the next piece. */
  get awaited(): boolean {
    return this.claimed && this.#wanted;
  }

  /** Adds a piece from the source. Returns false if the source must pause until `resume` is called. */
  push(chunk: Uint8Array): boolean {
    // Undici sends empty pieces after a pause, which byte streams reject.
    if (chunk.byteLength === 0) return !this.#paused;
    if (this.#wanted && this.#reader !== undefined) {
      this.#wanted = this.#reader.chunk(chunk);
      return true;
    }
    this.#pieces.add(chunk);
    this.#paused = this.#pieces.size >= unreadLimitBytes;
    return !this.#paused;
  }

  /** Called when the source has ended. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    if (this.#pieces.size === 0) this.#finish();
  }

  /** Called when the source failed. Discards the received data. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#error = error;
    this.#pieces = new Pieces();
    this.#finish();
  }

  /** Sets the reader. It receives no piece before `more()` is called. */
  claim(reader: BodyReader): void {
    this.#reader = reader;
    if (this.#pieces.size === 0) this.#finish();
  }

  /** Called when the reader is ready for the next piece. */
  more(): void {
    this.#wanted = true;
    for (let next = this.#pieces.take(); next !== undefined; next = this.#pieces.take()) {
      this.#wanted = this.#reader?.chunk(next) ?? true;
      if (!this.#wanted) break;
    }
    if (this.#pieces.size > 0) return;
    this.#finish();
    if (!this.#paused || this.#state !== 'open') return;
    this.#paused = false;
    this.#source.resume();
  }

  /** Called when the rest is not needed. */
  drop(): void {
    const wasOpen = this.#state === 'open';
    this.#state = 'done';
    this.#pieces = new Pieces();
    if (wasOpen) this.#source.drop();
  }

  /** Reads the whole body, or its first `mostBytes` bytes; then the rest is dropped. */
  collect(mostBytes: number): Promise<WholeBody> {
    return new Promise((resolve, reject) => {
      const pieces = new Pieces();
      const end = () => resolve(joined(pieces.list, mostBytes));
      const chunk = (piece: Uint8Array) => {
        pieces.add(piece);
        if (pieces.size <= mostBytes) return true;
        this.drop();
        end();
        return false;
      };
      this.claim({ chunk, end, fail: reject });
      this.more();
    });
  }

  /** Returns the body as a stream. The source is read only as fast as the stream. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const reader = new StreamReader();
    const stream = new ReadableStream(
      {
        type: 'bytes',
        start: (controller) => {
          reader.attach(controller);
          this.claim(reader);
        },
        pull: (controller) => {
          reader.asked(controller);
          this.more();
        },
        cancel: () => this.drop(),
      },
      { highWaterMark: 0 },
    );
    forgotten.register(stream, this);
    return stream;
  }

  /** Notifies the reader of the end or the failure, once. */
  #finish(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    if (this.#state === 'ended') {
      this.#state = 'done';
      reader.end();
    } else if (this.#state === 'failed') {
      this.#state = 'done';
      reader.fail(this.#error);
    }
  }
}
