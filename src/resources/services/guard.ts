/** A guard over what a session costs: stops it at a limit. */
import type { ServiceInfo } from '../../../generated/models.ts';
import { aFunction, type Check, type Checks, checkAll, milliseconds } from '../../core/checks.ts';
import { OctaConfigurationError, OctaResponseError } from '../../errors/errors.ts';
import type { OctaSessionError } from '../../errors/session-error.ts';
import { mayPass, waitAfterFailures } from './failures.ts';
import type { LiveSession } from './live-session.ts';
import { type Finding, Poller } from './polling.ts';
import { Spending } from './spending.ts';
import { notStoppedError, stopSurely } from './stop.ts';

/** Limits of `session.guard`; at least one of the first two is needed. */
export interface GuardLimits {
  /** How long the session may run, from its start. Unit: ms. */
  readonly maxDurationMs?: number | undefined;
  /**
   * What it may cost in all. It is stopped before the next second would cost more, at the highest rate that was seen; if the API
   * does not say what it costs just now, by what it will have cost at that rate. Unit: Wei.
   */
  readonly maxSpend?: bigint | undefined;
  /** Longest time between two looks; shorter as a limit comes near. Unit: ms. Default 10 000. */
  readonly pollIntervalMs?: number | undefined;
  /** Told of every failed look and every failed stop; the guard goes on. Without it they are logged. What it throws is logged. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** How a guard ended. */
export interface GuardResult {
  /** Which limit stopped the session; `ended`: it ended otherwise; `released`: the guard was let go, the session goes on. */
  readonly reason: 'duration' | 'spend' | 'ended' | 'released';
  /** The last that was heard of the session. */
  readonly info: ServiceInfo | undefined;
}

const wei: Check = (value) =>
  typeof value === 'bigint' && value >= 0n ? undefined : 'a bigint of Wei, 0n or more, such as parseOcta gives';

/** What limits of a guard may be. */
export const guardChecks = {
  maxDurationMs: milliseconds,
  maxSpend: wei,
  pollIntervalMs: milliseconds,
  onError: aFunction,
} satisfies Checks<GuardLimits>;

/** Least time between two looks, and longest wait for one answer. Unit: ms. */
const leastIntervalMs = 100;
const lookTimeoutMs = 10_000;

/** Watches over one session. Ends by itself with the session; keeps a Node process alive until then. */
export class SessionGuard {
  readonly #session: LiveSession;
  readonly #limits: GuardLimits;
  readonly #spending: Spending;
  readonly #poller: Poller;
  readonly #controller = new AbortController();
  #info: ServiceInfo | undefined;
  readonly #done: Promise<GuardResult>;
  /** Whether anybody waits for the end. */
  #awaited = false;
  #released: GuardResult['reason'] | undefined;
  #missed = false;

  /** @internal */
  constructor(session: LiveSession, limits: GuardLimits, onEnd: () => void) {
    checkAll(limits, guardChecks, 'limits of a guard');
    if (limits.maxDurationMs === undefined && limits.maxSpend === undefined) {
      throw new OctaConfigurationError({ message: 'a guard needs a limit: maxDurationMs, maxSpend or both' });
    }
    this.#session = session;
    this.#limits = limits;
    const intervalMs = Math.max(leastIntervalMs, limits.pollIntervalMs ?? 10_000);
    this.#spending = new Spending(limits, session.time.now());
    // One attempt a look: a late answer would make the session older than it is, and the next look is not far.
    const request = { signal: this.#controller.signal, retries: 0, timeoutMs: lookTimeoutMs };
    const endsAt = Number.POSITIVE_INFINITY;
    this.#poller = new Poller(session, { intervalMs, request, endsAt, purpose: 'limit' });
    this.#done = this.#watch();
    this.#done.then(onEnd, (error: unknown) => {
      onEnd();
      if (!this.#awaited) session.log('error', String(error));
    });
  }

  /** How it ends. Rejects with OctaSessionError when the session could not be stopped and never will be, such as over a wrong key. */
  get done(): Promise<GuardResult> {
    this.#awaited = true;
    return this.#done;
  }

  /** Lets the session go on without this guard. */
  release(): void {
    this.#end('released');
  }

  /** The same as `release`, at the end of a `using` scope. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** @internal The session is over; there is nothing left to guard. */
  ended(): void {
    this.#end('ended');
  }

  #end(reason: GuardResult['reason']): void {
    this.#released ??= reason;
    this.#controller.abort();
  }

  #result(reason: GuardResult['reason']): GuardResult {
    return { reason: this.#released ?? reason, info: this.#info };
  }

  async #watch(): Promise<GuardResult> {
    // Nothing happens before whoever made the guard has it.
    await undefined;
    for (;;) {
      const found = await this.#look();
      if (this.#released !== undefined) return this.#result(this.#released);
      if (found?.state === 'ended') return this.#result('ended');
      const due = this.#spending.next(this.#session.time.now(), found?.info?.charge_amount !== undefined);
      if (due.inMs <= 0) return this.#stop(due.reason);
      await this.#pause(Math.min(due.inMs, this.#poller.intervalMs));
    }
  }

  async #look(): Promise<Finding | undefined> {
    const askedAt = this.#session.time.now();
    try {
      const found = await this.#poller.ask();
      if (found?.info !== undefined) this.#info = found.info;
      if (found?.state === 'alive') {
        this.#spending.note(found.info, askedAt);
        this.#missCharge(found.info);
      }
      if (found === undefined) this.#complain(this.#poller.lastError);
      return found;
    } catch (error) {
      // Even a look that is not allowed must not end the guard: the limits count on.
      this.#complain(error);
      return undefined;
    }
  }

  /** A limit of money is none as long as the API does not say what the session costs; that has to be heard, once. */
  #missCharge({ charge_amount }: ServiceInfo): void {
    if (charge_amount !== undefined || this.#limits.maxSpend === undefined || this.#missed) return;
    this.#missed = true;
    const { uuid } = this.#session.calls;
    const message = `the API does not say what session ${uuid} costs, so maxSpend cannot be kept until it does`;
    this.#complain(new OctaResponseError({ message, outcome: 'unknown' }));
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#controller;
    await this.#session.time.sleep(ms, { signal, purpose: 'limit' }).catch(() => undefined);
  }

  /** Stops the session, however often it takes. */
  async #stop(reason: 'duration' | 'spend'): Promise<GuardResult> {
    for (let failures = 1; this.#released === undefined; failures++) {
      try {
        await stopSurely(this.#session);
        return { reason, info: this.#info };
      } catch (error) {
        this.#complain(error);
        if (!mayPass(error)) throw this.#giveUp(error);
        await this.#pause(waitAfterFailures(failures, 1_000));
      }
    }
    return this.#result(this.#released);
  }

  #giveUp(error: unknown): OctaSessionError {
    return notStoppedError(this.#session.calls.uuid, error);
  }

  #complain(error: unknown): void {
    if (error === undefined || this.#released !== undefined) return;
    const { log, calls } = this.#session;
    const { onError } = this.#limits;
    if (onError === undefined) {
      log('warn', `the guard of session ${calls.uuid} could not do its work just now: ${String(error)}`);
      return;
    }
    try {
      onError(error);
    } catch (thrown) {
      log('error', 'onError of a guard threw; the guard goes on', thrown);
    }
  }
}
