/** Which connection a request goes out on: bookkeeping alone, no sockets and no timers. */

/** What the pool needs of a connection. */
export interface Poolable {
  /** Whether another request may go out on it. */
  readonly usable: boolean;
  /** Closes it at once; resolves when it is closed. */
  close(): Promise<void>;
}

/** What a request needs. */
export interface Need {
  /** Whether it needs a connection that nobody used before. */
  readonly fresh: boolean;
  /** Whether it looks after a session that costs money, so that it must not wait behind others. */
  readonly urgent: boolean;
}

/** A request that waits for a connection. */
export interface Waiter<Connection> extends Need {
  /** Takes the connection, which is the waiter's own until it is given back. */
  serve(connection: Connection): void;
}

/** How many connections there may be. */
export interface PoolLimits {
  /** How many idle ones are kept. */
  readonly poolSize: number;
  /** How many there are at most, apart from those for urgent requests. */
  readonly maxConnections: number;
}

/** How many connections there may be in addition, for urgent requests alone. */
const urgentConnections = 2;

/** Connections to one origin. Those in use are their users' own; the idle ones are kept as a stack, so that few stay warm. */
export class Pool<Connection extends Poolable> {
  readonly #limits: PoolLimits;
  readonly #open: () => Connection;
  /** The one used last is the last. */
  #idle: Connection[] = [];
  /** Sets keep the order of arrival, and let one leave from the middle. */
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
    return this.#waiting.size + this.#urgent.size;
  }

  #queueOf({ urgent }: Need): Set<Waiter<Connection>> {
    return urgent ? this.#urgent : this.#waiting;
  }

  /** A connection for a request; undefined when it has to wait for one. */
  take(need: Need): Connection | undefined {
    // Those who came first go first.
    return this.#queueOf(need).size > 0 ? undefined : this.#find(need);
  }

  /** Queues a request for which there was no connection. */
  wait(waiter: Waiter<Connection>): void {
    this.#queueOf(waiter).add(waiter);
  }

  /** Takes a request out of the queue. */
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

  /** Gives back a connection that is of no use any more. */
  discard(connection: Connection): void {
    this.#busy--;
    this.#urgentBusy.delete(connection);
    this.#close(connection);
    this.#settleSoon();
  }

  /** Gives back a connection that is of no use any more for one that nobody used before. */
  replace(connection: Connection): Connection {
    this.distrust();
    this.#close(connection);
    const opened = this.#open();
    if (this.#urgentBusy.delete(connection)) this.#urgentBusy.add(opened);
    return opened;
  }

  /** A kept connection was dead, so those that have been idle since before are closed, too. */
  distrust(): void {
    for (const connection of this.#idle.splice(0)) this.#close(connection);
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

  #find({ fresh, urgent }: Need): Connection | undefined {
    const { maxConnections } = this.#limits;
    // Urgent requests take nothing away from others, as far as there are connections for them.
    const most = maxConnections + (urgent ? urgentConnections : Math.min(this.#urgentBusy.size, urgentConnections));
    if (this.#busy >= most) return undefined;
    const used = fresh ? undefined : this.#popUsable();
    // The one that idles longest makes room.
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
    for (const queue of [this.#urgent, this.#waiting]) {
      for (const waiter of queue) {
        const connection = this.#find(waiter);
        // Where there is none for an urgent request, there is none for others.
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
