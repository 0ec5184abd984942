/** Content encodings: decompresses bodies while they are read. */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { IncomingBody, type WholeBody } from './body.ts';
import { codedError } from './coded-error.ts';

/** The default `accept-encoding`. */
export const acceptEncoding = 'gzip, deflate, br';

/** Maximum number of encodings. More than one is rare, and a long list may be an attack. */
const mostEncodings = 5;
/** Small bodies are decompressed synchronously, which takes a tenth of the time. Unit: bytes, packed and unpacked. */
const smallBytes = 16 * 1024;
const smallUnpackedBytes = 256 * 1024;
const bounded = { maxOutputLength: smallUnpackedBytes };

interface Encoding {
  /** Creates a stream. `first` is the first piece of the body. */
  readonly unpacker: (first: Uint8Array) => Transform;
  /** Decompresses the whole body synchronously. */
  readonly unpack: (bytes: Buffer) => Buffer;
}

/** Whether deflate data has the frame that the standard requires; some servers omit it. The first byte shows this. */
function isFramed([first = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

const gzip: Encoding = {
  unpacker: () => zlib.createGunzip(),
  unpack: (bytes) => zlib.gunzipSync(bytes, bounded),
};
const deflate: Encoding = {
  unpacker: (first) => (isFramed(first) ? zlib.createInflate() : zlib.createInflateRaw()),
  unpack: (bytes) => (isFramed(bytes) ? zlib.inflateSync : zlib.inflateRawSync)(bytes, bounded),
};
const br: Encoding = {
  unpacker: () => zlib.createBrotliDecompress(),
  unpack: (bytes) => zlib.brotliDecompressSync(bytes, bounded),
};
const encodings = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  ['br', br],
]);

/** The encodings to undo, last one first; none if any is unknown. Throws if there are too many. */
function encodingsIn(header: string): Encoding[] {
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  const found = names.filter((name) => name !== '' && name !== 'identity').map((name) => encodings.get(name));
  const known = found.filter((encoding) => encoding !== undefined);
  if (known.length > mostEncodings) {
    throw codedError(
      'OCTA_UNKNOWN_ENCODING',
      `the body has ${known.length} content encodings; at most ${mostEncodings} are supported`,
    );
  }
  // Unknown names are ignored, as in fetch: some servers send names that are not a compression, such as "none" or "utf-8".
  return known.length === found.length ? known.reverse() : [];
}

/** Decompresses a body while it is read, and not faster. */
function unpacked(packed: IncomingBody, { unpacker }: Encoding): IncomingBody {
  let transform: Transform | undefined;
  const drop = () => {
    transform?.destroy();
    packed.drop();
  };
  const body = new IncomingBody({ resume: () => transform?.resume(), drop });
  const begin = (first: Uint8Array): Transform => {
    const made = unpacker(first);
    made.on('data', (piece: Buffer) => {
      if (!body.push(piece)) made.pause();
    });
    made.on('end', () => body.end());
    made.on('drain', () => packed.more());
    made.on('error', (error) => {
      drop();
      body.fail(error);
    });
    return made;
  };
  packed.claim({
    chunk: (piece) => {
      transform ??= begin(piece);
      return transform.write(piece);
    },
    // An empty body is not compressed.
    end: () => (transform === undefined ? body.end() : transform.end()),
    fail: (error) => {
      transform?.destroy();
      body.fail(error);
    },
  });
  packed.more();
  return body;
}

/** A body that fails with an error. */
function failed(error: unknown): IncomingBody {
  const body = new IncomingBody({ resume: () => undefined, drop: () => undefined });
  body.fail(error);
  return body;
}

/** Decompresses a small body; undefined if it turns out to be large. */
function unpackSmall(bytes: Buffer, header: string): IncomingBody | undefined {
  const list = encodingsIn(header);
  if (bytes.length === 0) return IncomingBody.of(bytes);
  try {
    return IncomingBody.of(list.reduce((rest, { unpack }) => unpack(rest), bytes));
  } catch (error) {
    if (isTooLarge(error)) return undefined;
    throw error;
  }
}

/** The decompressed body. `header` is the `content-encoding` of the response. */
export function decoded(packed: IncomingBody, header: string): IncomingBody {
  try {
    return encodingsIn(header).reduce(unpacked, packed);
  } catch (error) {
    packed.drop();
    return failed(error);
  }
}

/** Reads the whole decompressed body, at most `mostBytes` of it. */
export async function collectDecoded(packed: IncomingBody, header: string, mostBytes: number): Promise<WholeBody> {
  if (!packed.isAtHand(smallBytes)) return decoded(packed, header).collect(mostBytes);
  const { bytes } = await packed.collect(smallBytes);
  return (unpackSmall(bytes, header) ?? decoded(IncomingBody.of(bytes), header)).collect(mostBytes);
}
