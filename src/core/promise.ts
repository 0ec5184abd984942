import { copyHeaders } from '../transport/headers.ts';
import type { Reply } from '../transport/types.ts';

/** What is known about an answer besides its data. */
export interface ResponseInfo {
  /** HTTP status. */
  readonly status: number;
  /** Headers of the answer. */
  readonly headers: Headers;
  /** `X-Request-Id` of the answer, to quote to support; absent when it had none. */
  readonly requestId: string | undefined;
  /** URL that answered. */
  readonly url: string;
  /** How many attempts it took. Unit: count. */
  readonly attempts: number;
  /** How long the last attempt took, body included. Unit: ms. */
  readonly durationMs: number;
  /** Body as the API sent it; empty for downloads. */
  readonly text: string;
}

/** Data and answer of one call. */
export interface WithResponse<Data> {
  /** What awaiting the call gives. */
  readonly data: Data;
  /** The answer that it came in. */
  readonly response: ResponseInfo;
}

/** A decoded answer. */
export interface Answer {
  readonly value: unknown;
  readonly reply: Reply;
  /** Set when there was nothing left to do, because an earlier attempt of the same call had got through after all. */
  readonly doneBefore?: boolean;
}

/** How an OctaPromise gets its answer: `unread` leaves the body to the caller. */
export interface Source<Data> {
  send(unread: boolean): Promise<Answer>;
  /** Decodes an answer whose body was left unread, when the data is asked for after all. */
  read(answer: Answer): Promise<Answer>;
  /** The method's result from the decoded value. */
  result(answer: Answer): Data | Promise<Data>;
}

function infoOf({ status, headers, url, attempt, durationMs, text }: Reply): ResponseInfo {
  return {
    status,
    headers,
    requestId: headers.get('x-request-id') ?? undefined,
    url,
    attempts: attempt,
    durationMs,
    text,
  };
}

/** Whether a Response of this status may hold no body, not even an empty one. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** A Response for an answer whose body was read already. */
export function rebuildResponse({ status, headers, text, bytes }: Reply): Response {
  const body = hasNoBody(status) ? null : (bytes ?? text);
  return new Response(body, { status, headers: copyHeaders(headers) });
}

/**
 * The result of every call. Await it for the data; `withResponse()` adds status, headers and request id;
 * `asResponse()` gives the raw Response. The request is sent once, however often it is read.
 */
export class OctaPromise<Data> implements Promise<Data> {
  readonly #source: Source<Data>;
  readonly #answer: Promise<Answer>;
  #unread = false;
  #sent = false;
  #decoded: Promise<Answer> | undefined;
  #result: Promise<Data> | undefined;

  /** @internal */
  constructor(source: Source<Data>) {
    this.#source = source;
    // A microtask later, so that asResponse() can still say that the body is not to be read.
    this.#answer = Promise.resolve().then(() => {
      this.#sent = true;
      return source.send(this.#unread);
    });
  }

  /** What it is called where it is printed. */
  get [Symbol.toStringTag](): string {
    return 'OctaPromise';
  }

  #decode(): Promise<Answer> {
    this.#decoded ??= this.#answer.then((answer) => (this.#unread ? this.#source.read(answer) : answer));
    return this.#decoded;
  }

  #data(): Promise<Data> {
    this.#result ??= this.#answer.then((answer) =>
      this.#unread ? this.#decode().then((decoded) => this.#source.result(decoded)) : this.#source.result(answer),
    );
    return this.#result;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  then<Result1 = Data, Result2 = never>(
    onfulfilled?: ((data: Data) => Result1 | PromiseLike<Result1>) | null,
    onrejected?: ((reason: unknown) => Result2 | PromiseLike<Result2>) | null,
  ): Promise<Result1 | Result2> {
    return this.#data().then(onfulfilled, onrejected);
  }

  catch<Result = never>(
    onrejected?: ((reason: unknown) => Result | PromiseLike<Result>) | null,
  ): Promise<Data | Result> {
    return this.#data().catch(onrejected);
  }

  finally(onfinally?: (() => void) | null): Promise<Data> {
    return this.#data().finally(onfinally);
  }

  /** The data together with what is known about the answer. */
  async withResponse(): Promise<WithResponse<Data>> {
    const data = await this.#data();
    const { reply } = await this.#decode();
    return { data, response: infoOf(reply) };
  }

  /**
   * The Response itself, for headers or for streaming a download. Asked for right away, its body is still unread and
   * no longer under `timeoutMs`; asked for later, it is rebuilt from what was read. Error statuses throw as ever.
   */
  async asResponse(): Promise<Response> {
    if (!this.#sent) this.#unread = true;
    const { reply } = await this.#answer;
    return this.#unread ? reply.response : rebuildResponse(reply);
  }
}
