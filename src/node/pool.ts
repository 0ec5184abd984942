/** Assigns connections to requests. Bookkeeping only, without sockets and timers. */

/** The part of a connection that the pool uses. */
export interface Poolable {
  /** Whether it can be used for another request. */
  readonly usable: boolean;
  /** Closes it immediately. Resolves when it is closed. */
  close(): Promise<void>;
}

/** Requirements of a request. */
export interface Need {
  /** Whether it needs a new connection. */
  readonly fresh: boolean;
  /** Whether a session that costs money depends on it, so that it must not wait for other requests. */
  readonly urgent: boolean;
}

/** A request that waits for a connection. */
export interface Waiter<Connection> extends Need {
  /** Receives the connection, and must give it back later. */
  serve(connection: Connection): void;
}

/** Limits of the pool. Unit: count. */
export interface PoolLimits {
  /** Maximum number of idle connections. */
  readonly poolSize: number;
  /** Maximum number of connections, besides those for urgent requests. */
  readonly maxConnections: number;
}

/** Number of additional connections that only urgent requests may use. */
const urgentConnections = 2;

/** Connections to one origin. The last used idle connection is reused first, so that few connections stay open. */
export class Pool<Connection extends Poolable> {
  readonly #limits: PoolLimits;
  readonly #open: () => Connection;
  /** In order of use; the last entry was used last. */
  #idle: Connection[] = [];
  /** Sets keep the order of arrival, and support removal from the middle. */
  readonly #waiting = new Set<Waiter<Connection>>();
  readonly #urgent = new Set<Waiter<Connection>>();
  readonly #closing = new Set<Promise<void>>();
  #busy = 0;
  /** Connections in use by urgent requests. */
  readonly #urgentBusy = new Set<Connection>();
  #drained = false;
  #settling = false;

  constructor(limits: PoolLimits, open: () => Connection) {
    this.#limits = limits;
    this.#open = open;
  }

  /** Number of connections in use. */
  get busy(): number {
    return this.#busy;
  }

  /** Number of idle connections. */
  get idle(): number {
    return this.#idle.length;
  }

  /** Number of waiting requests. */
  get waiting(): number {
    return this.#waiting.size + this.#urgent.size;
  }

  #queueOf({ urgent }: Need): Set<Waiter<Connection>> {
    return urgent ? this.#urgent : this.#waiting;
  }

  /** Takes a connection for a request; undefined if the request must wait. */
  take(need: Need): Connection | undefined {
    // Waiting requests are served first.
    return this.#queueOf(need).size > 0 ? undefined : this.#find(need);
  }

  /** Queues a request that got no connection. */
  wait(waiter: Waiter<Connection>): void {
    this.#queueOf(waiter).add(waiter);
  }

  /** Removes a request from the queue. */
  leave(waiter: Waiter<Connection>): void {
    this.#queueOf(waiter).delete(waiter);
  }

  /** Gives back a connection after its request. */
  release(connection: Connection): void {
    this.#busy--;
    this.#urgentBusy.delete(connection);
    this.#idle.push(connection);
    this.#settleSoon();
  }

  /** Gives back a connection that can no longer be used. */
  discard(connection: Connection): void {
    this.#busy--;
    this.#urgentBusy.delete(connection);
    this.#close(connection);
    this.#settleSoon();
  }

  /** Exchanges a connection that can no longer be used for a new one. */
  replace(connection: Connection): Connection {
    this.distrust();
    this.#close(connection);
    const opened = this.#open();
    if (this.#urgentBusy.delete(connection)) this.#urgentBusy.add(opened);
    return opened;
  }

  /** Closes all idle connections, because one of them was dead. */
  distrust(): void {
    for (const connection of this.#idle.splice(0)) this.#close(connection);
  }

  /** Forgets an idle connection that the server closed. */
  forget(connection: Connection): void {
    const at = this.#idle.indexOf(connection);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    this.#close(connection);
  }

  /** Stops keeping connections. Resolves when the idle ones are closed. */
  async drain(): Promise<void> {
    this.#drained = true;
    this.#trim();
    await Promise.all(this.#closing);
  }

  #find({ fresh, urgent }: Need): Connection | undefined {
    const { maxConnections } = this.#limits;
    // Urgent requests on additional connections do not reduce the number for other requests.
    const most = maxConnections + (urgent ? urgentConnections : Math.min(this.#urgentBusy.size, urgentConnections));
    if (this.#busy >= most) return undefined;
    const used = fresh ? undefined : this.#popUsable();
    // If the pool is full, the longest idle connection is closed to make room.
    const oldest = used === undefined && this.#busy + this.#idle.length >= most ? this.#idle.shift() : undefined;
    if (oldest !== undefined) this.#close(oldest);
    this.#busy++;
    const found = used ?? this.#open();
    if (urgent) this.#urgentBusy.add(found);
    return found;
  }

  #popUsable(): Connection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.usable) return last;
      this.#close(last);
    }
    return undefined;
  }

  /** Delayed, because a connection knows only one turn later whether the server closes it after this response. */
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
    for (const queue of [this.#urgent, this.#waiting]) {
      for (const waiter of queue) {
        const connection = this.#find(waiter);
        // If there is none for an urgent request, there is none for others.
        if (connection === undefined) return;
        queue.delete(waiter);
        waiter.serve(connection);
      }
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
