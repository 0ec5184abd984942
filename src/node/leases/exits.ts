/** How a process ends: its signals, an empty event loop and `exit`, for everything that has sessions to stop. One of it in a process. */
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { OpenLease } from '../../core/lease-types.ts';
import { described, named } from './messages.ts';

/** Signals within this time are one keystroke: a terminal, and tools such as npm, may send it twice. Unit: ms. */
const keystrokeMs = 1_000;
/** How long a signal may take to end the process. Unit: ms. */
const dyingMs = 1_000;

/** Something that has sessions to stop. */
export interface ExitEntry {
  readonly signals: readonly NodeJS.Signals[];
  /** What is to be stopped. */
  open(): readonly OpenLease[];
  /** Stops it; never throws. Resolves in time, whatever came of it. */
  end(): Promise<void>;
  /** The same while the process waits. */
  endNow(): void;
  /** The process ends, or this entry is taken back. */
  leave(): void;
}

/** Says something on standard error, even if nobody can read it any more. */
export function say(text: string): void {
  try {
    writeSync(2, `octaspace: ${text}\n`);
  } catch {
    // The terminal is gone; the sessions still have to be stopped.
  }
}

/** Ends of this process. */
export class Exits {
  readonly #entries = new Set<ExitEntry>();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #isListening = false;
  #endingSince: number | undefined;
  #hasRunOut = false;
  readonly #onBeforeExit = () => void this.#runOut();
  readonly #onExit = () => this.#exit();

  /** Adds an entry; gives what takes it back. */
  add(entry: ExitEntry): () => void {
    this.#entries.add(entry);
    this.#listen();
    return () => {
      if (!this.#entries.delete(entry)) return;
      entry.leave();
      this.#listen();
    };
  }

  /** Listens to what the entries want to hear of, and to nothing else. */
  #listen(): void {
    const wanted = new Set([...this.#entries].flatMap(({ signals }) => signals));
    for (const [signal, listener] of this.#listeners) {
      if (wanted.has(signal)) continue;
      process.removeListener(signal, listener);
      this.#listeners.delete(signal);
    }
    for (const signal of wanted) {
      if (this.#listeners.has(signal)) continue;
      const listener = () => void this.#signalled(signal);
      this.#listeners.set(signal, listener);
      // Before others, because one that listens once is not there any more when it is called.
      process.prependListener(signal, listener);
    }
    const isNeeded = this.#entries.size > 0;
    if (isNeeded === this.#isListening) return;
    this.#isListening = isNeeded;
    const change = isNeeded ? 'on' : 'removeListener';
    process[change]('beforeExit', this.#onBeforeExit);
    process[change]('exit', this.#onExit);
  }

  async #signalled(signal: NodeJS.Signals): Promise<void> {
    const others = process.listenerCount(signal) > 1;
    if (this.#endingSince !== undefined) {
      const isSecond = performance.now() - this.#endingSince >= keystrokeMs;
      if (isSecond && !others) this.#die(signal);
      return;
    }
    const entries = [...this.#entries].filter(({ signals }) => signals.includes(signal));
    this.#endingSince = performance.now();
    await this.#end(entries, signal);
    this.#endingSince = undefined;
    if (!others) this.#die(signal);
  }

  /** Nothing keeps the process alive any more. */
  async #runOut(): Promise<void> {
    if (this.#hasRunOut || this.#endingSince !== undefined) return;
    const entries = [...this.#entries].filter((entry) => entry.open().length > 0);
    if (entries.length === 0) return;
    this.#hasRunOut = true;
    await this.#end(entries, 'nothing left to do');
    // What could not be stopped in time must not keep the process alive. The exit code stays as it is.
    if (entries.some((entry) => entry.open().length > 0)) process.exit();
    this.#hasRunOut = false;
  }

  async #end(entries: readonly ExitEntry[], why: string): Promise<void> {
    const open = entries.flatMap((entry) => entry.open());
    if (open.length === 0) return;
    const isStopped = open.every((each) => each.isStopped);
    say(`${why}: ${isStopped ? 'waiting for the end of' : 'stopping'} ${described(open)} …`);
    await Promise.all(entries.map((entry) => entry.end()));
  }

  /** The last moments: whatever is still open is stopped by a child while this process waits. */
  #exit(): void {
    for (const entry of this.#entries) {
      entry.endNow();
      entry.leave();
    }
  }

  /** Ends the process by a signal, as it would have ended without these listeners. */
  #die(signal: NodeJS.Signals): void {
    const left = [...this.#entries].flatMap((entry) => entry.open());
    if (left.length > 0) say(`these may run on, and cost money: ${left.map(named).join(', ')}`);
    for (const entry of this.#entries) entry.leave();
    this.#entries.clear();
    this.#listen();
    const exit = () => process.exit(128 + constants.signals[signal]);
    // The kernel ignores signals of a container's first process that nobody listens to.
    if (process.pid === 1) exit();
    process.kill(process.pid, signal);
    setTimeout(exit, dyingMs);
  }
}

// One for all copies of this package: each would take the others for listeners of the program.
const slot = Symbol.for('@octaspace/sdk/exits');

/** The ends of this process. */
export function exitsOfProcess(): Pick<Exits, 'add'> {
  const known: unknown = Reflect.get(globalThis, slot);
  // Nobody else writes to this slot, and no version of `add` will take less than this one.
  if (known !== undefined) return known as Pick<Exits, 'add'>;
  const exits = new Exits();
  Object.defineProperty(globalThis, slot, { value: exits });
  return exits;
}
