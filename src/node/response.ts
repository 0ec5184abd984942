/** An answer that looks like a Response and costs a tenth of one. */
import { readMark } from '../transport/own-transport.ts';
import { IncomingBody, textOf, type WholeBody } from './body.ts';
import { collectDecoded, decoded } from './decode.ts';

const unbounded = Number.POSITIVE_INFINITY;
const nothing: WholeBody = { bytes: Buffer.alloc(0), cut: false };

type RawHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What an answer is made of. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  /** By name in lower case; several values of one name are a list. */
  readonly headers: RawHeaders;
  /** Absent when this status or method has none. */
  readonly body: IncomingBody | undefined;
}

function headersFrom(raw: RawHeaders): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(raw)) {
    for (const value of typeof values === 'string' ? [values] : values) {
      try {
        headers.append(name, value);
      } catch {
        // A value that no header can carry: the rest of the answer is of use without it.
      }
    }
  }
  return headers;
}

function encodingOf(raw: RawHeaders): string | undefined {
  const encoding = raw['content-encoding'];
  return encoding === undefined || typeof encoding === 'string' ? encoding : encoding.join(',');
}

/** Bytes in memory of their own, with nothing else in it. */
function inOwnMemory({ bytes }: WholeBody): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}

/**
 * One answer. Status, text and JSON cost next to nothing; a real Response is made only for what streams.
 * It is a Response to `instanceof`, though not to those parts of the runtime that look inside.
 */
export class NodeResponse implements Response {
  readonly redirected = false;
  readonly type = 'basic';
  readonly #answer: Answer;
  #headers: Headers | undefined;
  /** Has the body, from when it is asked for as a stream. */
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

  /** Reads the body up to a bound: what the SDK's core does, without a stream. */
  async [readMark](mostBytes: number): Promise<Readonly<{ bytes: Uint8Array<ArrayBuffer>; cut: boolean }>> {
    const { bytes, cut } = await this.#read(mostBytes);
    const { buffer, byteOffset, byteLength } = bytes;
    // Memory that is shared between threads is not among what sockets read into.
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
    // As with any Response, a body that was read stays read.
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

// Not in a static block, which some build tools cannot read.
Object.setPrototypeOf(NodeResponse.prototype, Response.prototype);
