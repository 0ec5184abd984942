/** A guard stops a session at a limit of time or money. */
import type { ServiceInfo } from '../../generated/models.ts';
import { dispose } from '../disposal.ts';
import { causeText, OctaConfigurationError, OctaNotFoundError, OctaResponseError } from '../errors/errors.ts';
import { isMissing, lookTimeoutMs } from './api.ts';
import type { Context } from './context.ts';
import { endLease } from './ending.ts';
import { mayComeBack } from './evidence.ts';
import { checkLimits, type GivenLimits, type GuardResult, limitsOf } from './guard-limits.ts';
import type { Lease } from './lease.ts';
import type { Look } from './observer.ts';
import { Spending } from './spending.ts';
import { WakefulClock } from './wakeful-clock.ts';
import { Watcher } from './watcher.ts';

/** How long the API may omit the charge of a session. Unit: ms. */
const chargeUnknownMs = 60_000;
/** Longest single sleep, so that the guard notices that the computer was suspended. Unit: ms. */
const longestNapMs = 10_000;

type End = Exclude<GuardResult['reason'], 'duration' | 'spend'>;

const guardsByLease = /* @__PURE__ */ new WeakMap<Lease, Set<SessionGuard>>();

/** The guards of a session. */
export function guardsOf(lease: Lease): Set<SessionGuard> {
  const guards = guardsByLease.get(lease) ?? new Set();
  guardsByLease.set(lease, guards);
  return guards;
}

/** Stops one session at a limit. It ends with the session, and keeps a Node process alive until then. */
export class SessionGuard {
  /** Resolves when the guard ends. Never rejects: the guard passes failures to `onError` and retries. */
  readonly done: Promise<GuardResult>;
  /** @internal */
  readonly limits: GivenLimits;
  readonly #context: Context;
  readonly #lease: Lease;
  readonly #clock: WakefulClock;
  readonly #spending: Spending;
  readonly #watcher: Watcher;
  readonly #controller = new AbortController();
  #nap = new AbortController();
  #isNudged = false;
  #end: End | undefined;
  #chargeKnownAt: number;
  /** How many looks in a row have shown no charge. */
  #looksWithoutCharge = 0;
  readonly #told = new Set<string>();

