/** One request and its response, from the queue for a connection to the last byte. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { SignalLike } from '../transport/light-signal.ts';
import { type BodySource, IncomingBody } from './body.ts';
import { codedError } from './coded-error.ts';
import type { Carried, Connection } from './connection.ts';
import type { Undici } from './load.ts';
import type { ResolvedNodeOptions } from './options.ts';
import type { Pool, Waiter } from './pool.ts';
import type { Outgoing } from './request.ts';
import { NodeResponse } from './response.ts';
import { Watchdog } from './watchdog.ts';

/** The environment of an exchange. One per origin. */
export interface ExchangeTools {
  readonly undici: Undici;
  readonly options: ResolvedNodeOptions;
  readonly pool: Pool<Connection>;
  /** The proxy of this origin. */
  readonly proxy: URL | undefined;
  /** Called when a request is sent again on a new connection, because the idle one was dead. */
  readonly onResend: () => void;
}

/** The arguments of an exchange. */
export interface ExchangeOrder {
  readonly signal: SignalLike | undefined;
  /** Whether it needs a new connection. Other requests may be sent again if an idle connection was dead. */
  readonly fresh: boolean;
  /** Whether a session depends on it, so that it may use additional connections. */
  readonly urgent: boolean;
  readonly resolve: (response: Response) => void;
  readonly reject: (reason: unknown) => void;
  readonly hears: ExchangeListener;
}

/** Callbacks for the progress of an exchange. */
export interface ExchangeListener {
  /** Called when the exchange has ended. */
  readonly onOver: (exchange: Exchange) => void;
  /** Called when the request is sent a second time. The first one may have reached the server. */
  readonly onResend?: ((cause: unknown) => void) | undefined;
  /** Called when it waits for a connection. */
  readonly onWait?: (() => void) | undefined;
  /** Called when it gets a connection after a wait. */
  readonly onServed?: (() => void) | undefined;
}

type AnswerStart = [controller: unknown, status: number, headers: IncomingHttpHeaders, statusText?: string];

interface Work {
  readonly request: Outgoing;
  readonly tools: ExchangeTools;
}

/** Larger bodies are sent in pieces, to detect a server that accepts no data. Unit: bytes. */
const atOnceBytes = 64 * 1024;
const pieceBytes = 16 * 1024;

/** More framing than this, plus this many times the size of the body, counts as an attack. Unit: bytes, factor. */
const framingBytes = 1024 * 1024;
const framingRatio = 16;

/** Statuses without a body. */
const bodiless = new Set([204, 205, 304]);

/** Error codes of an idle connection that the server had closed. */
const deadConnection = new Set<unknown>(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'OCTA_CONNECTION_GONE']);

/** Frees the connection of a long body whose response was garbage-collected. */
const forgotten = new FinalizationRegistry((exchange: Exchange) => exchange.forget());

/** One request and its response. */
export class Exchange implements Carried, BodySource, Waiter<Connection> {
  readonly fresh: boolean;
  readonly urgent: boolean;
  readonly #signal: SignalLike | undefined;
  readonly #hears: ExchangeListener;
  /** Cleared when settled, because the promise would keep the response in memory. */
  #promise: Pick<ExchangeOrder, 'resolve' | 'reject'> | undefined;
  #work: Work | undefined;
  #connection: Connection | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #patience: Watchdog | undefined;
  /** Set when the transport is closing. */
  #unread: Watchdog | undefined;
  #body: IncomingBody | undefined;
  /** Received bytes of the body. */
  #bodyBytes = 0;
  /** Kept until the body pauses; after that, garbage collection shows whether the caller still has the response. */
  #response: Response | undefined;
  #over = false;

  constructor({ signal, fresh, urgent, resolve, reject, hears }: ExchangeOrder) {
    this.fresh = fresh;
    this.urgent = urgent;
    this.#signal = signal;
    this.#promise = { resolve, reject };
    this.#hears = hears;
  }

