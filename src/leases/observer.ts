/** Looks at sessions: one list for many, `info` for a few. Every sighting becomes evidence. */
import type { ServiceInfo, Session } from '../../generated/models.ts';
import type { Caller } from '../core/call-types.ts';
import type { RequestOptions } from '../core/option-types.ts';
import { OctaTimeoutError } from '../errors/errors.ts';
import { isWorkers } from '../errors/runtime.ts';
import { type Answered, type LeaseApi, lookTimeoutMs } from './api.ts';
import { isStale, type Sighting } from './evidence.ts';
import { Extras } from './extras.ts';
import { askedWaitMs } from './failures.ts';
import { keyOf } from './identity.ts';
import type { Lease } from './lease.ts';

/** A list of sessions at one moment. */
export interface Listing extends Answered<readonly Session[]> {
  /** When the request was sent. Unit: ms of the clock. */
  readonly at: number;
  readonly byKey: ReadonlyMap<string, Session>;
}

/** The result of one look. */
export interface Look {
  /** The current session; undefined if this look did not find it. */
  readonly info: ServiceInfo | undefined;
  /** When the request was sent. Unit: ms of the clock. */
  readonly at: number;
  /** The time of the API's clock then. Unit: Unix ms. */
  readonly serverNow: number | undefined;
}

/** How to look at a session. */
export interface LookOptions {
  /** Maximum age of a cached response. Unit: ms. */
  readonly maxAgeMs: number;
  /** Longest wait for each response. Unit: ms. */
  readonly withinMs: number;
  /** Whether an entry of the list is not enough, so that `info` is needed too. */
  readonly needsInfo?: (entry: ServiceInfo) => boolean;
}

/** The latest request for a list. */
interface Kept {
  readonly at: number;
  readonly answer: Promise<Listing>;
  /** Whether the response has arrived. */
  settled: boolean;
}

/** From this number of sessions, one list replaces a request for each session. Unit: count. */
const manyFrom = 3;
/** Least time between two lists. Unit: ms. */
const leastListMs = 1_000;
/** Longest pause that the API can ask for. Unit: ms. */
const longestRestMs = 60_000;

/** All sessions whose requests have the same headers, so that they can share responses. */
export class View {
  readonly #caller: Caller;
  readonly #api: LeaseApi;
  readonly #options: RequestOptions;
  readonly #saw: (listing: Listing) => void;
  /** Poll intervals of the watchers of each session. */
  readonly #watched = new Map<Lease, number[]>();
  readonly #kept = new Map<boolean, Kept>();
  readonly #extras = new Extras();
  /** The response that asked for a pause, and its end. Unit: ms of the clock. */
  #rest: { readonly until: number; readonly error: unknown } | undefined;

  constructor(
    { caller, api, saw }: { readonly caller: Caller; readonly api: LeaseApi; readonly saw: (listing: Listing) => void },
    options: RequestOptions,
  ) {
    this.#caller = caller;
    this.#api = api;
    this.#options = options;
    this.#saw = saw;
  }

  /** Registers a watcher of a session, which polls every `intervalMs`. Returns a function that removes it. */
  join(lease: Lease, intervalMs: number): () => void {
    const intervals = this.#watched.get(lease) ?? [];
    this.#watched.set(lease, intervals);
    intervals.push(intervalMs);
    return () => {
      intervals.splice(intervals.indexOf(intervalMs), 1);
      if (intervals.length > 0) return;
      this.#watched.delete(lease);
      this.#extras.drop(lease);
    };
  }

  get isWatched(): boolean {
    return this.#watched.size > 0;
  }

