/** Work that nobody waits for. */
import type { Caller } from '../core/call-types.ts';

/** How long work in the background keeps the client, and the process, from ending. Unit: ms. */
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

  /** Waits without keeping the process alive; a client that is closed cuts it short. */
  async rest(ms: number): Promise<void> {
    const { signal } = this.#wake;
    // A client that is closing waits for this, so it counts as a wait then; and one that has ended needs it no longer.
    const options = signal.aborted ? { signal: this.#end.signal } : { signal, purpose: 'background' as const };
    await this.#caller.time.sleep(ms, options).catch(() => undefined);
  }

  /**
   * Runs work that nobody waits for. It keeps the client from closing, and the process from ending, for a while; what is not done by
   * then is said in the log, and goes on as long as both live.
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
