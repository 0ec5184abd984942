/** Background work, which no caller awaits. */
import type { Caller } from '../core/call-types.ts';
import { clientClosed } from '../errors/from-failure.ts';

/** How long background work delays the end of the client and of the process. Unit: ms. */
const keptAliveMs = 15_000;

/** Runs the background work of one client. */
export class Background {
  readonly #caller: Caller;
  readonly #wake = new AbortController();
  readonly #end = new AbortController();
  readonly #late = new AbortController();
  /** Work that the client waits for. */
  readonly #held = new Set<() => void>();

  constructor(caller: Caller) {
    this.#caller = caller;
    caller.onClose(() => this.#wake.abort());
    caller.onEnd(() => this.#end.abort());
  }

  /** Limits how long a client that is closed waits for its work: 15 s from now. */
  expire(): void {
    const { signal } = this.#end;
    const late = () => {
      this.#late.abort(clientClosed);
      for (const letGo of [...this.#held]) letGo();
    };
    this.#caller.time.sleep(keptAliveMs, { signal, purpose: 'limit' }).then(late, () => undefined);
  }

  /** Aborted when a client that is closed and stops its sessions no longer waits for them. */
  get late(): AbortSignal {
    return this.#late.signal;
  }

  /** Waits without keeping the process alive. Closing the client ends the wait. */
  async rest(ms: number): Promise<void> {
    const { signal } = this.#wake;
    // A client that is closing waits for this work, so the timer must keep the process alive until the client has ended.
    const options = signal.aborted ? { signal: this.#end.signal } : { signal, purpose: 'background' as const };
    await this.#caller.time.sleep(ms, options).catch(() => undefined);
  }

  /** Waits without keeping the process alive. Returns false as soon as the client is closed, else true after `ms`. */
  async outlives(ms: number): Promise<boolean> {
    const options = { signal: this.#wake.signal, purpose: 'background' } as const;
    return await this.#caller.time.sleep(ms, options).then(
      () => true,
      () => false,
    );
  }

  /**
   * Runs work that no caller awaits. It keeps the client and the process alive for 15 s at most. Then `unfinished` is logged, with the
   * fields `about`, and the work continues as long as both live.
   */
  run(
    work: Promise<unknown>,
    unfinished: () => string | undefined = () => undefined,
    about?: Parameters<Caller['log']>[2],
  ): void {
    const { ended, hold, log, time } = this.#caller;
    let leave = ended() ? undefined : hold('leases', true);
    const done = new AbortController();
    const end = () => {
      leave?.();
      leave = undefined;
      done.abort();
      this.#held.delete(letGo);
    };
    const letGo = () => {
      const message = unfinished();
      if (message !== undefined) log('error', message, about);
      end();
    };
    work.catch(() => undefined).then(end);
    if (this.late.aborted) queueMicrotask(letGo);
    else this.#held.add(letGo);
    time.sleep(keptAliveMs, { signal: done.signal, purpose: 'limit' }).then(letGo, () => undefined);
  }
}
