/** One connection: an undici client that never reconnects. */
import type { Socket } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import { codedError } from './coded-error.ts';
import { openSocket, type Route } from './connect.ts';
import type { Undici } from './load.ts';
import { longestDelayMs, type ResolvedNodeOptions } from './options.ts';
import type { Poolable } from './pool.ts';
import { Watchdog } from './watchdog.ts';

/** The request on a connection. */
export interface Carried extends Dispatcher.DispatchHandler {
  /** Called if the server sent nothing for `readTimeoutMs`. */
  onSilence(): void;
  /** Called if the server accepted no data for `writeTimeoutMs`. */
  onStall(): void;
}

/** Options for creating connections. One per origin. */
export interface ConnectionTools {
  readonly undici: Undici;
  readonly route: Route;
  readonly options: ResolvedNodeOptions;
  /** Called when a connection was opened. */
  readonly onOpen: () => void;
  /** Called when a connection has closed. */
  readonly onClose: (connection: Connection) => void;
}

type Opened = (...outcome: [error: null, socket: Socket] | [error: Error, socket: null]) => void;

const closedHere = new Error('the connection was closed by this side');

/** One connection to one origin. */
export class Connection implements Poolable {
  readonly #tools: ConnectionTools;
  readonly #client: Client;
  readonly #ending = new AbortController();
  readonly #reading: Watchdog;
  readonly #writing: Watchdog;
  #carried: Carried | undefined;
  #socket: Socket | undefined;
  /** Bytes received on the socket when the request was sent. */
  #bytesBefore = 0;
  /** Bytes received on the socket when the server last sent data. */
  #bytesRead = 0;
  #begun = false;
  #used = false;

  constructor(tools: ConnectionTools) {
    const { undici, route, options } = tools;
    const idleMs = options.idleTimeoutMs || longestDelayMs;
    this.#tools = tools;
    this.#client = new undici.Client(route.origin, {
      pipelining: options.keepAlive ? 1 : 0,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      // Undici checks its own limits only twice a second, so the watchdogs below replace them.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: ({ servername }, opened) => this.#connect(servername, opened),
    });
    this.#client.on('disconnect', () => tools.onClose(this));
    this.#reading = new Watchdog(options.readTimeoutMs, () => this.#suspectSilence());
    this.#writing = new Watchdog(options.writeTimeoutMs, () => this.#carried?.onStall());
  }

  /** Whether an earlier request used it. */
  get kept(): boolean {
    return this.#used;
  }

  /** Whether an earlier request used it, and the server has sent nothing since the current request. */
  get unanswered(): boolean {
    return this.#used && this.#socket?.bytesRead === this.#bytesBefore;
  }

  /** Bytes received since the request was sent, including headers and framing. */
  get received(): number {
    return (this.#socket?.bytesRead ?? 0) - this.#bytesBefore;
  }

  get usable(): boolean {
    return !this.#ending.signal.aborted && this.#socket?.destroyed !== true;
  }

  /** Sends a request as soon as the connection is open. */
  send(request: Dispatcher.DispatchOptions, carried: Carried): void {
    this.#carried = carried;
    this.#bytesBefore = this.#socket?.bytesRead ?? 0;
    this.#client.dispatch(request, carried);
  }

  /** Called when a piece of a large body is sent. */
  writes(): void {
    this.#reading.rest();
    this.#writing.touch();
  }

  /** Called when the server should send data next. */
  reads(): void {
    this.#bytesRead = this.#socket?.bytesRead ?? 0;
    this.#writing.rest();
    this.#reading.touch();
  }

  /** Called when the caller has paused the response. */
  rests(): void {
    this.#reading.rest();
  }

  /** Called when the response is complete. */
  finish(): void {
    this.#carried = undefined;
    this.#used = true;
    this.#reading.rest();
    this.#writing.rest();
  }

  async close(): Promise<void> {
    this.#carried = undefined;
    this.#reading.end();
    this.#writing.end();
    this.#ending.abort(closedHere);
    await this.#client.destroy();
  }

  /** Undici reports headers only when they are complete, so this checks the socket for data of a slow server. */
  #suspectSilence(): void {
    if (this.#socket?.bytesRead === this.#bytesRead) this.#carried?.onSilence();
    else this.reads();
  }

  #connect(servername: string | undefined, opened: Opened): void {
    if (this.#begun) {
      // The pool would not know about a second connection.
      opened(codedError('OCTA_CONNECTION_GONE', 'the connection had closed before the request was sent'), null);
      return;
    }
    this.#begun = true;
    const { undici, route, options, onOpen } = this.#tools;
    const limitMs = options.connectTimeoutMs;
    const message = `no connection to ${route.origin.origin} within ${limitMs} ms (connectTimeoutMs)`;
    const expire = () => this.#ending.abort(new undici.errors.ConnectTimeoutError(message));
    const connecting = new Watchdog(limitMs, expire);
    connecting.touch();
    openSocket(route, { servername: servername || undefined, signal: this.#ending.signal })
      .finally(() => connecting.end())
      .then(
        (socket) => {
          this.#socket = socket;
          onOpen();
          opened(null, socket);
        },
        (error) => opened(error, null),
      );
  }
}
