/** One connection: an undici client that never makes a second one. */
import type { Socket } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import { codedError } from './coded-error.ts';
import { openSocket, type Route } from './connect.ts';
import type { Undici } from './load.ts';
import { longestDelayMs, type ResolvedNodeOptions } from './options.ts';
import type { Poolable } from './pool.ts';
import { Watchdog } from './watchdog.ts';

/** The request that a connection carries. */
export interface Carried extends Dispatcher.DispatchHandler {
  /** The server was silent for longer than it may. */
  onSilence(): void;
  /** The server took in nothing for longer than it may. */
  onStall(): void;
}

/** What connections are made with. One per origin. */
export interface ConnectionTools {
  readonly undici: Undici;
  readonly route: Route;
  readonly options: ResolvedNodeOptions;
  /** A connection was made. */
  readonly onOpen: () => void;
  /** A connection closed while nothing was under way on it, or after that. */
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
  /** Read when the request was sent. */
  #bytesBefore = 0;
  /** Read when the server was last known to be alive. */
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
      // Undici looks at its own limits twice a second; ours are exact.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: ({ servername }, opened) => this.#connect(servername, opened),
    });
    this.#client.on('disconnect', () => tools.onClose(this));
    this.#reading = new Watchdog(options.readTimeoutMs, () => this.#suspectSilence());
    this.#writing = new Watchdog(options.writeTimeoutMs, () => this.#carried?.onStall());
  }

  /** Whether it was kept from an earlier request. */
  get kept(): boolean {
    return this.#used;
  }

  /** Whether it was kept from an earlier request, and the server has said nothing since this one was sent. */
  get unanswered(): boolean {
    return this.#used && this.#socket?.bytesRead === this.#bytesBefore;
  }

  /** How much has come since the request was sent, headers and framing included. Unit: bytes. */
  get received(): number {
    return (this.#socket?.bytesRead ?? 0) - this.#bytesBefore;
  }

  get usable(): boolean {
    return !this.#ending.signal.aborted && this.#socket?.destroyed !== true;
  }

  /** Sends a request, once the connection is made. */
  send(request: Dispatcher.DispatchOptions, carried: Carried): void {
    this.#carried = carried;
    this.#bytesBefore = this.#socket?.bytesRead ?? 0;
    this.#client.dispatch(request, carried);
  }

  /** A piece of a large body is on its way to the server. */
  writes(): void {
    this.#reading.rest();
    this.#writing.touch();
  }

  /** It is the server's turn. */
  reads(): void {
    this.#bytesRead = this.#socket?.bytesRead ?? 0;
    this.#writing.rest();
    this.#reading.touch();
  }

  /** Whatever happens next is up to the caller. */
  rests(): void {
    this.#reading.rest();
  }

  /** The answer is complete. */
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

  /** Undici tells of headers when they are complete; a slow server may be in the middle of them. */
  #suspectSilence(): void {
    if (this.#socket?.bytesRead === this.#bytesRead) this.#carried?.onSilence();
    else this.reads();
  }

  #connect(servername: string | undefined, opened: Opened): void {
    if (this.#begun) {
      // A second connection would be one that the pool does not know of.
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
