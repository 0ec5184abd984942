/** The true state of sessions: which run, since when, and their stops. */
import type { Lags, Switches } from './switches.ts';

export type Service = 'mr' | 'render' | 'vpn';

/** A stop as it reached the server. */
export interface StopReceived {
  readonly at: number;
  /** Status of its response; 0 if the connection is dropped. */
  readonly status: number;
  readonly hadEffect: boolean;
}

/** The order of a session. */
export interface Ordered {
  readonly service: Service;
  readonly node_id: number;
  readonly kind?: string | undefined;
  readonly envs?: Readonly<Record<string, string>> | undefined;
  readonly ports?: readonly number[] | undefined;
  readonly http_ports?: readonly number[] | undefined;
}

/** The true state of one session, whatever the API returns. Times are ms of the server since it opened. */
export interface MarketSession extends Ordered {
  /** In lower case, whatever the spelling of the API. */
  readonly uuid: string;
  readonly envs: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly http_ports: readonly number[];
  /** Its origin: a start through the API, or `startForeign`. */
  readonly owner: 'client' | 'foreign';
  /** Value of the variable OCTA_LEASE_ID of the start. */
  readonly leaseId: string | undefined;
  /** Headers of the start. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly view: string | undefined;
  /** When it begins to cost money; later than the request if `beginDelayMs` is set. */
  readonly begunAt: number;
  /** Undefined while it runs. */
  endedAt: number | undefined;
  terminationReason: number;
  /** Every stop of it, with or without effect. */
  readonly stops: StopReceived[];
  readonly lags: Lags;
  /** Until when no request shows it. */
  hiddenUntil: number;
  readonly weiPerSecond: bigint;
}

export interface BeginOptions {
  readonly owner: MarketSession['owner'];
  readonly begunAt: number;
  readonly headers?: MarketSession['headers'];
  readonly lags?: Partial<Lags> | undefined;
  readonly weiPerSecond: bigint;
}

function lagsOf({ infoLagMs, listLagMs, stopLagMs, recentLagMs, listEndLagMs }: Switches): Lags {
  return { infoLagMs, listLagMs, stopLagMs, recentLagMs, listEndLagMs };
}

/** All sessions so far, in the order of their beginning. */
export class Sessions {
  readonly all: MarketSession[] = [];
  readonly #now: () => number;
  readonly #switches: Switches;
  #seed: number;

  constructor(now: () => number, switches: Switches, seed: number) {
    this.#now = now;
    this.#switches = switches;
    this.#seed = seed;
  }

  begin(ordered: Ordered, { owner, begunAt, headers = {}, lags, weiPerSecond }: BeginOptions): MarketSession {
    const { service, node_id, kind, envs = {}, ports = [], http_ports = [] } = ordered;
    const view = headers['x-view'];
    const session: MarketSession = {
      ...{ uuid: this.#nextUuid(), service, node_id, kind, envs, ports, http_ports, owner, begunAt, headers },
      leaseId: envs.OCTA_LEASE_ID,
      view: typeof view === 'string' ? view : undefined,
      ...{ endedAt: undefined, terminationReason: 0, stops: [], hiddenUntil: 0, weiPerSecond },
      lags: { ...lagsOf(this.#switches), ...lags },
    };
    this.all.push(session);
    return session;
  }

  /** A session by its UUID, in the spelling that paths of the API accept. */
  find(uuid: string): MarketSession | undefined {
    const { paths } = this.#switches.uuidCase;
    const spelt = { any: uuid, lower: uuid.toLowerCase(), upper: uuid.toUpperCase() }[paths];
    return spelt === uuid ? this.all.find((session) => session.uuid === uuid.toLowerCase()) : undefined;
  }

  hasBegun(session: MarketSession): boolean {
    return session.begunAt <= this.#now();
  }

  hasEnded({ endedAt }: MarketSession): boolean {
    return endedAt !== undefined && endedAt <= this.#now();
  }

  /** Whether it costs money now. */
  isRunning(session: MarketSession): boolean {
    return this.hasBegun(session) && !this.hasEnded(session);
  }

  /** How long it has run. Unit: ms. */
  ageOf({ begunAt, endedAt = Number.POSITIVE_INFINITY }: MarketSession): number {
    return Math.max(0, Math.min(this.#now(), endedAt) - begunAt);
  }

  /** Whether a part of the API already shows it. */
  isKnown(session: MarketSession, lag: 'infoLagMs' | 'listLagMs' | 'stopLagMs'): boolean {
    const now = this.#now();
    return session.begunAt + session.lags[lag] <= now && session.hiddenUntil <= now;
  }

  isListed(session: MarketSession): boolean {
    const { endedAt = Number.POSITIVE_INFINITY, lags } = session;
    return this.isKnown(session, 'listLagMs') && this.#now() < endedAt + lags.listEndLagMs;
  }

  isListedAsRecent(session: MarketSession): boolean {
    const { endedAt, lags } = session;
    const { recentHoldsRunning, recentForgets } = this.#switches;
    if (session.hiddenUntil > this.#now()) return false;
    if (!this.hasEnded(session)) return recentHoldsRunning !== false && this.isKnown(session, 'listLagMs');
    return !recentForgets && (endedAt ?? 0) + lags.recentLagMs <= this.#now();
  }

  end(session: MarketSession, reason = 0): void {
    if (this.hasEnded(session)) return;
    // A session that has not begun yet never begins.
    session.endedAt = Math.max(this.#now(), session.begunAt);
    session.terminationReason = reason;
  }

  #nextUuid(): string {
    let hex = '';
    while (hex.length < 32) {
      this.#seed = (this.#seed * 48_271) % 2_147_483_647;
      hex += (this.#seed % 65_536).toString(16).padStart(4, '0');
    }
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
  }
}
