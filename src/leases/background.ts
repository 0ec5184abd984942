/** Work that nobody waits for. */
import type { Caller } from '../core/call-types.ts';

/** How long work in the background keeps the client, and the process, from ending. Unit: ms. */
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
    caller.onClose(({ stopSessions }) => {
      this.#wake.abort();
      if (!stopSessions) return;
      const { signal } = this.#end;
      const late = () => {
        this.#late.abort(new Error('the client was closed'));
        for (const letGo of [...this.#held]) letGo();
      };
      caller.time.sleep(keptAliveMs, { signal, purpose: 'limit' }).then(late, () => undefined);
    });
    caller.onEnd(() => this.#end.abort());
  }

  /** Aborted when a client that is closed with its sessions waits no longer for them to stop. */
  get late(): AbortSignal {
    return this.#late.signal;
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
      this.#held.delete(letGo);
    };
    const letGo = () => {
      const message = unfinished();
      if (message !== undefined) log('error', message);
      end();
    };
    work.catch(() => undefined).then(end);
    if (this.late.aborted) queueMicrotask(letGo);
    else this.#held.add(letGo);
    time.sleep(keptAliveMs, { signal: done.signal, purpose: 'limit' }).then(letGo, () => undefined);
  }
}
