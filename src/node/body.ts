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

/** How much is kept of a body that nobody reads. Unit: bytes. */
const unreadLimitBytes = 64 * 1024;

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

/** A body. It has one reader, which may come late. */
export class IncomingBody {
  readonly #source: BodySource;
  #state: 'open' | 'ended' | 'failed' | 'done' = 'open';
  #error: unknown;
  /** Pieces that nobody asked for yet. */
  #chunks: Uint8Array[] = [];
  #size = 0;
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
    return this.#state === 'ended' && this.#reader === undefined && this.#size <= mostBytes;
  }

  /** Whether somebody reads it. */
  get claimed(): boolean {
    return this.#reader !== undefined;
  }

  /** Takes a piece from the source; false when the source has to pause until it is told to resume. */
  push(chunk: Uint8Array): boolean {
    // Undici has empty ones after a pause; streams of bytes do not take them.
    if (chunk.byteLength === 0) return !this.#paused;
    if (this.#wanted && this.#reader !== undefined) {
      this.#wanted = this.#reader.chunk(chunk);
      return true;
    }
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    this.#paused = this.#size >= unreadLimitBytes;
    return !this.#paused;
  }

  /** The source is at its end. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    if (this.#chunks.length === 0) this.#finish();
  }

  /** The source failed; what had come is of no use. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#error = error;
    this.#chunks = [];
    this.#finish();
  }

  /** Names the reader. No piece comes before it calls `more()`. */
  claim(reader: BodyReader): void {
    this.#reader = reader;
    if (this.#chunks.length === 0) this.#finish();
  }

  /** The reader is ready for the next piece. */
  more(): void {
    this.#wanted = true;
    for (let next = this.#chunks.shift(); next !== undefined; next = this.#chunks.shift()) {
      this.#size -= next.byteLength;
      this.#wanted = this.#reader?.chunk(next) ?? true;
      if (!this.#wanted) break;
    }
    if (this.#chunks.length > 0) return;
    this.#finish();
    if (!this.#paused || this.#state !== 'open') return;
    this.#paused = false;
    this.#source.resume();
  }

  /** The reader wants no more. */
  drop(): void {
    const wasOpen = this.#state === 'open';
    this.#state = 'done';
    this.#chunks = [];
    if (wasOpen) this.#source.drop();
  }

  /** Reads all of it, or until there is more than `mostBytes`; nobody waits for the rest then. */
  collect(mostBytes: number): Promise<WholeBody> {
    return new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      const end = () => resolve(joined(chunks, mostBytes));
      const chunk = (piece: Uint8Array) => {
        chunks.push(piece);
        size += piece.byteLength;
        if (size <= mostBytes) return true;
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
    return new ReadableStream(
      {
        type: 'bytes',
        start: (controller) => {
          const end = () => {
            controller.close();
            // A reader that brought its own buffer is told in its own way.
            controller.byobRequest?.respond(0);
          };
          const chunk = (piece: Uint8Array) => {
            // A copy: streams of bytes take the whole memory that a piece may share with others.
            controller.enqueue(new Uint8Array(piece));
            return false;
          };
          this.claim({ chunk, end, fail: (error) => controller.error(error) });
        },
        pull: () => this.more(),
        cancel: () => this.drop(),
      },
      { highWaterMark: 0 },
    );
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
