/** The simulator as a `fetch`. */
import { type Clock, clockMark } from '../clock.ts';
import type { Answer } from './answers.ts';
import type { Delivery, Exchange, Exchanges, IncomingRequest } from './exchange.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A `fetch` that asks the simulator; it brings the simulator's clock along, which a client given this `fetch` runs by. */
export interface SimulatorFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  readonly [clockMark]: Clock;
}

/** A broken connection, as runtimes describe it. */
export function connectionLost(message = 'fetch failed'): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
  return new TypeError(message, { cause });
}

function keyIn(headers: HeadersInit | undefined): string | undefined {
  if (headers === undefined) return undefined;
  if (headers instanceof Headers || Array.isArray(headers)) {
    return new Headers(headers).get('authorization') ?? undefined;
  }
  for (const name of Object.keys(headers)) if (name.toLowerCase() === 'authorization') return headers[name];
  return undefined;
}

/** Path and query of a URL; a relative one has nothing else. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'https://api.octa.computer');
  return pathname + search;
}

function textOf(body: BodyInit): Promise<string> {
  return new Response(body).text();
}

/** What a call of fetch asks for, in one form. */
async function readCall(input: string | URL | Request, init: RequestInit): Promise<IncomingRequest> {
  if (input instanceof Request) {
    const request = new Request(input, init);
    const body = request.body === null ? undefined : await request.text();
    const { method, url } = request;
    return { method, path: pathOf(url), key: request.headers.get('authorization') ?? undefined, body };
  }
  const { method = 'GET', headers, body } = init;
  const text = body === undefined || body === null || typeof body === 'string' ? body : await textOf(body);
  return { method: method.toUpperCase(), path: pathOf(String(input)), key: keyIn(headers), body: text ?? undefined };
}

function headersOf({ headers, body }: Answer, length = body.length): Record<string, string> {
  return { 'content-length': String(length), ...headers };
}

function hasBody({ status }: Answer): boolean {
  return status !== 204 && status !== 205 && status !== 304;
}

function wholeResponse(answer: Answer): Response {
  const { status, body } = answer;
  if (!hasBody(answer)) return new Response(null, { status, headers: { ...answer.headers } });
  return new Response(body, { status, headers: headersOf(answer) });
}

/** The first half of a body, and then what `next` does. */
function halfResponse(
  answer: Answer,
  next: (controller: ReadableStreamDefaultController<Uint8Array>) => void,
  onCancel: () => void,
): Response {
  const { status, body } = answer;
  let begun = false;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (begun) return next(controller);
      begun = true;
      controller.enqueue(body.slice(0, Math.ceil(body.length / 2)));
    },
    cancel: onCancel,
  });
  return new Response(stream, { status, headers: headersOf(answer) });
}

/** One call of fetch that is under way. */
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
        const response = this.#deliver(delivery, reject);
        if (response !== undefined) resolve(response);
      }, reject);
    });
  }

  #onAbort(act: (reason: unknown) => void, status?: number): void {
    this.#stopListening();
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
      this.#stall(reject);
      return undefined;
    }
    if (delivery.how === 'stalled-body') return this.#stallBody(delivery.answer);
    this.#stopListening();
    if (delivery.how === 'lost') {
      this.#exchange.finish('failed');
      reject(connectionLost());
      return undefined;
    }
    const { answer } = delivery;
    this.#exchange.finish(delivery.how === 'cut' ? 'failed' : 'answered', answer.status);
    if (delivery.how === 'whole') return wholeResponse(answer);
    return halfResponse(
      answer,
      (controller) => controller.error(connectionLost('terminated')),
      () => undefined,
    );
  }

  /** Nothing comes until the signal is aborted; time goes on to whoever has set a limit. */
  #stall(reject: (reason: unknown) => void): void {
    const release = this.#clock.waitForever();
    this.#onAbort((reason) => {
      release();
      reject(reason);
    });
  }

  #stallBody(answer: Answer): Response {
    const release = this.#clock.waitForever();
    const cancel = () => {
      release();
      this.#stopListening();
      this.#exchange.finish('aborted', answer.status);
    };
    return halfResponse(
      answer,
      (controller) =>
        this.#onAbort((reason) => {
          release();
          controller.error(reason);
        }, answer.status),
      cancel,
    );
  }
}

/** Makes the `fetch` of a simulator. */
export function fetchOf(exchanges: Exchanges, clock: VirtualClock): SimulatorFetch {
  const fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const signal = init.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const release = clock.hold();
    let request: IncomingRequest;
    try {
      request = await readCall(input, init);
    } finally {
      release();
    }
    signal?.throwIfAborted();
    return new FetchCall(clock, exchanges.begin(request), signal).run();
  };
  return Object.assign(fetch, { [clockMark]: clock });
}
