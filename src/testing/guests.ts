/** Code of callers that runs within calls of the SDK: time does not run ahead of it, unless it waits on the clock itself. */
import { afterRealTime, builtin } from './real-time.ts';

/** One run of such code. */
export class Guest {
  readonly #outer: Guest | undefined;
  #waits = 0;

  /** `outer` is the one within whose code it runs. */
  constructor(outer: Guest | undefined) {
    this.#outer = outer;
  }

  /** How many waits on the clock it has set itself, and not seen end. */
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

/** As much of Node's AsyncLocalStorage as is used here. */
interface Context {
  run<Result>(guest: Guest, work: () => Result): Result;
  getStore(): Guest | undefined;
}

/** Work that never ends, such as that of a hook that hangs, holds time up no longer than this. Unit: ms of real time. */
const patienceMs = 1000;

function makeContext(): Context | undefined {
  const made: unknown = Reflect.get(builtin('node:async_hooks') ?? {}, 'AsyncLocalStorage');
  // What the runtime calls node:async_hooks has this class, and it takes no arguments.
  return typeof made === 'function' ? (Reflect.construct(made, []) as Context) : undefined;
}

/** One for all: each has its price for every promise of the process. */
let context: Context | undefined;

/** All callers' code of one clock. */
export class Guests {
  readonly #present = new Set<Guest>();

  /** Whether one of them is at something that is not of this clock. */
  get busy(): boolean {
    for (const { waits } of this.#present) if (waits === 0) return true;
    return false;
  }

  /** Whose code this is; undefined where that cannot be told, and outside of all. */
  get current(): Guest | undefined {
    return context?.getStore();
  }

  /** Waits for none of those that are present any more. */
  forget(): void {
    this.#present.clear();
  }

  /** Runs code, and gives what it gives; `onLeave` is told when a promise of it has settled. */
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
