/** The server: receives requests, keeps the true state, and lets tests control both. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { defaultMachines, defaultRelays, defaultRenderMachines, defaultWeiPerSecond } from './catalogue.ts';
import {
  type Asked,
  type Latch,
  Latches,
  type MarketClock,
  type Operation,
  type Reply,
  readBody,
  write,
} from './exchange.ts';
import { type Offers, Router, routeOf } from './router.ts';
import { type MarketSession, type Ordered, type Service, Sessions } from './session.ts';
import { defaultSwitches, type Lags, type Switches } from './switches.ts';

export interface MarketplaceOptions extends Partial<Offers> {
  /** The clock, which the clients use, too. */
  readonly clock: MarketClock;
  /** Seed of the UUIDs. Default 1. */
  readonly seed?: number;
  /** Switches that differ from a world without faults. */
  readonly switches?: Partial<Switches>;
}

/** A session of another program with the same account. */
export interface Foreign extends Omit<Ordered, 'service'> {
  readonly service?: Service;
  /** When it begins, relative to now; negative: in the past. Unit: ms. Default 0. */
  readonly atMs?: number;
  /** How long it runs by itself. Unit: ms. Default: until it is stopped. */
  readonly lastsMs?: number;
  readonly lags?: Partial<Lags>;
  /** The `x-view` header of its start. */
  readonly view?: string;
}

/** A running marketplace; closes by itself at the end of an `await using` scope. */
export interface Marketplace extends AsyncDisposable {
  readonly url: string;
  /** Every session so far. */
  readonly sessions: readonly MarketSession[];
  /** Every request, in the order in which they arrived. */
  readonly requests: readonly Asked[];
  readonly switches: Switches;
  /** Time of the server. Unit: ms since it opened. */
  now(): number;
  /** UUIDs of the sessions that cost money now; only those of one owner, if it is set. */
  running(owner?: MarketSession['owner']): string[];
  /** Requests for an operation. */
  asked(operation: Operation): readonly Asked[];
  startForeign(foreign: Foreign): MarketSession;
  /** Ends a session by itself, as if its node were removed. */
  end(uuid: string, terminationReason?: number): void;
  /** Hides a session for a while: lists omit it, and everything else returns 404. */
  partition(uuid: string, ms: number): void;
  /**
   * The next requests for an operation get a status, or are dropped, and have no effect; only those about one session, if its
   * UUID is set.
   */
  fail(operation: Operation, how: number | 'drop', times?: number, uuid?: string): void;
  /** Holds the responses of an operation, which has its effect at once, until they are released. */
  hold(operation: Operation): Latch;
}

interface Failure {
  readonly operation: Operation;
  readonly how: number | 'drop';
  readonly uuid: string | undefined;
  left: number;
}

class Server implements Omit<Marketplace, 'url' | 'sessions' | typeof Symbol.asyncDispose> {
  readonly requests: Asked[] = [];
  readonly switches: Switches;
  readonly truth: Sessions;
  readonly #clock: MarketClock;
  readonly #openedAt: number;
  readonly #latches = new Latches();
  readonly #failures: Failure[] = [];
  readonly #timers = new Set<unknown>();
  readonly #offers: Offers;
  #router: Router;

  constructor({ clock, seed = 1, switches, ...offers }: MarketplaceOptions) {
    this.#clock = clock;
    this.#openedAt = clock.wallNow();
    this.switches = { ...defaultSwitches(), ...switches };
    this.truth = new Sessions(this.now, this.switches, seed);
    const { machines = defaultMachines, relays = defaultRelays, renderMachines = defaultRenderMachines } = offers;
    this.#offers = { machines, relays, renderMachines };
    this.#router = this.openAt('');
  }

