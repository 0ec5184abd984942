/** Which base URL an attempt goes to: round robin over the healthy ones; one that failed rests for a while. */
import type { Health, Route, Routes } from './types.ts';

/** Rests differ by this share in both directions, so that clients do not all come back at once. */
const restJitter = 0.1;

/** What rotation works with. */
export interface RotationOptions {
  readonly baseUrls: readonly string[];
  /** How long a URL rests after a failure. Unit: ms; 0: not at all. */
  readonly cooldownMs: number;
  /** Monotonic. Unit: ms. */
  readonly now: () => number;
  readonly random: () => number;
}

/** State of one base URL. */
export interface BaseUrlStats {
  /** The base URL, without a slash at its end. */
  readonly url: string;
  /** `resting` after a failure; `probing` while the first attempt after the rest is under way. */
  readonly state: 'healthy' | 'resting' | 'probing';
  /** What is left of the rest. Unit: ms. */
  readonly restsForMs: number;
  /** Attempts that went there. Unit: count. */
  readonly attempts: number;
  /** Those of them that got no answer, or a 502, 503 or 504. Unit: count. */
  readonly failures: number;
}

interface Host {
  readonly url: string;
  /** When it failed last, or undefined while it is healthy. Unit: ms of the clock. */
  failedAt: number | undefined;
  /** Unit: ms of the clock. */
  restsUntil: number;
  /** The first attempt after the rest, while it is under way. */
  probe: Route | undefined;
  attempts: number;
  failures: number;
}

/** A small state machine per URL: healthy → resting → probing → healthy or resting. One per client. */
export class Rotation implements Routes {
  readonly #options: RotationOptions;
  readonly #hosts: readonly Host[];
  #turn = 0;

  constructor(options: RotationOptions) {
    this.#options = options;
    this.#hosts = [...new Set(options.baseUrls)].map((url) => ({
      url,
      failedAt: undefined,
      restsUntil: 0,
      probe: undefined,
      attempts: 0,
      failures: 0,
    }));
  }

  pick(tried: readonly string[], barred: readonly string[]): Route {
    const now = this.#options.now();
    const host = this.#next(tried, barred, now);
    this.#turn = this.#hosts.indexOf(host) + 1;
    const route = { baseUrl: host.url, pickedAt: now };
    if (host.failedAt !== undefined && host.restsUntil <= now) {
      // Until the probe is back, or never comes back, nobody else is sent there.
      host.probe = route;
      host.restsUntil = now + this.#options.cooldownMs;
    }
    return route;
  }

  settle(route: Route, health: Health): void {
    const host = this.#hostOf(route);
    host.attempts++;
    if (health === 'alive') this.#revive(host);
    else if (health === 'down') this.#rest(host, route.pickedAt);
    else this.release(route);
  }

  release(route: Route): void {
    const host = this.#hostOf(route);
    if (host.probe !== route) return;
    // The probe told nothing, so the next attempt is one.
    host.probe = undefined;
    host.restsUntil = this.#options.now();
  }

  stats(): readonly BaseUrlStats[] {
    const now = this.#options.now();
    return this.#hosts.map(({ url, failedAt, restsUntil, probe, attempts, failures }) => ({
      url,
      state: failedAt === undefined ? 'healthy' : probe === undefined ? 'resting' : 'probing',
      restsForMs: failedAt === undefined || probe !== undefined ? 0 : Math.max(0, restsUntil - now),
      attempts,
      failures,
    }));
  }

  #next(tried: readonly string[], barred: readonly string[], now: number): Host {
    const inTurn = this.#inTurn();
    const open = barred.length === 0 ? inTurn : inTurn.filter(({ url }) => !barred.includes(url));
    const hosts = open.length === 0 ? inTurn : open;
    const fresh = hosts.filter(({ url }) => !tried.includes(url));
    const rested = ready(fresh, now) ?? ready(hosts, now);
    return rested ?? leastRecentlyFailed(fresh.length === 0 ? hosts : fresh);
  }

  #hostOf({ baseUrl }: Route): Host {
    // Routes come from `pick`, which gives nothing but hosts of the list.
    return this.#hosts.find(({ url }) => url === baseUrl) as Host;
  }

  #inTurn(): readonly Host[] {
    if (this.#hosts.length === 1) return this.#hosts;
    const at = this.#turn % this.#hosts.length;
    return [...this.#hosts.slice(at), ...this.#hosts.slice(0, at)];
  }

  #revive(host: Host): void {
    host.failedAt = undefined;
    host.probe = undefined;
  }

  #rest(host: Host, pickedAt: number): void {
    host.failures++;
    const { cooldownMs, now, random } = this.#options;
    if (cooldownMs === 0) return;
    // A hundred calls that were under way when it went down are one failure, and do not prolong the rest.
    if (host.failedAt !== undefined && pickedAt < host.failedAt) return;
    host.failedAt = now();
    host.restsUntil = host.failedAt + cooldownMs * (1 + restJitter * (2 * random() - 1));
    host.probe = undefined;
  }
}

/** The first that is healthy or has rested long enough. */
function ready(hosts: readonly Host[], now: number): Host | undefined {
  return hosts.find(({ failedAt, restsUntil }) => failedAt === undefined || restsUntil <= now);
}

function leastRecentlyFailed(hosts: readonly Host[]): Host {
  return hosts.reduce((least, host) => ((host.failedAt ?? 0) < (least.failedAt ?? 0) ? host : least));
}
