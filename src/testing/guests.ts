/** Code of callers that runs within calls of the SDK, such as hooks. Time stands still while it runs, unless it waits on the clock. */
import { afterRealTime, builtin } from './real-time.ts';

/** One run of a caller's code. */
export class Guest {
  readonly #outer: Guest | undefined;
  #waits = 0;

  /** `outer` is the run that contains this one. */
  constructor(outer: Guest | undefined) {
    this.#outer = outer;
  }

  /** The number of its own waits on the clock that have not ended. */
  get waits(): number {
    return this.#waits;
  }

  beginWait(): void {
    this.#waits++;
    this.#outer?.beginWait();
  }

  endWait(): void {
    this.#waits--;
    this.#outer?.endWait();
  }
}

/** The part of Node's AsyncLocalStorage that is used here. */
interface Context {
  run<Result>(guest: Guest, work: () => Result): Result;
  getStore(): Guest | undefined;
}

/** Work that never ends, such as a hook that hangs, stops time for at most this long. Unit: ms of real time. */
const patienceMs = 1000;

function makeContext(): Context | undefined {
  const made: unknown = Reflect.get(builtin('node:async_hooks') ?? {}, 'AsyncLocalStorage');
  // The built-in module node:async_hooks has this class, and its constructor takes no arguments.
  return typeof made === 'function' ? (Reflect.construct(made, []) as Context) : undefined;
}

/** Shared by all clocks, because each instance slows down every promise of the process. */
let context: Context | undefined;

/** The callers' code of one clock. */
export class Guests {
  readonly #present = new Set<Guest>();

  /** Whether any run is doing something other than waiting on this clock. */
  get busy(): boolean {
    for (const { waits } of this.#present) if (waits === 0) return true;
    return false;
  }

  /** The run that the current code belongs to; undefined outside of all runs, or if the runtime cannot tell. */
  get current(): Guest | undefined {
    return context?.getStore();
  }

  /** Stops waiting for all current runs. */
  forget(): void {
    this.#present.clear();
  }

  /** Runs code, and returns its result. If that is a promise, calls `onLeave` when it has settled. */
  run<Result>(work: () => Result, onLeave: () => void): Result {
    context ??= makeContext();
    const guest = new Guest(this.current);
    const result = context === undefined ? work() : context.run(guest, work);
    if (!(result instanceof Promise)) return result;
    this.#present.add(guest);
    const leave = () => {
      forget();
      this.#present.delete(guest);
      onLeave();
    };
    const forget = afterRealTime(leave, patienceMs);
    result.then(leave, leave);
    return result;
  }
}
