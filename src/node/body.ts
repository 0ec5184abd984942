/** The body of an answer, on its way from the connection to whoever reads it. */

/** Where a body comes from. */
export interface BodySource {
  /** More is wanted, after a pause. */
  resume(): void;
  /** Nobody wants the rest. */
  drop(): void;
}

/** Who reads a body piece by piece. */
export interface BodyReader {
  /** False when that is enough until `more()` is called. */
  chunk(chunk: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** A stream that nobody holds any more will not be read to its end. */
const forgotten = new FinalizationRegistry((body: IncomingBody) => body.drop());

/** How much is kept of a body that nobody reads. Unit: bytes. */
const unreadLimitBytes = 64 * 1024;

/** Smaller pieces are copied together, into blocks of this size. Unit: bytes. */
const smallBytes = 4 * 1024;
const blockBytes = 16 * 1024;

/**
 * Pieces of a body, in order. A piece is a slice of a read buffer that may be much larger, and keeps all of it in memory; so from the
 * second on, small ones are copied together.
 */
class Pieces {
  readonly list: Uint8Array[] = [];
  /** How much they are together. Unit: bytes. */
  size = 0;
  /** The last piece, if more can be copied behind it. */
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
    // It takes the place of the last piece, which it has all of, or follows it.
    if (hasRoom) this.list.pop();
    this.list.push(this.#tail);
  }

  take(): Uint8Array | undefined {
    const piece = this.list.shift();
    this.size -= piece?.byteLength ?? 0;
    return piece;
  }
}

/** Text as fetch decodes it: UTF-8, without the byte order mark. */
export function textOf(bytes: Buffer): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', hasMark ? 3 : 0);
}

/** A body that was read, or the beginning of it. */
export interface WholeBody {
  readonly bytes: Buffer;
  /** Whether there was more than was wanted. */
  readonly cut: boolean;
}

/** The pieces in one, at most `mostBytes` of them. */
function joined(chunks: readonly Uint8Array[], mostBytes: number): WholeBody {
  const [first] = chunks;
  const alone = chunks.length === 1 && first !== undefined;
  const bytes = alone ? Buffer.from(first.buffer, first.byteOffset, first.byteLength) : Buffer.concat(chunks);
  const cut = bytes.length > mostBytes;
  return { bytes: cut ? bytes.subarray(0, mostBytes) : bytes, cut };
}

/** Passes a body on to a stream. Holds the stream only while somebody waits for it, so that a forgotten one can be noticed. */
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
    // A copy: streams of bytes take the whole memory that a piece may share with others.
    controller?.enqueue(new Uint8Array(piece));
    return false;
  }

  end(): void {
    const controller = this.#taken();
    controller?.close();
    // A reader that brought its own buffer is told in its own way.
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

/** A body. It has one reader, which may come late. */
export class IncomingBody {
  readonly #source: BodySource;
  #state: 'open' | 'ended' | 'failed' | 'done' = 'open';
  #error: unknown;
  /** Pieces that nobody asked for yet. */
  #pieces = new Pieces();
  #paused = false;
  #reader: BodyReader | undefined;
  #wanted = false;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** A body that is complete. */
  static of(bytes: Uint8Array): IncomingBody {
    const body = new IncomingBody({ resume: () => undefined, drop: () => undefined });
    body.push(bytes);
    body.end();
    return body;
  }

  /** Whether all of it has come, and nobody reads it, and it is no larger than this. Unit: bytes. */
  isAtHand(mostBytes: number): boolean {
    return this.#state === 'ended' && this.#reader === undefined && this.#pieces.size <= mostBytes;
  }

  /** Whether somebody reads it. */
  get claimed(): boolean {
    return this.#reader !== undefined;
  }

  /** Whether somebody waits for the next piece. */
  get awaited(): boolean {
    return this.claimed && this.#wanted;
  }

  /** Takes a piece from the source; false when the source has to pause until it is told to resume. */
  push(chunk: Uint8Array): boolean {
    // Undici has empty ones after a pause; streams of bytes do not take them.
    if (chunk.byteLength === 0) return !this.#paused;
    if (this.#wanted && this.#reader !== undefined) {
      this.#wanted = this.#reader.chunk(chunk);
      return true;
    }
    this.#pieces.add(chunk);
    this.#paused = this.#pieces.size >= unreadLimitBytes;
    return !this.#paused;
  }

  /** The source is at its end. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    if (this.#pieces.size === 0) this.#finish();
  }

  /** The source failed; what had come is of no use. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#error = error;
    this.#pieces = new Pieces();
    this.#finish();
  }

  /** Names the reader. No piece comes before it calls `more()`. */
  claim(reader: BodyReader): void {
    this.#reader = reader;
    if (this.#pieces.size === 0) this.#finish();
  }

  /** The reader is ready for the next piece. */
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

  /** The reader wants no more. */
  drop(): void {
    const wasOpen = this.#state === 'open';
    this.#state = 'done';
    this.#pieces = new Pieces();
    if (wasOpen) this.#source.drop();
  }

  /** Reads all of it, or until there is more than `mostBytes`; nobody waits for the rest then. */
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

  /** Reads it as a stream, no faster than the stream is read. */
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

  /** Tells the reader how it ended, once. */
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
