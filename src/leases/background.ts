/** Background work, which no caller awaits. */
import type { Caller } from '../core/call-types.ts';

/** How long background work delays the end of the client and of the process. Unit: ms. */
const keptAliveMs = 15_000;

/** Runs the background work of one client. */
export class Background {
  readonly #caller: Caller;
  readonly #wake = new AbortController();
  readonly #end = new AbortController();

  constructor(caller: Caller) {
    this.#caller = caller;
    caller.onClose(() => this.#wake.abort());
    caller.onEnd(() => this.#end.abort());
  }

  /** Waits without keeping the process alive. Closing the client ends the wait. */
  async rest(ms: number): Promise<void> {
    const { signal } = this.#wake;
    // While the client closes, it waits for this work, so the timer must keep the process alive until the client has ended.
    const options = signal.aborted ? { signal: this.#end.signal } : { signal, purpose: 'background' as const };
    await this.#caller.time.sleep(ms, options).catch(() => undefined);
  }

  /**
   * Runs work that no caller awaits. It keeps the client and the process alive for 15 s at most. Then `unfinished` is logged, and the
   * work continues as long as both live.
   */
  run(work: Promise<unknown>, unfinished: () => string | undefined = () => undefined): void {
    const { ended, hold, log, time } = this.#caller;
    let leave = ended() ? undefined : hold('leases', true);
    const done = new AbortController();
    const end = () => {
      leave?.();
      leave = undefined;
      done.abort();
    };
    const letGo = () => {
      const message = unfinished();
      if (message !== undefined) log('error', message);
      end();
    };
    work.catch(() => undefined).then(end);
    time.sleep(keptAliveMs, { signal: done.signal, purpose: 'limit' }).then(letGo, () => undefined);
  }
}