  /** Listens to the caller's signal. */
  listen(): void {
    if (this.#signal?.aborted) this.fail(this.#signal.reason);
    else this.#signal?.addEventListener('abort', this, { once: true });
  }

  /** Sends the request, or queues for a connection. */
  begin(request: Outgoing, tools: ExchangeTools): void {
    if (this.#over) return;
    this.#work = { request, tools };
    const connection = tools.pool.take(this);
    if (connection !== undefined) this.serve(connection);
    else this.#queue(this.#work);
  }

  /** Ends the exchange in any state. */
  fail(reason: unknown): void {
    const [promise, body] = [this.#promise, this.#body];
    if (!this.#abandon()) return;
    if (promise === undefined) body?.fail(reason);
    else promise.reject(reason);
  }

  /** From now on, ends the exchange if its response is not read for `ms`. 0 is no limit. */
  giveUpUnreadAfter(ms: number): void {
    const message = `the transport was closed, and the response body was not read for ${ms} ms (closeTimeoutMs)`;
    this.#unread = new Watchdog(ms, () => {
      // A reader that waits for the server counts as reading.
      if (this.#body?.awaited) this.#unread?.touch();
      else this.fail(codedError('OCTA_CLOSED', message));
    });
    if (this.#promise === undefined) this.#unread.touch();
  }

  /** Ends the exchange unless the body has a reader. */
  forget(): void {
    if (this.#body?.claimed === false) this.drop();
  }

  handleEvent(): void {
    const reason: unknown = this.#signal?.reason;
    if (Object(reason).name === 'TimeoutError') this.#distrustKept();
    this.fail(reason);
  }

  serve(connection: Connection): void {
    const hasWaited = this.#patience !== undefined;
    this.#patience?.end();
    this.#patience = undefined;
    this.#connection = connection;
    if (hasWaited) this.#hears.onServed?.();
    // The call may have ended meanwhile, which has already given the connection back.
    if (this.#over || this.#work === undefined) return;
    connection.send(this.#dispatchOptions(this.#work.request, connection), this);
  }

  resume(): void {
    if (this.#over) return;
    this.#unread?.touch();
    this.#connection?.reads();
    this.#controller?.resume();
  }

  drop(): void {
    this.#abandon();
  }

  onSilence(): void {
    const { undici, options } = this.#work?.tools ?? {};
    const message = `the server sent nothing for ${options?.readTimeoutMs} ms (readTimeoutMs)`;
    if (undici === undefined) return;
    const { HeadersTimeoutError, BodyTimeoutError } = undici.errors;
    this.#distrustKept();
    this.fail(this.#promise === undefined ? new BodyTimeoutError(message) : new HeadersTimeoutError(message));
  }

  onStall(): void {
    const message = `the server accepted no request data for ${this.#work?.tools.options.writeTimeoutMs} ms (writeTimeoutMs)`;
    this.fail(codedError('OCTA_WRITE_TIMEOUT', message));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#connection?.reads();
  }

  onResponseStart(...answer: AnswerStart): void {
    const [, status, headers, statusText = ''] = answer;
    if (this.#over || this.#work === undefined) return;
    this.#connection?.reads();
    // An informational response; the final one follows.
    if (status < 200) return;
    const { method, url } = this.#work.request;
    this.#body = method === 'HEAD' || bodiless.has(status) ? undefined : new IncomingBody(this);
    this.#response = new NodeResponse({ url, status, statusText, headers, body: this.#body });
    this.#promise?.resolve(this.#response);
    this.#promise = undefined;
    this.#unread?.touch();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#unread?.touch();
    this.#bodyBytes += chunk.byteLength;
    if ((this.#connection?.received ?? 0) > framingBytes + framingRatio * this.#bodyBytes) {
      this.fail(codedError('OCTA_FRAMING', 'the response consists mostly of chunk framing'));
      return;
    }
    if (this.#body === undefined || this.#body.push(chunk)) {
      this.#connection?.reads();
      return;
    }
    controller.pause();
    this.#connection?.rests();
    if (this.#response !== undefined) forgotten.register(this.#response, this);
    this.#response = undefined;
  }

  onResponseEnd(): void {
    if (this.#over || this.#connection === undefined) return;
    this.#connection.finish();
    this.#work?.tools.pool.release(this.#connection);
    this.#end();
    this.#body?.end();
  }

  onResponseError(_: unknown, error: Error): void {
    const [work, connection] = [this.#work, this.#connection];
    if (this.#over || work === undefined || connection === undefined) return;
    if (connection.unanswered && deadConnection.has(Reflect.get(error, 'code'))) {
      // This happens only once, because the new connection is unused.
      work.tools.onResend();
      this.#hears.onResend?.(error);
      this.serve(work.tools.pool.replace(connection));
    } else {
      this.#distrustKept();
      this.fail(error);
    }
  }

  /** After a failure on a reused connection, closes the other idle ones, which may also be dead. */
  #distrustKept(): void {
    if (!this.#over && this.#connection?.kept) this.#work?.tools.pool.distrust();
  }

  #dispatchOptions({ path, method, headers, body }: Outgoing, connection: Connection): Dispatcher.DispatchOptions {
    if (body === undefined || body.length <= atOnceBytes) return { path, method, headers, body: body ?? null };
    const length = ['content-length', String(body.length)];
    // Undici accepts iterables, although its types do not include them.
    const pieces = this.#pieces(body, connection) as unknown as Buffer;
    return { path, method, headers: [...headers, ...length], body: pieces };
  }

  /** Undici requests the next piece when the previous one was sent. */
  *#pieces(body: Buffer, connection: Connection): Generator<Buffer> {
    for (let at = 0; at < body.length && !this.#over; at += pieceBytes) {
      connection.writes();
      yield body.subarray(at, at + pieceBytes);
    }
    if (!this.#over) connection.reads();
  }

  #queue({ request, tools }: Work): void {
    const { pool, options } = tools;
    pool.wait(this);
    this.#hears.onWait?.();
    if (this.#over) return;
    const limitMs = options.poolTimeoutMs;
    const message = `no free connection to ${request.origin} within ${limitMs} ms (poolTimeoutMs)`;
    this.#patience = new Watchdog(limitMs, () => this.fail(codedError('OCTA_POOL_TIMEOUT', message)));
    this.#patience.touch();
  }

  /** Gives up the connection, or the place in the queue. Returns false if the exchange had already ended. */
  #abandon(): boolean {
    if (this.#over) return false;
    // First, because closing the connection reports another error.
    this.#end();
    if (this.#connection === undefined) this.#work?.tools.pool.leave(this);
    else this.#work?.tools.pool.discard(this.#connection);
    return true;
  }

  #end(): void {
    this.#over = true;
    this.#response = undefined;
    this.#patience?.end();
    this.#unread?.end();
    this.#signal?.removeEventListener('abort', this);
    this.#hears.onOver(this);
  }
}