  get #isCrowded(): boolean {
    return this.#watched.size >= manyFrom;
  }

  get #intervalMs(): number {
    let shortest = Number.POSITIVE_INFINITY;
    for (const intervals of this.#watched.values()) for (const each of intervals) shortest = Math.min(shortest, each);
    return Math.max(leastListMs, shortest);
  }

  /** Whether responses for other sessions apply to this one: not if they may belong to another API key. */
  #isShared({ evidence }: Lease): boolean {
    return this.#caller.hasFixedKey || evidence.listed;
  }

  /** A list that was requested at `since` or later. */
  async list(recent: boolean, since: number, withinMs = lookTimeoutMs): Promise<Listing> {
    const { time } = this.#caller;
    const kept = this.#kept.get(recent);
    const mayShare = kept !== undefined && (kept.settled || !isWorkers());
    if (mayShare && kept.at >= since) return this.#wait(kept.answer, withinMs);
    if (mayShare && this.#isCrowded && time.now() - kept.at < leastListMs) {
      // Callers that need a newer list share the next one.
      await time.sleep(kept.at + leastListMs - time.now());
      return this.list(recent, since, withinMs);
    }
    return this.#ask(recent, withinMs);
  }

  /** Waits for a response. The request continues after the timeout, because other callers may wait longer for it. */
  #wait(answer: Promise<Listing>, withinMs: number): Promise<Listing> {
    return this.#caller.time.orLate(answer, withinMs, () => {
      const message = `listSessions: no response within ${withinMs} ms`;
      throw new OctaTimeoutError({ message, outcome: 'unknown', timeout: 'timeoutMs' });
    });
  }

  /** Sends one request, without retries. While the API has asked for a pause, sends nothing and throws the error that asked for it. */
  async #send<Value>(request: (options: RequestOptions) => PromiseLike<Value>, withinMs: number): Promise<Value> {
    const { time } = this.#caller;
    if (this.#rest !== undefined && this.#rest.until > time.now()) throw this.#rest.error;
    try {
      return await request({ ...this.#options, retries: 0, timeoutMs: Math.max(1, Math.ceil(withinMs)) });
    } catch (error) {
      const pauseMs = Math.min(askedWaitMs(error), longestRestMs);
      if (pauseMs > 0) this.#rest = { until: time.now() + pauseMs, error };
      throw error;
    }
  }

  #ask(recent: boolean, withinMs: number): Promise<Listing> {
    const at = this.#caller.time.now();
    const answer = this.#send((options) => this.#api.list(recent, options), lookTimeoutMs).then(
      ({ value, serverNow }) => {
        const listing = { at, value, serverNow, byKey: new Map(value.map((each) => [keyOf(each.uuid), each])) };
        this.#saw(listing);
        return listing;
      },
    );
    const kept: Kept = { at, answer, settled: false };
    this.#kept.set(recent, kept);
    this.#extras.count(recent, at, this.#intervalMs);
    const settle = () => Object.assign(kept, { settled: true });
    answer.then(settle, settle);
    return this.#wait(answer, withinMs);
  }

  /** Whether a session may use a request of its own now. */
  #takeTurn(lease: Lease): boolean {
    const now = this.#caller.time.now();
    return this.#extras.take(lease, { now, intervalMs: this.#intervalMs, watched: this.#watched.keys() });
  }

  /** Looks at one session and adds the sighting to its evidence. Throws the error of a failed request. */
  async look(lease: Lease, options: LookOptions): Promise<Look> {
    const { time } = this.#caller;
    const nothing = { info: undefined, at: time.now(), serverNow: undefined };
    if (!this.#isCrowded || !this.#isShared(lease)) return this.#lookAlone(lease, options, undefined);
    const maxAgeMs = Math.min(options.maxAgeMs, this.#intervalMs);
    const listing = await this.list(false, time.now() - maxAgeMs, options.withinMs);
    const entry = listing.byKey.get(lease.key);
    if (entry === undefined) {
      const isFirst = lease.unlistedAt === undefined;
      lease.unlistedAt ??= listing.at;
      const { listed } = lease.evidence;
      const isStopped = lease.stopSentAt !== undefined;
      // One empty list must not cause a burst of requests.
      if (isFirst && listed && !isStopped) return nothing;
      // One recent list covers all sessions that have ended.
      if (listed || isStopped) await this.lists(lease, listing.at, { listing, withinMs: options.withinMs });
      if (lease.isOver) return { info: lease.evidence.record, at: listing.at, serverNow: listing.serverNow };
      return this.#takeTurn(lease) ? this.#lookAlone(lease, options, listing) : nothing;
    }
    lease.unlistedAt = undefined;
    lease.see({ at: listing.at, active: entry });
    const found = { info: entry, at: listing.at, serverNow: listing.serverNow };
    if (!options.needsInfo?.(entry) || !this.#takeTurn(lease)) return found;
    const alone = await this.#lookAlone(lease, options, listing).catch(() => found);
    return alone.info === undefined ? found : alone;
  }

  /** Requests `info`; also the lists if the session is missing or `info` alone is not enough. */
  async #lookAlone(lease: Lease, { withinMs }: LookOptions, listing: Listing | undefined): Promise<Look> {
    const at = this.#caller.time.now();
    const answer = await this.#send((options) => this.#api.info(lease, options), Math.min(withinMs, lookTimeoutMs));
    const info = answer?.value ?? 'missing';
    const seen = (sighting: Sighting): Look => {
      lease.see(sighting);
      const { record } = lease.evidence;
      const { serverNow } = answer ?? {};
      const isSeen = typeof info === 'object' || typeof sighting.active === 'object' || lease.isOver;
      return { info: isSeen ? record : undefined, at, serverNow };
    };
    // A missing sign of life does not prove the end; the lists decide that.
    if (answer !== undefined)
      lease.see({ at, info, ...(listing === undefined ? {} : { active: entryOf(listing, lease) }) });
    if (answer !== undefined && !isStale(lease.evidence, at)) return seen({ at, info });
    return seen({ at, info, ...(await this.lists(lease, at, { listing, withinMs })) });
  }

  /** The sighting from the lists: first the recent one, then the active one unless the recent one shows the end. */
  async lists(
    lease: Lease,
    since: number,
    { listing, withinMs = lookTimeoutMs }: { readonly listing?: Listing | undefined; readonly withinMs?: number } = {},
  ): Promise<Pick<Sighting, 'recent' | 'active'>> {
    const recent = entryOf(await this.#own(lease, true, { since, withinMs }), lease);
    lease.see({ at: since, recent });
    if (lease.evidence.verdict === 'finished') return { recent };
    const active = entryOf(listing ?? (await this.#own(lease, false, { since, withinMs })), lease);
    return { recent, active };
  }

  #own(lease: Lease, recent: boolean, { since, withinMs }: { since: number; withinMs: number }): Promise<Listing> {
    return this.#isShared(lease) ? this.list(recent, since, withinMs) : this.#ask(recent, withinMs);
  }
}

function entryOf({ byKey }: Listing, { key }: Lease): Session | 'absent' {
  return byKey.get(key) ?? 'absent';
}
