/** A guard over what a session costs: stops it at a limit. */
import type { ServiceInfo } from '../../../generated/models.ts';
import { aFunction, type Check, type Checks, checkAll, milliseconds, numberFrom } from '../../core/checks.ts';
import { dispose } from '../../disposal.ts';
import { causeText, OctaConfigurationError, OctaResponseError } from '../../errors/errors.ts';
import { Deadline } from './deadline.ts';
import type { LiveSession } from './live-session.ts';
import { type Finding, waitAfterFailures } from './looks.ts';
import { Poller } from './polling.ts';
import { Spending } from './spending.ts';
import { stopSurely } from './stop.ts';

/** Limits of `session.guard`; at least one of the first two is needed. */
export interface GuardLimits {
  /** How long the session may run, from its start. Unit: ms; more than 0. */
  readonly maxDurationMs?: number | undefined;
  /**
   * What it may cost in all. It is stopped before the next second would cost more, at the highest rate that was seen; if the API
   * does not say what it costs just now, by what it will have cost at that rate. Unit: Wei; more than 0.
   */
  readonly maxSpend?: bigint | undefined;
  /** Time between two looks: less as a limit comes near, more while looking fails. Unit: ms. Default 10 000. */
  readonly pollIntervalMs?: number | undefined;
  /** Told of every failed look and every failed stop; the guard goes on. Without it they are logged. What it throws is logged. */
  readonly onError?: ((error: unknown) => void | Promise<void>) | undefined;
}

/** How a guard ended. */
export interface GuardResult {
  /**
   * Which limit stopped the session (`duration`, `spend`); `ended`: it ended otherwise; `released`: the guard was let go, the session
   * goes on; `closed`: the client was closed, so nobody guards the session any more.
   */
  readonly reason: 'duration' | 'spend' | 'ended' | 'released' | 'closed';
  /** The last that was heard of the session. */
  readonly info: ServiceInfo | undefined;
}

const wei: Check = (value) =>
  typeof value === 'bigint' && value > 0n ? undefined : 'a bigint of Wei, 1n or more, such as parseOcta gives';

/** What limits of a guard may be. */
export const guardChecks = {
  maxDurationMs: numberFrom(Number.MIN_VALUE, 'a number of milliseconds, more than 0'),
  maxSpend: wei,
  pollIntervalMs: milliseconds,
  onError: aFunction,
} satisfies Checks<GuardLimits>;

/** Longest wait for one answer, and between two tries to stop. Unit: ms. */
const lookTimeoutMs = 10_000;
const firstStopWaitMs = 1_000;

type End = Exclude<GuardResult['reason'], 'duration' | 'spend'>;

/** Watches over one session. Ends by itself with the session; keeps a Node process alive until then. */
export class SessionGuard {
  /** How it ends. It never rejects: what fails is told to `onError`, and tried again. */
  readonly done: Promise<GuardResult>;
  readonly #session: LiveSession;
  readonly #limits: GuardLimits;
  readonly #spending: Spending;
  readonly #poller: Poller;
  readonly #controller = new AbortController();
  #info: ServiceInfo | undefined;
  #end: End | undefined;
  #missed = false;

  /** @internal */
  constructor(session: LiveSession, limits: GuardLimits) {
    checkAll(limits, guardChecks, 'limits of a guard');
    if (limits.maxDurationMs === undefined && limits.maxSpend === undefined) {
      throw new OctaConfigurationError({ message: 'a guard needs a limit: maxDurationMs, maxSpend or both' });
    }
    this.#session = session;
    this.#limits = limits;
    this.#spending = new Spending(limits, session.time.now());
    // One attempt a look: a late answer would make the session older than it is, and the next look is not far.
    const request = { signal: this.#controller.signal, retries: 0 };
    this.#poller = new Poller(session, { operation: 'guard', intervalMs: limits.pollIntervalMs ?? 10_000, request });
    const stay = session.onEnd(() => this.#close());
    this.done = this.#watch().finally(stay);
  }

  /** Lets the session go on without this guard. A stop that has been sent cannot be taken back. */
  release(): void {
    this.#finish('released');
  }

  /** The same as `release`, at the end of a `using` scope. */
  [dispose](): void {
    this.release();
  }

  /** @internal The session is over; there is nothing left to guard. */
  ended(): void {
    this.#finish('ended');
  }

  #close(): void {
    if (this.#end !== undefined) return;
    this.#finish('closed');
    const message = `the client was closed, so session ${this.#session.calls.uuid} runs on without its guard`;
    this.#tell(new OctaConfigurationError({ message }));
  }

  #finish(reason: End): void {
    this.#end ??= reason;
    this.#controller.abort();
  }

  async #watch(): Promise<GuardResult> {
    // Nothing happens before whoever made the guard has it.
    await undefined;
    while (this.#end === undefined) {
      const { time } = this.#session;
      const before = this.#spending.next(time.now(), false);
      // An hour that is over is over, whatever the API would say.
      if (before.reason === 'duration' && before.inMs <= 0) return this.#stop(before.reason);
      const found = await this.#look();
      if (found?.state === 'ended') this.#finish('ended');
      if (this.#end !== undefined) break;
      const due = this.#spending.next(time.now(), found?.info?.charge_amount !== undefined);
      if (due.inMs <= 0) return this.#stop(due.reason);
      const nextLookMs = Math.min(this.#poller.intervalMs, this.#spending.firstChargeInMs(time.now()));
      await this.#pause(Math.min(due.inMs, nextLookMs));
    }
    return { reason: this.#end, info: this.#info };
  }

  async #look(): Promise<Finding | undefined> {
    const { time } = this.#session;
    const askedAt = time.now();
    const deadline = new Deadline(time, Math.min(lookTimeoutMs, this.#spending.lookWithinMs(askedAt)));
    try {
      const found = await this.#poller.ask(deadline);
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
    const { signal } = this.#controller;
    for (let failures = 0; this.#end === undefined; failures++) {
      try {
        await stopSurely(this.#session, signal);
        return { reason, info: this.#info };
      } catch (error) {
        this.#complain(error);
        await this.#pause(waitAfterFailures(failures, firstStopWaitMs));
      }
    }
    return { reason: this.#end, info: this.#info };
  }

  #complain(error: unknown): void {
    if (error !== undefined && this.#end === undefined) this.#tell(error);
  }

  #tell(error: unknown): void {
    const { log, quietly, calls } = this.#session;
    const { onError } = this.#limits;
    if (onError !== undefined) quietly('onError', () => onError(error));
    else log('warn', `the guard of session ${calls.uuid} could not do its work just now: ${causeText(error)}`);
  }
}
