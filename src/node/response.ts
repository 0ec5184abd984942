/** A response with the interface of a Response, at a tenth of its cost. */
import { readMark } from '../transport/own-transport.ts';
import { IncomingBody, textOf, type WholeBody } from './body.ts';
import { collectDecoded, decoded } from './decode.ts';

const unbounded = Number.POSITIVE_INFINITY;
const nothing: WholeBody = { bytes: Buffer.alloc(0), cut: false };

type RawHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The parts of a response. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  /** By name in lower case. Several values of one name are an array. */
  readonly headers: RawHeaders;
  /** Undefined if this status or method has no body. */
  readonly body: IncomingBody | undefined;
}

function headersFrom(raw: RawHeaders): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(raw)) {
    for (const value of typeof values === 'string' ? [values] : values) {
      try {
        headers.append(name, value);
      } catch {
        // The value is not valid in a header. The rest of the response is still useful.
      }
    }
  }
  return headers;
}

function encodingOf(raw: RawHeaders): string | undefined {
  const encoding = raw['content-encoding'];
  return encoding === undefined || typeof encoding === 'string' ? encoding : encoding.join(',');
}

/** The bytes in a buffer that contains nothing else. */
function inOwnMemory({ bytes }: WholeBody): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}

/**
 * One response. Status, text and JSON are cheap; a real Response is created only for streams. It is an `instanceof` Response, but parts
 * of the runtime that use internal slots do not accept it.
 */
export class NodeResponse implements Response {
  readonly redirected = false;
  readonly type = 'basic';
  readonly #answer: Answer;
  #headers: Headers | undefined;
  /** The real Response, which has the body once it is requested as a stream. */
  #real: Response | undefined;
  #used = false;

  constructor(answer: Answer, real?: Response) {
    this.#answer = answer;
    this.#real = real;
  }

  get url(): string {
    return this.#answer.url;
  }

  get status(): number {
    return this.#answer.status;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get statusText(): string {
    return this.#answer.statusText;
  }

  get headers(): Headers {
    this.#headers ??= headersFrom(this.#answer.headers);
    return this.#headers;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#asReal().body;
  }

  get bodyUsed(): boolean {
    return this.#real?.bodyUsed ?? this.#used;
  }

  async text(): Promise<string> {
    return textOf((await this.#read(unbounded)).bytes);
  }

  async json(): Promise<unknown> {
    return JSON.parse(textOf((await this.#read(unbounded)).bytes));
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return inOwnMemory(await this.#read(unbounded));
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return inOwnMemory(await this.#read(unbounded)).buffer;
  }

  async blob(): Promise<Blob> {
    return new Blob([inOwnMemory(await this.#read(unbounded))], { type: this.headers.get('content-type') ?? '' });
  }

  async formData(): Promise<FormData> {
    return this.#asReal().formData();
  }

  /** Reads the body up to a maximum size without a stream, for the SDK's core. */
  async [readMark](mostBytes: number): Promise<Readonly<{ bytes: Uint8Array<ArrayBuffer>; cut: boolean }>> {
    const { bytes, cut } = await this.#read(mostBytes);
    const { buffer, byteOffset, byteLength } = bytes;
    // Sockets never read into a SharedArrayBuffer.
    return { bytes: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength), cut };
  }

  clone(): Response {
    const copy = this.#asReal().clone();
    return new NodeResponse(this.#answer, copy);
  }

  async #read(mostBytes: number): Promise<WholeBody> {
    const { body, headers } = this.#answer;
    const real = this.#real;
    if (real !== undefined) return IncomingBody.of(new Uint8Array(await real.arrayBuffer())).collect(mostBytes);
    if (body === undefined) return nothing;
    if (this.#used) throw new TypeError('the body was already read');
    this.#used = true;
    const encoding = encodingOf(headers);
    return encoding === undefined ? body.collect(mostBytes) : collectDecoded(body, encoding, mostBytes);
  }

  #asReal(): Response {
    this.#real ??= new Response(this.#stream(), { headers: this.headers });
    // A body that was read stays read, as in any Response.
    if (this.#used && !this.#real.bodyUsed) this.#real.arrayBuffer().catch(() => undefined);
    return this.#real;
  }

  #stream(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const { body, headers } = this.#answer;
    if (body === undefined) return null;
    if (this.#used) return IncomingBody.of(new Uint8Array()).stream();
    const encoding = encodingOf(headers);
    return (encoding === undefined ? body : decoded(body, encoding)).stream();
  }
}

// Not in a static block, which some build tools do not support.
Object.setPrototypeOf(NodeResponse.prototype, Response.prototype);