  /** Stores its address. */
  openAt(url: string): Router {
    const teller = { sessions: this.truth, switches: this.switches, openedAt: this.#openedAt, url };
    this.#router = new Router(teller, this.#offers, this.now);
    return this.#router;
  }

  now = (): number => this.#clock.wallNow() - this.#openedAt;

  running(owner?: MarketSession['owner']): string[] {
    const ofOwner = this.truth.all.filter((session) => owner === undefined || session.owner === owner);
    return ofOwner.filter((session) => this.truth.isRunning(session)).map(({ uuid }) => uuid);
  }

  asked(operation: Operation): readonly Asked[] {
    return this.requests.filter((asked) => asked.operation === operation);
  }

  startForeign({ atMs = 0, lastsMs, lags, view, service = 'mr', ...ordered }: Foreign): MarketSession {
    const begunAt = this.now() + atMs;
    const headers: Record<string, string> = view === undefined ? {} : { 'x-view': view };
    const options = { owner: 'foreign', begunAt, headers, lags, weiPerSecond: defaultWeiPerSecond } as const;
    const session = this.truth.begin({ service, ...ordered }, options);
    if (lastsMs !== undefined) session.endedAt = begunAt + lastsMs;
    return session;
  }

  end(uuid: string, terminationReason = 0): void {
    this.truth.end(this.#sessionOf(uuid), terminationReason);
  }

  partition(uuid: string, ms: number): void {
    this.#sessionOf(uuid).hiddenUntil = this.now() + ms;
  }

  fail(operation: Operation, how: number | 'drop', times = 1, uuid?: string): void {
    this.#failures.push({ operation, how, left: times, uuid: uuid?.toLowerCase() });
  }

  hold(operation: Operation): Latch {
    return this.#latches.hold(operation);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const { method = '', url: path = '', headers } = request;
    const route = routeOf(method, path);
    const asked: Asked = {
      ...route,
      method,
      path,
      headers,
      body,
      at: this.now(),
      status: undefined,
      answeredAt: undefined,
    };
    this.requests.push(asked);
    const reply = this.#refusalOf(asked) ?? this.#router.reply(asked);
    await this.#latches.pass(asked.operation);
    if (reply.afterMs !== undefined && reply.afterMs > 0) await this.#sleep(reply.afterMs);
    reply.onAnswer?.();
    const date = new Date(this.#clock.wallNow() + this.switches.serverClockOffsetMs);
    asked.status = write(response, reply, date);
    asked.answeredAt = this.now();
    this.switches.onAnswered?.(asked.operation);
  }

  close(): void {
    for (const timer of this.#timers) this.#clock.clearTimer(timer);
  }

  #refusalOf({ operation, uuid, headers }: Asked): Reply | undefined {
    const failure = this.#failures.find(
      (each) =>
        each.left > 0 && each.operation === operation && (each.uuid ?? uuid?.toLowerCase()) === uuid?.toLowerCase(),
    );
    if (failure !== undefined) {
      failure.left -= 1;
      return failure.how === 'drop' ? { drop: true } : { status: failure.how, body: '{"error":"failed"}' };
    }
    const isPublic = operation === 'network' || operation === 'site';
    return isPublic || headers.authorization ? undefined : { status: 401, body: '{"error":"Unauthorized"}' };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms === Number.POSITIVE_INFINITY) return;
      const timer = this.#clock.setTimer(resolve, ms, 'wait');
      this.#timers.add(timer);
    });
  }

  #sessionOf(uuid: string): MarketSession {
    const found = this.truth.all.find((session) => session.uuid === uuid.toLowerCase());
    if (found === undefined) throw new Error(`there is no session ${uuid}`);
    return found;
  }
}

/** Opens a marketplace on a free port of 127.0.0.1. */
export async function serveMarketplace(options: MarketplaceOptions): Promise<Marketplace> {
  const market = new Server(options);
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    // A client may abort while it sends.
    market.answer(request, response).catch(() => response.socket?.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The address of a server that listens on a port has this type.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  market.openAt(url);
  return Object.assign(market, {
    url,
    sessions: market.truth.all,
    async [Symbol.asyncDispose]() {
      market.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
