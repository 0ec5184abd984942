/** Sends requests through pools of connections, and closes them. */
import { OctaConfigurationError } from '../errors/errors.ts';
import type { OwnInit, SendHints } from '../transport/own-transport.ts';
import { Connection } from './connection.ts';
import { Exchange, type ExchangeTools } from './exchange.ts';
import { loadUndici, type Undici, type UndiciSource } from './load.ts';
import type { ResolvedNodeOptions } from './options.ts';
import { Pool } from './pool.ts';
import { type Outgoing, outgoing, throughProxy } from './request.ts';
import type { NodeFetchStats } from './stats.ts';

/** One pool per origin, and the requests in progress. */
export class Transport {
  readonly #options: ResolvedNodeOptions;
  readonly #loading: Promise<Undici>;
  /** Set when the package is loaded, so that later requests start synchronously. */
  #undici: Undici | undefined;
  readonly #origins = new Map<string, ExchangeTools>();
  readonly #underWay = new Set<Exchange>();
  #closed: Promise<void> | undefined;
  #onIdle: () => void = () => undefined;
  #requests = 0;
  #connectionsOpened = 0;
  #resent = 0;
  readonly #onOver = (exchange: Exchange) => {
    this.#underWay.delete(exchange);
    if (this.#underWay.size === 0) this.#onIdle();
  };
  readonly #onResend = () => {
    this.#resent++;
  };

  constructor(options: ResolvedNodeOptions, source: UndiciSource) {
    this.#options = options;
    this.#loading = loadUndici(source);
    this.#loading.then(
      (undici) => {
        this.#undici = undici;
      },
      // Each request reports this error. Without a request, it must not count as unhandled.
      () => undefined,
    );
  }

  /** Sends one request. */
  send(url: string, init: OwnInit, { repeatable, urgent = false, ...hears }: SendHints): Promise<Response> {
    if (this.#closed !== undefined) {
      return Promise.reject(new OctaConfigurationError({ message: 'this nodeFetch() is closed; create a new one' }));
    }
    return new Promise((resolve, reject) => {
      const signal = init.signal ?? undefined;
      const listener = { onOver: this.#onOver, ...hears };
      const exchange = new Exchange({ signal, fresh: !repeatable, urgent, resolve, reject, hears: listener });
      this.#underWay.add(exchange);
      try {
        exchange.listen();
        this.#begin(exchange, outgoing(url, init));
      } catch (error) {
        exchange.fail(error);
      }
    });
  }

  /** Its statistics. */
  stats(): NodeFetchStats {
    this.#sweep();
    const origins = [...this.#origins].map(([origin, { pool }]) => {
      const { busy, idle, waiting } = pool;
      return { origin, connections: busy + idle, busy, idle, waiting };
    });
    const [requests, connectionsOpened, resent] = [this.#requests, this.#connectionsOpened, this.#resent];
    return { origins, totals: { requests, connectionsOpened, resent } };
  }

  /**
   * Accepts no more requests. Resolves when requests in progress have ended and every connection is closed. Bodies that are not read are
   * cancelled after `closeTimeoutMs`.
   */
  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    for (const exchange of this.#underWay) exchange.giveUpUnreadAfter(this.#options.closeTimeoutMs);
    if (this.#underWay.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await Promise.all([...this.#origins.values()].map(({ pool }) => pool.drain()));
  }

  #begin(exchange: Exchange, request: Outgoing | Promise<Outgoing>): void {
    if (this.#undici !== undefined && !(request instanceof Promise)) {
      this.#beginWith(this.#undici, exchange, request);
      return;
    }
    Promise.all([this.#loading, request])
      .then(([undici, ready]) => this.#beginWith(undici, exchange, ready))
      .catch((error: unknown) => exchange.fail(error));
  }

  #beginWith(undici: Undici, exchange: Exchange, request: Outgoing): void {
    this.#requests++;
    const tools = this.#origins.get(request.origin) ?? this.#addOrigin(undici, request.origin);
    const { proxy } = tools;
    // For https, the proxy only opens a tunnel, and does not see the request.
    const viaProxy = proxy !== undefined && request.origin.startsWith('http:');
    exchange.begin(viaProxy ? throughProxy(request, proxy) : request, tools);
  }

  /** Forgets origins without connections and requests. */
  #sweep(): void {
    for (const [origin, { pool }] of this.#origins) {
      if (pool.busy + pool.idle + pool.waiting === 0) this.#origins.delete(origin);
    }
  }

  #addOrigin(undici: Undici, origin: string): ExchangeTools {
    this.#sweep();
    const options = this.#options;
    const url = new URL(origin);
    const proxy = options.proxy(url);
    const route = { origin: url, proxy, tlsVerify: options.tlsVerify };
    const onOpen = () => {
      this.#connectionsOpened++;
    };
    const onClose = (connection: Connection) => pool.forget(connection);
    const limits = options.keepAlive ? options : { ...options, poolSize: 0 };
    const pool = new Pool(limits, () => new Connection({ undici, options, route, onOpen, onClose }));
    const tools = { undici, options, pool, proxy, onResend: this.#onResend };
    this.#origins.set(origin, tools);
    return tools;
  }
}
