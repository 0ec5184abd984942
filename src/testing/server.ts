/** The simulator as an HTTP server, for runtimes that have `node:http`. */
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
  /** Port to listen on. Default 0: a free port. */
  readonly port?: number | undefined;
  /** Address to listen on. Default `127.0.0.1`: only this computer. */
  readonly host?: string | undefined;
  /** Called with each request once its outcome is known. */
  readonly onRequest?: ((entry: RecordedRequest) => void) | undefined;
}

/** A running server. It closes at the end of an `await using` scope. */
export interface SimulatorServer {
  /** The `baseUrl` for a client, including the simulator's `basePath`. */
  readonly url: string;
  /** The port that the server listens on. */
  readonly port: number;
  /**
   * Stops listening and breaks all connections. Requests in progress still take effect: a start that a fault delays begins when its
   * time comes. May be called more than once.
   */
  close(): Promise<void>;
  /** The same as `close`. */
  [asyncDispose](): Promise<void>;
}

// The part of Node's types that is used here, because the package is type-checked without the types of any runtime.
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
  // On Workers, `listen` of node:http succeeds, but no client can connect.
  const http = isWorkers() ? undefined : builtin('node:http');
  if (http === undefined || !('createServer' in http)) {
    const message =
      'listen() requires a runtime with process.getBuiltinModule and node:http; use simulator.fetch instead';
    throw new OctaConfigurationError({ message });
  }
  // A built-in module named node:http has this shape.
  return http as Http;
}

/** CORS headers that allow requests from pages of any site. */
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

/** Sends a response over a socket, with the fault of its request if there is one. */
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

/** Ignores errors of the listener. */
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

/** The host in the URL of a server that listens on this address. */
function reachableAt(host: string): string {
  // These two mean all addresses of the computer. Not every runtime can connect to them.
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return name.includes(':') ? `[${name}]` : name;
}

/** Serves a simulator over HTTP until it is closed. Throws OctaConfigurationError if the runtime cannot, or an option is wrong. */
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
    // If the request breaks off, or the match function of a fault throws, close the connection.
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
