/** Selects the base URL of an attempt: round robin over healthy URLs. A URL that failed rests for a while. */
import type { Health, Route, Routes } from './types.ts';

/** Random share by which rests are longer or shorter, so that clients do not all return at the same time. */
const restJitter = 0.1;

/** Options of the rotation. */
export interface RotationOptions {
  readonly baseUrls: readonly string[];
  /** How long a URL rests after a failure. Unit: ms; 0 disables this. */
  readonly cooldownMs: number;
  /** Monotonic. Unit: ms. */
  readonly now: () => number;
  readonly random: () => number;
}

/** The state of one base URL. */
export interface BaseUrlStats {
  /** The base URL, without a trailing slash. */
  readonly url: string;
  /** `resting` after a failure: avoided for a while. `probing`: the first attempt after the rest is in progress. */
  readonly state: 'healthy' | 'resting' | 'probing';
  /** Remaining time of the rest. Unit: ms. */
  readonly restsForMs: number;
  /** Number of attempts at this URL. */
  readonly attempts: number;
  /** Number of attempts that got no response, or status 502, 503 or 504. */
  readonly failures: number;
}

interface Host {
  readonly url: string;
  /** Time of the last failure; undefined while it is healthy. Unit: ms of the clock. */
  failedAt: number | undefined;
  /** Unit: ms of the clock. */
  restsUntil: number;
  /** The first attempt after the rest, while it is in progress. */
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
      // No other attempt uses this URL until the probe ends, or the next rest is over.
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
    // The probe gave no result, so the next attempt becomes the probe.
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
    // Routes come from `pick`, which returns only hosts of this list.
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
    // Attempts that were already in progress when the URL failed do not prolong the rest.
    if (host.failedAt !== undefined && pickedAt < host.failedAt) return;
    host.failedAt = now();
    host.restsUntil = host.failedAt + cooldownMs * (1 + restJitter * (2 * random() - 1));
    host.probe = undefined;
  }
}

/** The first host that is healthy or whose rest is over. */
function ready(hosts: readonly Host[], now: number): Host | undefined {
  return hosts.find(({ failedAt, restsUntil }) => failedAt === undefined || restsUntil <= now);
}

function leastRecentlyFailed(hosts: readonly Host[]): Host {
  return hosts.reduce((least, host) => ((host.failedAt ?? 0) < (least.failedAt ?? 0) ? host : least));
}
