/** A guard over what a session costs: stops it at a limit. */
import type { ServiceInfo } from '../../generated/models.ts';
import { dispose } from '../disposal.ts';
import { causeText, OctaConfigurationError, OctaNotFoundError, OctaResponseError } from '../errors/errors.ts';
import { lookTimeoutMs } from './api.ts';
import type { Context } from './context.ts';
import { endLease } from './ending.ts';
import { checkLimits, type GuardLimits, type GuardResult, limitsOf } from './guard-limits.ts';
import type { Lease } from './lease.ts';
import type { Look } from './observer.ts';
import { Spending } from './spending.ts';
import { WakefulClock } from './wakeful-clock.ts';
import { Watcher } from './watcher.ts';

/** How long the API may leave open what a session costs. Unit: ms. */
const chargeUnknownMs = 60_000;
/** A session that is gone for less may come back. Unit: ms. */
const goneForMs = 600_000;
/** Longest sleep at a stretch, so that it shows when the computer was asleep. Unit: ms. */
const longestNapMs = 10_000;

type End = Exclude<GuardResult['reason'], 'duration' | 'spend'>;

const guardsByLease = /* @__PURE__ */ new WeakMap<Lease, Set<SessionGuard>>();

/** The guards over a session. */
export function guardsOf(lease: Lease): Set<SessionGuard> {
  const guards = guardsByLease.get(lease) ?? new Set();
  guardsByLease.set(lease, guards);
  return guards;
}

/** Watches over one session. Ends by itself with the session; keeps a Node process alive until then. */
export class SessionGuard {
  /** How it ends. It never rejects: what fails is told to `onError`, and tried again. */
  readonly done: Promise<GuardResult>;
  readonly #context: Context;
  readonly #lease: Lease;
  readonly #limits: GuardLimits;
  readonly #clock: WakefulClock;
  readonly #spending: Spending;
  readonly #watcher: Watcher;
  readonly #controller = new AbortController();
  #nap = new AbortController();
  #isNudged = false;
  #end: End | undefined;
  #chargeKnownAt: number;
  readonly #told = new Set<string>();

