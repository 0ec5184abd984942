import { copyHeaders } from '../transport/headers.ts';
import type { Reply } from '../transport/types.ts';

/** Information about a response besides its data. */
export interface ResponseInfo {
  /** HTTP status. */
  readonly status: number;
  /** Headers of the response. */
  readonly headers: Headers;
  /** `X-Request-Id` of the response, to quote to support; undefined if it had none. */
  readonly requestId: string | undefined;
  /** URL of the request. */
  readonly url: string;
  /** Number of attempts, including the successful one. */
  readonly attempts: number;
  /** Duration of the last attempt, including the body. Unit: ms. */
  readonly durationMs: number;
  /** Body text as the API sent it; empty for downloads. */
  readonly text: string;
}

/** Data and response of one call. */
export interface WithResponse<Data> {
  /** The data, as when the call is awaited. */
  readonly data: Data;
  /** The response that contained it. */
  readonly response: ResponseInfo;
}

/** A decoded response. */
export interface Answer {
  readonly value: unknown;
  readonly reply: Reply;
  /** Set if there was nothing left to do, because an earlier attempt of this call had succeeded after all. */
  readonly doneBefore?: boolean;
}

/** How an OctaPromise gets its response. `unread` leaves the body to the caller. */
export interface Source<Data> {
  send(unread: boolean): Promise<Answer>;
  /** Reads and decodes a response whose body was left unread, if the data is needed after all. */
  read(answer: Answer): Promise<Answer>;
  /** Converts the decoded value to the result of the method. */
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

/** Whether a Response with this status must not have a body, not even an empty one. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** Creates a Response for a reply whose body was already read. */
export function rebuildResponse({ status, headers, text, bytes }: Reply): Response {
  const body = hasNoBody(status) ? null : (bytes ?? text);
  return new Response(body, { status, headers: copyHeaders(headers) });
}

/**
 * The result of every call. Await it for the data. `withResponse()` adds status, headers and request id; `asResponse()` returns the
 * raw Response. The request is sent only once, even if the result is read several times.
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
    this.#answer = this.#send();
  }

  async #send(): Promise<Answer> {
    // Wait one microtask, so that asResponse() can still request an unread body.
    await undefined;
    this.#sent = true;
    return await this.#source.send(this.#unread);
  }

  /** Name of the class when it is printed. */
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

  /** The data together with information about the response. */
  async withResponse(): Promise<WithResponse<Data>> {
    const data = await this.#data();
    const { reply } = await this.#decode();
    return { data, response: infoOf(reply) };
  }

  /**
   * The Response itself, for headers or to stream a download. If you call this immediately, the body is still unread, and `timeoutMs`
   * does not apply to it. If you call it later, the Response is rebuilt from the body that was read. Error statuses throw as usual.
   */
  async asResponse(): Promise<Response> {
    if (!this.#sent) this.#unread = true;
    const { reply } = await this.#answer;
    return this.#unread ? reply.response : rebuildResponse(reply);
  }
}
