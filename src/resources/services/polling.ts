/** Asks again and again how a session is, through passing faults, until it is over. */
import type { ServiceInfo } from '../../../generated/models.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import { OctaNotFoundError } from '../../errors/errors.ts';
import { errorFromReason } from '../../errors/from-failure.ts';
import { mayPass, waitAfterFailures } from './failures.ts';
import type { LiveSession } from './live-session.ts';
import { hasEnded } from './state.ts';

/** How a session was found: alive, or over, with the record of its end if there is one. */
export type Finding =
  | { readonly state: 'alive'; readonly info: ServiceInfo }
  | { readonly state: 'ended'; readonly info: ServiceInfo | undefined };

/** How polling goes. */
export interface PollOptions {
  readonly intervalMs: number;
  /** Options of each request; its signal ends the waits, too. */
  readonly request: RequestOptions;
  /** When it has to be over. Unit: ms of the clock. */
  readonly endsAt: number;
  readonly purpose?: 'wait' | 'limit';
}

/** How often a session may be missing from everywhere before it counts as over; a new one may take a moment to appear. */
const missesAllowed = 2;

/** The options of a request that has to be over in time. */
export function within({ endsAt, request }: PollOptions, now: number): RequestOptions {
  if (endsAt === Number.POSITIVE_INFINITY) return request;
  const left = Math.max(1, Math.ceil(endsAt - now));
  const { totalTimeoutMs = left } = request;
  return { ...request, totalTimeoutMs: totalTimeoutMs === 0 ? left : Math.min(totalTimeoutMs, left) };
}

/** One session, asked after. */
export class Poller {
  readonly #session: LiveSession;
  readonly #options: PollOptions;
  #misses = 0;
  #failures = 0;
  /** What the last call threw, while calls fail. */
  lastError: unknown;
  /** When the API last said anything of use. Unit: ms of the clock. */
  heardAt: number;

  constructor(session: LiveSession, options: PollOptions) {
    this.#session = session;
    this.#options = options;
    this.heardAt = session.time.now();
  }

  #request(): RequestOptions {
    return within(this.#options, this.#session.time.now());
  }

  /** The session as it is; undefined when that cannot be said just now. Throws what will not pass. */
  async ask(): Promise<Finding | undefined> {
    try {
      const info = await this.#session.calls.info(this.#request());
      this.#misses = 0;
      return this.#found(hasEnded(info) ? { state: 'ended', info } : { state: 'alive', info });
    } catch (error) {
      if (error instanceof OctaNotFoundError) return this.#lookBack(error);
      return this.failed(error);
    }
  }

  /** Counts a failure that may pass; throws any other. */
  failed(error: unknown): undefined {
    if (!mayPass(error)) throw error;
    this.#failures++;
    this.lastError = error;
    return undefined;
  }

  /** Waits for the next turn; rejects when the caller gives up. */
  async pause(ms = this.intervalMs): Promise<void> {
    const { request, endsAt, purpose = 'wait' } = this.#options;
    const { time } = this.#session;
    try {
      await time.sleep(Math.min(ms, endsAt - time.now()), { signal: request.signal, purpose });
    } catch (reason) {
      throw errorFromReason('getSessionInfo', reason, { outcome: 'unknown' });
    }
  }

  /** Time until the next turn, longer while calls fail. Unit: ms. */
  get intervalMs(): number {
    return waitAfterFailures(this.#failures, this.#options.intervalMs);
  }

  /** Notes that the API said something of use. */
  heard(): void {
    this.#failures = 0;
    this.lastError = undefined;
    this.heardAt = this.#session.time.now();
  }

  #found(finding: Finding): Finding {
    this.heard();
    return finding;
  }

  /** A session that is not there any more may be found among those that ended. */
  async #lookBack(missing: OctaNotFoundError): Promise<Finding | undefined> {
    const { calls, recent } = this.#session;
    try {
      const info = (await recent(this.#request())).find(({ uuid }) => uuid === calls.uuid);
      if (info === undefined && this.#misses++ < missesAllowed) {
        this.lastError = missing;
        return undefined;
      }
      return this.#found({ state: 'ended', info });
    } catch (error) {
      return this.failed(error);
    }
  }
}