  /** @internal */
  constructor(context: Context, lease: Lease, limits: GuardLimits) {
    checkLimits(limits);
    const { time, onEnd } = context.caller;
    this.#context = context;
    this.#lease = lease;
    this.#limits = limits;
    this.#clock = new WakefulClock(time);
    this.#chargeKnownAt = time.now();
    this.#spending = new Spending(limits, time.now(), lease.facts.startedAt);
    const request = { signal: this.#controller.signal };
    const needsInfo = (entry: ServiceInfo) => limits.maxSpend !== undefined && entry.charge_amount === undefined;
    const intervalMs = limits.pollIntervalMs ?? 10_000;
    this.#watcher = new Watcher(context, lease, { operation: 'guard', intervalMs, request, needsInfo });
    const stopListening = lease.onNudge(() => this.#nudge());
    const stay = onEnd(() => this.#close());
    guardsOf(lease).add(this);
    this.#noteLimits();
    context.guarded++;
    this.done = this.#watch().finally(() => {
      context.guarded--;
      guardsOf(lease).delete(this);
      stopListening();
      stay();
      this.#watcher.close();
    });
  }

  /** Lets the session go on without this guard. A stop that has been sent cannot be taken back. */
  release(): void {
    this.#finish('released');
    // Others would stop the session by limits that hold no more.
    if (this.#end === 'released' && guardsOf(this.#lease).delete(this)) this.#noteLimits();
  }

  /** The same as `release`, at the end of a `using` scope. */
  [dispose](): void {
    this.release();
  }

  /** Has the ledger say by which limits the session is guarded now. */
  #noteLimits(): void {
    const { leaseId } = this.#lease.facts;
    if (leaseId === undefined) return;
    const limits = limitsOf([...guardsOf(this.#lease)].map((guard) => guard.#limits));
    this.#context.ledger?.change(leaseId, { limits });
  }

  #nudge(): void {
    if (this.#lease.isOver && !this.#isGoneLately()) this.#finish('ended');
    this.#isNudged = true;
    this.#nap.abort();
  }

  #close(): void {
    if (this.#end !== undefined) return;
    this.#finish('closed');
    const message = `the client was closed, so session ${this.#lease.uuid} runs on without its guard`;
    this.#tell(new OctaConfigurationError({ message }));
  }

  #finish(reason: End): void {
    this.#end ??= reason;
    this.#controller.abort();
    this.#nap.abort();
  }

  get #info(): ServiceInfo | undefined {
    return this.#lease.evidence.record;
  }

  async #watch(): Promise<GuardResult> {
    // Nothing happens before whoever made the guard has it.
    await undefined;
    while (this.#end === undefined) {
      const before = this.#spending.next(this.#clock.now(), false);
      // An hour that is over is over, whatever the API would say.
      if (before.reason === 'duration' && before.inMs <= 0) return this.#stop(before.reason);
      const isFresh = await this.#look();
      if (this.#end !== undefined) break;
      if (this.#isChargeMissing()) return this.#stop('spend');
      const due = this.#spending.next(this.#clock.now(), isFresh);
      if (due.inMs <= 0) return this.#stop(due.reason);
      const nextLookMs = Math.min(this.#paceMs(), this.#spending.firstChargeInMs(this.#clock.now()));
      await this.#sleep(Math.min(due.inMs, nextLookMs));
    }
    return { reason: this.#end, info: this.#info };
  }

  #paceMs(): number {
    const { intervalMs } = this.#watcher;
    return this.#lease.evidence.verdict === 'gone' ? Math.max(intervalMs, longestNapMs * 6) : intervalMs;
  }

  /** Looks once; gives whether it told what the session costs now. */
  async #look(): Promise<boolean> {
    const withinMs = Math.min(lookTimeoutMs, this.#spending.lookWithinMs(this.#clock.now()));
    this.#isNudged = false;
    try {
      const look = await this.#watcher.look(withinMs);
      if (look === undefined) this.#complain(this.#watcher.lastError);
      if (this.#lease.isOver) this.#takeEnd();
      return look?.info !== undefined && this.#lease.evidence.verdict === 'alive' && this.#note(look, look.info);
    } catch (error) {
      // Even a look that is not allowed must not end the guard: the limits count on.
      this.#complain(error);
      return false;
    }
  }

  #note(look: Look, info: ServiceInfo): boolean {
    const at = look.at + this.#clock.aheadMs;
    const charge = this.#spending.note(info, { ...look, at });
    if (charge !== 'unknown') this.#chargeKnownAt = this.#clock.now();
    if (charge === 'fell' && this.#limits.maxSpend !== undefined) {
      this.#complainOnce('the API gave a lower charge than before, so the highest one counts');
    }
    return charge === 'known';
  }

  /** Whether a session that is gone has been for too short a time to believe it. */
  #isGoneLately(): boolean {
    const { verdict, missingSince = 0, missedAt = 0 } = this.#lease.evidence;
    return verdict === 'gone' && missedAt - missingSince < goneForMs;
  }

  #takeEnd(): void {
    if (!this.#isGoneLately()) this.#finish('ended');
    if (this.#end !== undefined) return;
    const { uuid } = this.#lease;
    const message = `guard: the API does not know session ${uuid} any more; its limits count on for now`;
    if (this.#told.has(message)) return;
    this.#told.add(message);
    const request = { operation: 'getSessionInfo', method: 'GET', url: '' };
    this.#complain(new OctaNotFoundError({ message, status: 404, outcome: 'unknown', request }));
  }

  /** A limit of money is none as long as the API does not say what the session costs. Gives whether that ends it. */
  #isChargeMissing(): boolean {
    const { maxSpend, unknownCharge } = this.#limits;
    if (maxSpend === undefined || this.#clock.now() - this.#chargeKnownAt < chargeUnknownMs) return false;
    this.#complainOnce('the API has not said for a minute what the session costs, so maxSpend cannot be kept');
    return unknownCharge === 'stop';
  }

  #complainOnce(what: string): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#complain(new OctaResponseError({ message: `session ${this.#lease.uuid}: ${what}`, outcome: 'unknown' }));
  }

  /** Sleeps until it is time to look; a nudge, or a computer that was asleep, cuts it short. */
  async #sleep(ms: number): Promise<void> {
    const { aheadMs } = this.#clock;
    const until = this.#clock.now() + ms;
    while (this.#end === undefined && !this.#isNudged) {
      const leftMs = until - this.#clock.now();
      if (leftMs <= 0 || this.#clock.aheadMs > aheadMs) return;
      this.#nap = new AbortController();
      const { signal } = this.#nap;
      await this.#context.caller.time
        .sleep(Math.min(leftMs, longestNapMs), { signal, purpose: 'limit' })
        .catch(() => undefined);
    }
  }

  /** Stops the session, however often it takes, until its end is proven. */
  async #stop(reason: 'duration' | 'spend'): Promise<GuardResult> {
    const { signal } = this.#controller;
    const tell = (error: unknown) => this.#complain(error);
    while (this.#end === undefined && !this.#lease.isOver) {
      // The background proves the rest, and tells by a nudge when it has.
      if (this.#lease.proof === undefined) await endLease(this.#context, this.#lease, { signal, tell }).catch(tell);
      if (this.#lease.isOver || this.#end !== undefined) break;
      this.#isNudged = false;
      await this.#sleep(longestNapMs);
    }
    const end = this.#end === 'ended' ? undefined : this.#end;
    return { reason: end ?? reason, info: this.#info };
  }

  #complain(error: unknown): void {
    if (error !== undefined && this.#end === undefined) this.#tell(error);
  }

  #tell(error: unknown): void {
    const { log, quietly } = this.#context.caller;
    const { onError } = this.#limits;
    if (onError !== undefined) quietly('onError', () => onError(error));
    else log('warn', `the guard of session ${this.#lease.uuid} could not do its work just now: ${causeText(error)}`);
  }
}
