/** The simulator as an HTTP server, where the runtime has `node:http`. */
import type { asyncDispose } from '../disposal.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { isWorkers } from '../errors/runtime.ts';
import { aFunction, aPort, aText, check, checkFields } from './checks.ts';
import type { Delivery } from './delivery.ts';
import type { Exchange, Exchanges, IncomingRequest } from './exchange.ts';
import { builtin } from './real-time.ts';
import type { RecordedRequest } from './records.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Options of `simulator.listen`. */
export interface ListenOptions {
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** Address to listen at. Default `127.0.0.1`: only this computer. */
  readonly host?: string | undefined;
  /** Told of each request when it is known what became of it. */
  readonly onRequest?: ((entry: RecordedRequest) => void) | undefined;
}

/** A server that runs. Closes at the end of an `await using` scope. */
export interface SimulatorServer {
  /** What to give a client as `baseUrl`; with the simulator's `basePath`, if it has one. */
  readonly url: string;
  /** The port that it listens on. */
  readonly port: number;
  /**
   * Stops listening and breaks all connections. What they asked for takes effect all the same: a start that a fault delays begins
   * when time comes to it. May be called more than once.
   */
  close(): Promise<void>;
  /** The same as `close`. */
  [asyncDispose](): Promise<void>;
}

// As much of Node's types as is used here: the package is type-checked without any runtime's.
interface Socket {
  destroy(): unknown;
  on(event: 'close', listener: () => void): unknown;
}
interface ServerRequest {
  readonly method?: string;
  readonly url?: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: Socket;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'error', listener: () => void): unknown;
}
interface ServerResponse {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  write(chunk: Uint8Array, done?: () => void): unknown;
  end(chunk?: Uint8Array): unknown;
  on(event: 'close' | 'finish', listener: () => void): unknown;
}
interface Server {
  listen(port: number, host: string, ready: () => void): unknown;
  on(event: 'connection', listener: (socket: Socket) => void): unknown;
  once(event: 'error', listener: (error: unknown) => void): unknown;
  close(done: () => void): unknown;
  address(): unknown;
}
interface Http {
  createServer(answer: (request: ServerRequest, response: ServerResponse) => void): Server;
}

const listenRules = { port: aPort, host: aText, onRequest: aFunction };

function loadHttp(): Http {
  // That of Workers says that it listens, although nobody can connect to it.
  const http = isWorkers() ? undefined : builtin('node:http');
  if (http === undefined || !('createServer' in http)) {
    const message = 'listen() needs a runtime with process.getBuiltinModule and node:http; use simulator.fetch here';
    throw new OctaConfigurationError({ message });
  }
  // What the runtime calls node:http is that.
  return http as Http;
}

/** Headers that let pages of any site ask. */
function crossOrigin(request: ServerRequest): Record<string, string> {
  const wanted = request.headers['access-control-request-headers'];
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': typeof wanted === 'string' ? wanted : 'authorization, content-type',
    'access-control-allow-methods': 'GET, POST, PATCH, OPTIONS',
    'access-control-expose-headers': 'date, x-request-id, retry-after',
  };
}

function readBody(request: ServerRequest): Promise<string> {
  return new Promise((resolve) => {
    const decoder = new TextDecoder();
    let text = '';
    request.on('data', (chunk) => {
      text += decoder.decode(chunk, { stream: true });
    });
    request.on('end', () => resolve(text + decoder.decode()));
  });
}

function headersOf({ headers }: ServerRequest): Record<string, string> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

async function readRequest(request: ServerRequest): Promise<IncomingRequest> {
  const { method = 'GET', url: path = '/' } = request;
  const { authorization: key, ...headers } = headersOf(request);
  const body = await readBody(request);
  const url = `http://${headers.host}${path}`;
  return { method, url, path, headers, key, body: body === '' ? undefined : body };
}

/** Carries an answer, or what a fault makes of it, over a socket. */
class Carrier {
  readonly #request: ServerRequest;
  readonly #response: ServerResponse;
  readonly #exchange: Exchange;
  #status: number | undefined;

  constructor(request: ServerRequest, response: ServerResponse, exchange: Exchange) {
    this.#request = request;
    this.#response = response;
    this.#exchange = exchange;
  }

  async run(clock: VirtualClock): Promise<void> {
    const releases: (() => void)[] = [];
    let closed = false;
    this.#response.on('finish', () => this.#exchange.finish('answered', this.#status));
    this.#response.on('close', () => {
      closed = true;
      for (const release of releases) release();
      this.#exchange.finish('aborted', this.#status);
    });
    const delivery = await this.#exchange.delivery;
    if (closed) return;
    if (delivery.how.startsWith('stalled')) {
      releases.push(
        clock.waitForever(),
        this.#exchange.onReset(() => this.#break()),
      );
    }
    this.#carry(delivery);
  }

  #carry(delivery: Delivery): void {
    if (delivery.how === 'stalled') return;
    if (delivery.how === 'lost') {
      this.#break();
      return;
    }
    const { status, headers, body } = delivery.answer;
    this.#status = status;
    const hasNone = status === 204 || status === 205 || status === 304;
    const length: Record<string, string> = hasNone ? {} : { 'content-length': String(body.length) };
    this.#response.writeHead(status, { ...crossOrigin(this.#request), ...length, ...headers });
    if (delivery.how === 'whole') {
      this.#response.end(body);
      return;
    }
    const first = body.slice(0, Math.ceil(body.length / 2));
    this.#response.write(first, delivery.how === 'cut' ? () => this.#break() : undefined);
  }

  #break(): void {
    this.#exchange.finish('failed', this.#status);
    this.#request.socket.destroy();
  }
}

/** What a listener may throw is its own affair. */
function quietly(listener: ((entry: RecordedRequest) => void) | undefined): (entry: RecordedRequest) => void {
  return (entry) => {
    try {
      listener?.(entry);
    } catch {}
  };
}

function portOf(address: unknown): number {
  const port: unknown = typeof address === 'object' && address !== null ? Reflect.get(address, 'port') : undefined;
  return typeof port === 'number' ? port : 0;
}

async function opened(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new OctaConfigurationError({ message: `cannot listen at ${host}, port ${port}: ${String(cause)}`, cause }),
      );
    });
    server.listen(port, host, resolve);
  });
  return portOf(server.address());
}

/** Where a server of this computer is asked that listens there. */
function reachableAt(host: string): string {
  // All addresses of a computer are none that can be asked everywhere.
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return name.includes(':') ? `[${name}]` : name;
}

/** Serves a simulator over HTTP until it is closed. Throws OctaConfigurationError where that cannot be. */
export async function serve(
  exchanges: Exchanges,
  clock: VirtualClock,
  options: ListenOptions,
): Promise<Omit<SimulatorServer, typeof asyncDispose>> {
  checkFields('listen()', options, listenRules);
  const { port: wanted = 0, host = '127.0.0.1', onRequest } = options;
  check('host', host, aText);
  const sockets = new Set<Socket>();
  const server = loadHttp().createServer((request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, crossOrigin(request));
      response.end();
      return;
    }
    // A request that breaks off, and a fault's own condition that throws, end the connection.
    const broken = () => request.socket.destroy();
    request.on('error', broken);
    readRequest(request)
      .then((read) => new Carrier(request, response, exchanges.begin(read, quietly(onRequest))).run(clock))
      .catch(broken);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await opened(server, wanted, host);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port, url: `http://${reachableAt(host)}:${port}`, close };
}
