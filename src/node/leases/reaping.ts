/** The work of the child: stops the open sessions of its process, and searches for sessions of its pending starts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OctaClient } from '../../client.ts';
import type { OpenLease } from '../../core/lease-types.ts';
import type { Attempt } from '../../leases/attempt.ts';
import type { Context } from '../../leases/context.ts';
import { endLease, stopForCertain } from '../../leases/ending.ts';
import type { Lease } from '../../leases/lease.ts';
import { contextOf } from '../../leases/leases.ts';
import { type Inbox, named, type Setup } from './messages.ts';

/** An ending process does not wait for the session of an older start. Unit: ms. */
const waitedForMs = 60_000;
/** First and longest wait between two searches for the session of a start; each wait is 1.5 times the previous one. Unit: ms. */
const firstLookMs = 500;
const longestLookMs = 30_000;
/** Time between two checks of the progress of the context. Unit: ms. */
const settleEveryMs = 50;

/** The share of the time limit after which sessions that could not be stopped are named. */
const proofShare = 0.9;

/** Prints a line; the text has no line break. */
export type Say = (text: string) => void;

/** Stops what one process has left behind. */
class Reaping {
  readonly #context: Context;
  readonly #setup: Setup;
  readonly #say: Say;
  readonly #endsAt: number;

  constructor(context: Context, setup: Setup, say: Say) {
    this.#context = context;
    this.#setup = setup;
    this.#say = say;
    this.#endsAt = performance.now() + setup.withinMs;
  }

  get #leftMs(): number {
    return this.#endsAt - performance.now();
  }

  /** Returns whether everything is over. */
  async run(open: readonly OpenLease[]): Promise<boolean> {
    const starts = open.filter(({ uuid }) => uuid === undefined);
    const stops = open.flatMap((each) => (each.uuid === undefined ? [] : [this.#stop(each, each.uuid)]));
    const work = Promise.all([this.#find(starts), ...stops]);
    const tooLong = sleep(this.#setup.withinMs, undefined, { ref: false }).then(() => undefined);
    const done = await Promise.race([work, tooLong]);
    return done?.every(Boolean) ?? false;
  }

  async #stop({ leaseId, service, nodeId, headers, ageMs }: OpenLease, uuid: string): Promise<boolean> {
    const context = this.#context;
    const startedAt = context.caller.time.now() - ageMs;
    const lease = context.hold(uuid, { leaseId, service, nodeId, headers, startedAt });
    const signal = AbortSignal.timeout(this.#setup.withinMs * proofShare);
    try {
      const isQuick = this.#setup.mode === 'once';
      const work = isQuick ? endLease(context, lease) : stopForCertain(context, lease, { signal, totalTimeoutMs: 0 });
      await context.caller.time.orAborted<unknown>(work, signal);
      this.#say(`stopped session ${uuid}`);
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#say(`session ${uuid} could not be stopped and may still cost money: ${why}`);
      return false;
    }
  }

  /** Looks for the sessions of starts; the context stops them as soon as a list shows them. */
  async #find(starts: readonly OpenLease[]): Promise<boolean> {
    const attempts = starts.flatMap((start) => this.#attemptOf(start) ?? []);
    const isOpen = ({ state }: Attempt) => state === 'unknown';
    for (let waitMs = firstLookMs; attempts.some(isOpen) && this.#leftMs > waitMs; ) {
      const headers = attempts.find(isOpen)?.headers;
      const list = this.#context.api.list(false, { headers, retries: 0, timeoutMs: Math.max(1, this.#leftMs) });
      const found = await Promise.resolve(list).catch(() => undefined);
      this.#context.saw(found?.value ?? []);
      if (attempts.some(isOpen)) await sleep(waitMs);
      waitMs = Math.min(1.5 * waitMs, longestLookMs);
    }
    if (!(await this.#settle())) return false;
    for (const attempt of attempts.filter(isOpen)) this.#giveUp(attempt);
    return starts.length === attempts.length && !attempts.some(isOpen);
  }

  /** Waits until every session found is over or, in the mode `once`, stopped. */
  async #settle(): Promise<boolean> {
    const { held } = this.#context;
    const isDone = ({ isOver, stopAccepted }: Lease) => isOver || (this.#setup.mode === 'once' && stopAccepted);
    while (![...held.values()].every(isDone)) {
      if (this.#leftMs < settleEveryMs) return false;
      await sleep(settleEveryMs);
    }
    return true;
  }

  #giveUp({ id, nodeId }: Attempt): void {
    this.#say(`the outcome of start ${id} on node ${nodeId} is unknown; check the active sessions`);
  }

  /** The attempt whose session to look for; undefined if it cannot be found. */
  #attemptOf(start: OpenLease): Attempt | undefined {
    const { leaseId, service, nodeId = 0, headers, ageMs } = start;
    const isTooOld = this.#setup.mode === 'once' && ageMs > waitedForMs;
    if (leaseId === undefined || service === undefined || isTooOld) return undefined;
    if (service === 'vpn' || this.#context.variable === false) {
      this.#say(`${named(start)} carries no mark, so its session cannot be found; check the active sessions`);
      return undefined;
    }
    const init = { id: leaseId, service, nodeId, kind: undefined, headers, byRent: true };
    const attempt = this.#context.attempt(init);
    attempt.state = 'unknown';
    return attempt;
  }
}

/** Stops open sessions and searches for those of pending starts. Returns whether everything is over; never throws. */
export async function reapOpen({ setup, key, open }: Inbox, say: Say): Promise<boolean> {
  if (setup === undefined || open.size === 0) return true;
  const { baseUrls, headers, variable } = setup;
  const client = new OctaClient({
    apiKey: key,
    baseUrls,
    headers,
    leaseVariable: variable,
    timeoutMs: Math.min(10_000, setup.withinMs),
    logLevel: 'silent',
    onLateSession: ({ session, leaseId }) => say(`found session ${session} of start ${leaseId}; stopping it`),
  });
  return await new Reaping(contextOf(client), setup, say).run([...open.values()]);
}
