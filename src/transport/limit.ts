import type { Clock } from '../clock.ts';
import type { PassedLimit } from '../errors/from-failure.ts';
import { onAbort } from './abort.ts';
import { nextLimit } from './deadline.ts';
import { LightSignal } from './light-signal.ts';
import { nothing } from './nothing.ts';
import type { Call } from './types.ts';

/** The reason of a timeout signal. React Native has no DOMException. */
function timeoutError(message: string): Error {
  return typeof DOMException === 'function'
    ? new DOMException(message, 'TimeoutError')
    : Object.assign(new Error(message), { name: 'TimeoutError' });
}

/** A timer that fires this late shows that the process was blocked or suspended. Unit: ms. */
const stoodStillMs = 500;
/** Time to process data that arrived meanwhile, because timers run before sockets are read. Unit: ms. */
const graceMs = 250;

/** The signal of one attempt. Fires when the caller aborts, or when the first of the call's time limits is reached. */
export class Limit {
  /** For the SDK's own code. */
  readonly light = new LightSignal();
  #controller: AbortController | undefined;
  readonly #caller: AbortSignal | undefined;
  readonly #clock: Clock;
  readonly #call: Call;
  #timer: unknown;
  #isOver = false;
  #stopListening = nothing;
  #reject: (reason: unknown) => void = nothing;
  /** The time limit that was reached, if any. */
  passed: PassedLimit | undefined;

  constructor(call: Call, clock: Clock) {
    this.#clock = clock;
    this.#call = call;
    this.#caller = call.signal;
    this.#begin(call);
    if (call.signal?.aborted) this.#forward();
    else if (call.signal !== undefined) this.#stopListening = onAbort(call.signal, () => this.#forward());
  }

  /** For a fetch, which requires an AbortSignal. Created on first use. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.light.aborted) this.#controller.abort(this.light.reason);
    }
    return this.#controller.signal;
  }

  /** Settles with the work, or as soon as the signal fires, so that a fetch that ignores signals cannot block the call. */
  bound<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      work.then(resolve, reject);
      // The work may have fired the signal synchronously.
      if (this.light.aborted) reject(this.light.reason);
    });
  }

  /** The attempt waits for a connection or for `beforeSend`. Until `proceed`, only the limit of the whole call applies. */
  wait(): void {
    this.#begin({ ...this.#call, timeoutMs: 0 });
  }

  /** The attempt restarts with its full time. */
  proceed(): void {
    this.#begin(this.#call);
  }

  /** Ends the time limits. The caller's signal still applies to a body that is read later. */
  finish(): void {
    this.#isOver = true;
    this.#stopTimer();
    // The function would keep the response in memory.
    this.#reject = nothing;
  }

  release(): void {
    this.finish();
    this.#stopListening();
  }

  #stopTimer(): void {
    this.#clock.clearTimer(this.#timer);
  }

  #begin(limits: Parameters<typeof nextLimit>[0]): void {
    // What the attempt waited for may settle after the attempt has ended.
    if (this.#isOver || this.light.aborted) return;
    this.#stopTimer();
    const next = nextLimit(limits, this.#clock.now());
    if (next === undefined) return;
    if (next.inMs <= 0) this.#expire(next.limit);
    else this.#wait(next.limit, next.inMs);
  }

  #wait(limit: PassedLimit, inMs: number): void {
    const dueAt = this.#clock.now() + inMs;
    const act = () => {
      const isLate = this.#clock.now() - dueAt > stoodStillMs;
      if (isLate) this.#timer = this.#clock.setTimer(() => this.#expire(limit), graceMs, 'limit');
      else this.#expire(limit);
    };
    this.#timer = this.#clock.setTimer(act, inMs, 'limit');
  }

  #forward(): void {
    this.#fire(this.#caller?.reason);
  }

  #fire(reason: unknown): void {
    this.light.abort(reason);
    this.#controller?.abort(reason);
    this.#reject(reason);
  }

  #expire(limit: PassedLimit): void {
    this.passed = limit;
    this.#fire(timeoutError(`${limit.option} passed.`));
  }
}
