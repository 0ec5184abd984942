/** Which connection a request goes out on: bookkeeping alone, no sockets and no timers. */

/** What the pool needs of a connection. */
export interface Poolable {
  /** Whether another request may go out on it. */
  readonly usable: boolean;
  /** Closes it at once; resolves when it is closed. */
  close(): Promise<void>;
}

/** A request that waits for a connection. */
export interface Waiter<Connection> {
  /** Whether it needs a connection that nobody used before. */
  readonly fresh: boolean;
  /** Takes the connection, which is the waiter's own until it is given back. */
  serve(connection: Connection): void;
}

/** How many connections there may be. */
export interface PoolLimits {
  /** How many idle ones are kept. */
  readonly poolSize: number;
  /** How many there are at most. */
  readonly maxConnections: number;
}

/** Connections to one origin. Those in use are their users' own; the idle ones are kept as a stack, so that few stay warm. */
export class Pool<Connection extends Poolable> {
  readonly #limits: PoolLimits;
  readonly #open: () => Connection;
  /** The one used last is the last. */
  #idle: Connection[] = [];
  /** Sets keep the order of arrival, and let one leave from the middle. */
  readonly #waiting = new Set<Waiter<Connection>>();
  readonly #closing = new Set<Promise<void>>();
  #busy = 0;
  #drained = false;
  #settling = false;

  constructor(limits: PoolLimits, open: () => Connection) {
    this.#limits = limits;
    this.#open = open;
  }

  /** How many connections are in use. */
  get busy(): number {
    return this.#busy;
  }

  /** How many are kept for later. */
  get idle(): number {
    return this.#idle.length;
  }

  /** How many requests wait for one. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** A connection for a request; undefined when it has to wait for one. */
  take(fresh: boolean): Connection | undefined {
    // Those who came first go first.
    return this.#waiting.size > 0 ? undefined : this.#find(fresh);
  }

  /** Queues a request for which there was no connection. */
  wait(waiter: Waiter<Connection>): void {
    this.#waiting.add(waiter);
  }

  /** Takes a request out of the queue. */
  leave(waiter: Waiter<Connection>): void {
    this.#waiting.delete(waiter);
  }

  /** Gives back a connection after its request. */
  release(connection: Connection): void {
    this.#busy--;
    this.#idle.push(connection);
    this.#settleSoon();
  }

  /** Gives back a connection that is of no use any more. */
  discard(connection: Connection): void {
    this.#busy--;
    this.#close(connection);
    this.#settleSoon();
  }

  /** Gives back a connection that is of no use any more for one that nobody used before. */
  replace(connection: Connection): Connection {
    this.#close(connection);
    return this.#open();
  }

  /** Forgets an idle connection that closed by itself. */
  forget(connection: Connection): void {
    const at = this.#idle.indexOf(connection);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    this.#close(connection);
  }

  /** Keeps no connection from now on; resolves when the idle ones are closed. */
  async drain(): Promise<void> {
    this.#drained = true;
    this.#trim();
    await Promise.all(this.#closing);
  }

  #find(fresh: boolean): Connection | undefined {
    const used = fresh ? undefined : this.#popUsable();
    if (used !== undefined) {
      this.#busy++;
      return used;
    }
    if (this.#busy + this.#idle.length >= this.#limits.maxConnections) {
      // The one that idles longest makes room.
      const oldest = this.#idle.shift();
      if (oldest === undefined) return undefined;
      this.#close(oldest);
    }
    this.#busy++;
    return this.#open();
  }

  #popUsable(): Connection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.usable) return last;
      this.#close(last);
    }
    return undefined;
  }

  /** Not at once: only a turn later does a connection know whether the server closes it after this answer. */
  #settleSoon(): void {
    if (this.#settling) return;
    this.#settling = true;
    queueMicrotask(() => {
      this.#settling = false;
      this.#serveWaiting();
      this.#trim();
    });
  }

  #serveWaiting(): void {
    for (const waiter of this.#waiting) {
      const connection = this.#find(waiter.fresh);
      if (connection === undefined) return;
      this.#waiting.delete(waiter);
      waiter.serve(connection);
    }
  }

  #trim(): void {
    const surplus = this.#idle.length - (this.#drained ? 0 : this.#limits.poolSize);
    if (surplus <= 0) return;
    for (const connection of this.#idle.splice(0, surplus)) this.#close(connection);
  }

  #close(connection: Connection): void {
    const closed = connection.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}