  /** @internal */
  constructor(context: Context, lease: Lease, limits: GivenLimits) {
    checkLimits(limits);
    const { time, onEnd } = context.caller;
    this.#context = context;
    this.#lease = lease;
    this.limits = limits;
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

  /** Ends the guard; the session keeps running. A stop that was already sent cannot be undone. */
  release(): void {
    this.#finish('released');
    // Otherwise the ledger would still have these limits, and another process could stop the session at them.
    if (this.#end !== 'released' || !guardsOf(this.#lease).delete(this)) return;
    this.#noteLimits();
    this.#context.totalSpend?.guard?.(this.#lease);
  }

  /** The same as `release`, at the end of a `using` scope. */
  [dispose](): void {
    this.release();
  }

  /** Writes the limits that guard the session now to the ledger. */
  #noteLimits(): void {
    const { leaseId } = this.#lease.facts;
    if (leaseId === undefined) return;
    const limits = limitsOf([...guardsOf(this.#lease)].map((guard) => guard.limits));
    this.#context.ledger?.change(leaseId, { limits });
  }

  #nudge(): void {
    if (this.#lease.isOver && !mayComeBack(this.#lease.evidence)) this.#finish('ended');
    this.#isNudged = true;
    this.#nap.abort();
  }

  #close(): void {
    if (this.#end !== undefined) return;
    this.#finish('closed');
    const message = `the client was closed, so session ${this.#lease.uuid} keeps running without its guard`;
    this.#tell(new OctaConfigurationError({ message }));
  }

  #finish(reason: End): void {
    this.#end ??= reason;
    this.#controller.abort();
    this.#nap.abort();
  }

  async #watch(): Promise<GuardResult> {
    // The caller must have the guard before anything happens.
    await undefined;
    while (this.#end === undefined) {
      const before = this.#spending.next(this.#clock.now(), false);
      // The duration limit needs no response of the API.
      if (before.reason === 'duration' && before.inMs <= 0) return this.#stop(before.reason);
      const isFresh = await this.#look();
      if (this.#end !== undefined) break;
      if (this.#isChargeMissing()) return this.#stop('spend');
      const due = this.#spending.next(this.#clock.now(), isFresh);
      if (due.inMs <= 0) return this.#stop(due.reason);
      const nextLookMs = Math.min(this.#paceMs(), this.#spending.firstChargeInMs(this.#clock.now()));
      await this.#sleep(Math.min(due.inMs, nextLookMs));
    }
    return { reason: this.#end, info: this.#lease.evidence.record };
  }

  #paceMs(): number {
    const { intervalMs } = this.#watcher;
    return this.#lease.evidence.verdict === 'gone' ? Math.max(intervalMs, longestNapMs * 6) : intervalMs;
  }

  /** Looks once. Returns whether the API reported the current charge. */
  async #look(): Promise<boolean> {
    const withinMs = Math.min(lookTimeoutMs, this.#spending.lookWithinMs(this.#clock.now()));
    this.#isNudged = false;
    this.#looksWithoutCharge++;
    try {
      const look = await this.#watcher.look(withinMs);
      if (look === undefined) this.#complain(this.#watcher.lastError);
      if (this.#lease.isOver) this.#takeEnd();
      return look?.info !== undefined && this.#lease.evidence.verdict === 'alive' && this.#note(look, look.info);
    } catch (error) {
      // Even a rejected key must not end the guard: the limits still apply.
      this.#complain(error);
      return false;
    }
  }

  #note(look: Look, info: ServiceInfo): boolean {
    const at = look.at + this.#clock.aheadMs;
    const charge = this.#spending.note(info, { ...look, at });
    if (charge !== 'unknown') {
      this.#chargeKnownAt = this.#clock.now();
      this.#looksWithoutCharge = 0;
    }
    if (charge === 'fell' && this.limits.maxSpend !== undefined) {
      this.#complainOnce('the API reported a lower charge than before; the highest one counts');
    }
    return charge === 'known';
  }

  #takeEnd(): void {
    if (!mayComeBack(this.#lease.evidence)) this.#finish('ended');
    if (this.#end !== undefined) return;
    const { uuid } = this.#lease;
    const message = `guard: the API no longer has session ${uuid}; the guard goes on for a while, in case it comes back`;
    if (this.#told.has(message)) return;
    this.#told.add(message);
    const request = { operation: 'getSessionInfo', method: 'GET', url: '' };
    this.#complain(new OctaNotFoundError({ message, status: 404, outcome: 'unknown', request }));
  }

  /** Without a charge, `maxSpend` cannot be enforced. Returns whether the guard must stop the session for that reason. */
  #isChargeMissing(): boolean {
    const { maxSpend, unknownCharge } = this.limits;
    const isShort = this.#clock.now() - this.#chargeKnownAt < chargeUnknownMs;
    // One look that fails after a long pause, such as a suspended process, proves nothing.
    if (maxSpend === undefined || isShort || this.#looksWithoutCharge < 2) return false;
    this.#complainOnce('the API has not reported the charge for 60 s, so maxSpend cannot be enforced');
    return unknownCharge === 'stop';
  }

  #complainOnce(what: string): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#complain(new OctaResponseError({ message: `session ${this.#lease.uuid}: ${what}`, outcome: 'unknown' }));
  }

  /** Sleeps until the next look, or until a nudge. If the computer was suspended, the sleep ends at once. */
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

  /** Stops the session, again and again, until it is proven over. */
  async #stop(reason: 'duration' | 'spend'): Promise<GuardResult> {
    const { signal } = this.#controller;
    const tell = (error: unknown) => this.#complain(error);
    await this.#stopGone();
    while (this.#end === undefined && !this.#lease.isOver) {
      // The background work completes the proof, and then nudges the guard.
      if (this.#lease.proof === undefined) await endLease(this.#context, this.#lease, { signal, tell }).catch(tell);
      if (this.#lease.isOver || this.#end !== undefined) break;
      this.#isNudged = false;
      await this.#sleep(longestNapMs);
    }
    const end = this.#end === 'ended' ? undefined : this.#end;
    return { reason: end ?? reason, info: this.#lease.evidence.record };
  }

  /** Stops a session that seems to be gone: it may come back, and then nothing would guard it. */
  async #stopGone(): Promise<void> {
    while (this.#end === undefined && mayComeBack(this.#lease.evidence)) {
      try {
        return void (await this.#context.api.stop(this.#lease));
      } catch (error) {
        if (isMissing(error)) return;
        this.#complain(error);
      }
      this.#isNudged = false;
      await this.#sleep(longestNapMs);
    }
  }

  #complain(error: unknown): void {
    if (error !== undefined && this.#end === undefined) this.#tell(error);
  }

  #tell(error: unknown): void {
    const { log, quietly } = this.#context.caller;
    const { onError } = this.limits;
    const { uuid: session } = this.#lease;
    if (onError !== undefined) quietly('onError', () => onError(error));
    else log('warn', `guard of session ${session}: ${causeText(error)}`, { session, error });
  }
}
