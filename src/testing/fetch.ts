/** The simulator as a `fetch`. */
import { type Clock, clockMark } from '../clock.ts';
import type { Answer } from './answers.ts';
import type { Delivery } from './delivery.ts';
import type { Exchange, Exchanges, IncomingRequest } from './exchange.ts';
import { keepAlive } from './real-time.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A `fetch` to the simulator. A client with it uses the simulator's clock. */
export interface SimulatorFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** The clock of the simulator. */
  readonly [clockMark]: Clock;
}

/** The error of a broken connection, as runtimes throw it. */
function connectionLost(message = 'fetch failed'): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
  return new TypeError(message, { cause });
}

/** The headers by their names in lower case, and separately the key. */
function headersIn(given: HeadersInit | undefined): Pick<IncomingRequest, 'headers' | 'key'> {
  const { authorization: key, ...headers } = Object.fromEntries(new Headers(given));
  return { headers, key };
}

/** Path and query of a URL, which may be relative. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'https://api.octa.computer');
  return pathname + search;
}

function textOf(body: BodyInit): Promise<string> {
  return new Response(body).text();
}

/** The request of a call of `fetch`, whose arguments have several forms. */
async function readCall(input: string | URL | Request, init: RequestInit): Promise<IncomingRequest> {
  if (input instanceof Request) {
    const request = new Request(input, init);
    const body = request.body === null ? undefined : await request.text();
    const { method, url } = request;
    return { method, url, path: pathOf(url), ...headersIn(request.headers), body };
  }
  const { method = 'GET', headers, body } = init;
  const text = body === undefined || body === null || typeof body === 'string' ? body : await textOf(body);
  const url = String(input);
  return { method: method.toUpperCase(), url, path: pathOf(url), ...headersIn(headers), body: text ?? undefined };
}

function responseOf(answer: Answer, body: BodyInit): Response {
  const { status, headers } = answer;
  if (status === 204 || status === 205 || status === 304) return new Response(null, { status, headers });
  return new Response(body, { status, headers: { 'content-length': String(answer.body.length), ...headers } });
}

type Half = ReadableStreamDefaultController<Uint8Array>;

/** What happens before and after the first half of a body. */
interface HalfBody {
  /** Called at once, with the controller that can end the body. */
  begin?(controller: Half): void;
  /** Called when the reader wants more than the first half. */
  ask?(controller: Half): void;
  /** Called when the reader cancels the body. */
  cancel?(): void;
}

function halfOf({ body }: Answer, { begin, ask, cancel }: HalfBody): ReadableStream<Uint8Array> {
  let given = false;
  return new ReadableStream<Uint8Array>({
    start: (controller) => begin?.(controller),
    pull(controller) {
      if (given) return ask?.(controller);
      given = true;
      controller.enqueue(body.slice(0, Math.ceil(body.length / 2)));
    },
    cancel: () => cancel?.(),
  });
}

/** One call of `fetch` in progress. */
class FetchCall {
  readonly #clock: VirtualClock;
  readonly #exchange: Exchange;
  readonly #signal: AbortSignal | undefined;
  #stopListening: () => void = () => undefined;

  constructor(clock: VirtualClock, exchange: Exchange, signal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#exchange = exchange;
    this.#signal = signal;
  }

  run(): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#onAbort(reject);
      this.#exchange.delivery.then((delivery) => {
        if (this.#signal?.aborted) return;
        this.#stopListening();
        const response = this.#deliver(delivery, reject);
        if (response !== undefined) resolve(response);
      }, reject);
    });
  }

  #onAbort(act: (reason: unknown) => void, status?: number): void {
    const signal = this.#signal;
    if (signal === undefined) return;
    const listener = () => {
      this.#exchange.finish('aborted', status);
      act(signal.reason);
    };
    signal.addEventListener('abort', listener, { once: true });
    this.#stopListening = () => signal.removeEventListener('abort', listener);
  }

  #deliver(delivery: Delivery, reject: (reason: unknown) => void): Response | undefined {
    if (delivery.how === 'stalled') {
      this.#stall(undefined, reject);
      return undefined;
    }
    if (delivery.how === 'stalled-body') return this.#stallBody(delivery.answer);
    if (delivery.how === 'lost') {
      this.#exchange.finish('failed');
      reject(connectionLost());
      return undefined;
    }
    const { answer } = delivery;
    const isCut = delivery.how === 'cut';
    this.#exchange.finish(isCut ? 'failed' : 'answered', answer.status);
    const ask = (controller: Half) => controller.error(connectionLost('terminated'));
    return responseOf(answer, isCut ? halfOf(answer, { ask }) : answer.body);
  }

  /**
   * Sends nothing more until the signal is aborted or the simulator is reset. Time moves on, so that limits expire. Returns a function
   * that ends this state.
   */
  #stall(status: number | undefined, fail: (reason: unknown) => void): () => void {
    const release = this.#clock.waitForever();
    // Timers of signals do not keep a process alive, and there is no real connection that would.
    const letGo = this.#signal === undefined ? () => undefined : keepAlive();
    const end = () => {
      release();
      letGo();
      this.#stopListening();
      stopWaiting();
    };
    this.#onAbort((reason) => {
      end();
      fail(reason);
    }, status);
    const stopWaiting = this.#exchange.onReset(() => {
      end();
      this.#exchange.finish('failed', status);
      fail(connectionLost(status === undefined ? undefined : 'terminated'));
    });
    return end;
  }

  #stallBody(answer: Answer): Response {
    const { status } = answer;
    let end: () => void = () => undefined;
    const body = halfOf(answer, {
      begin: (controller) => {
        end = this.#stall(status, (reason) => controller.error(reason));
      },
      cancel: () => {
        end();
        this.#exchange.finish('aborted', status);
      },
    });
    return responseOf(answer, body);
  }
}

/** Makes the `fetch` of a simulator. */
export function fetchOf(exchanges: Exchanges, clock: VirtualClock): SimulatorFetch {
  const fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const signal = init.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const release = clock.occupy();
    let request: IncomingRequest;
    try {
      request = await readCall(input, init);
    } finally {
      release();
    }
    signal?.throwIfAborted();
    const response = await new FetchCall(clock, exchanges.begin(request), signal).run();
    // A Response from the constructor has no URL.
    return Object.defineProperty(response, 'url', { value: request.url });
  };
  return Object.assign(fetch, { [clockMark]: clock });
}
