/** Handles the end of the process (signals, an empty event loop, `exit`) for all clients with sessions to stop. One per process. */
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { OpenLease } from '../../core/lease-types.ts';
import { OctaError } from '../../errors/errors.ts';
import { described, named } from './messages.ts';

/** Signals within this time count as one keystroke: terminals, and tools such as npm, may send a signal twice. Unit: ms. */
const keystrokeMs = 1_000;
/** How long a signal may take to terminate the process. Unit: ms. */
const dyingMs = 1_000;

/** Something that has sessions to stop. */
export interface ExitEntry {
  readonly signals: readonly NodeJS.Signals[];
  /** Sessions and starts to stop. */
  open(): readonly OpenLease[];
  /** Stops them. Never rejects; resolves within the timeout, whatever the result. */
  end(): Promise<void>;
  /** Stops them synchronously. */
  endNow(): void;
  /** Called when the process ends, or when this entry is removed. */
  leave(): void;
}

/** Writes a line to standard error; ignores a closed stream. */
export function say(text: string): void {
  try {
    writeSync(2, `octaspace: ${text}\n`);
  } catch {
    // The terminal is gone, but the sessions must still be stopped.
  }
}

/**
 * While the sessions are stopped because of a signal, the calls of the program fail: their client was closed. If the program does not catch
 * these errors, the signal must still decide how the process ends.
 */
function onUncaught(error: unknown): void {
  if (error instanceof OctaError) return;
  console.error(error);
  process.exit(1);
}

/** The exit handlers of this process. */
export class Exits {
  readonly #entries = new Set<ExitEntry>();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #isListening = false;
  #endingSince: number | undefined;
  #hasRunOut = false;
  readonly #onBeforeExit = () => void this.#runOut();
  readonly #onExit = () => this.#exit();

  /** Adds an entry. Returns a function that removes it. */
  add(entry: ExitEntry): () => void {
    this.#entries.add(entry);
    this.#listen();
    return () => {
      if (!this.#entries.delete(entry)) return;
      entry.leave();
      this.#listen();
    };
  }

  /** Listens to exactly the events that the entries need. */
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
      // First, because a `once` listener is already removed when later listeners run.
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
    if (!others) process.on('uncaughtException', onUncaught);
    await this.#end(entries, signal);
    process.removeListener('uncaughtException', onUncaught);
    this.#endingSince = undefined;
    if (!others) this.#die(signal);
  }

  /** The event loop is empty. */
  async #runOut(): Promise<void> {
    if (this.#hasRunOut || this.#endingSince !== undefined) return;
    const entries = [...this.#entries].filter((entry) => entry.open().length > 0);
    if (entries.length === 0) return;
    this.#hasRunOut = true;
    await this.#end(entries, 'nothing left to do');
    // Sessions that could not be stopped in time must not keep the process alive. The exit code does not change.
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

  /** On `exit`, a child stops what is still open while this process waits. */
  #exit(): void {
    for (const entry of this.#entries) {
      entry.endNow();
      entry.leave();
    }
  }

  /** Terminates the process by the signal, as without these listeners. */
  #die(signal: NodeJS.Signals): void {
    const left = [...this.#entries].flatMap((entry) => entry.open());
    if (left.length > 0) say(`these may still run and cost money: ${left.map(named).join(', ')}`);
    for (const entry of this.#entries) entry.leave();
    this.#entries.clear();
    this.#listen();
    const exit = () => process.exit(128 + constants.signals[signal]);
    // In a container, the kernel ignores signals to process 1 that have no listener.
    if (process.pid === 1) exit();
    process.kill(process.pid, signal);
    setTimeout(exit, dyingMs);
  }
}

// All copies of this package share one instance: otherwise each copy would take the listeners of the others for those of the program.
const slot = Symbol.for('@octaspace/sdk/exits');

/** The shared exit handlers of this process. */
export function exitsOfProcess(): Pick<Exits, 'add'> {
  const known: unknown = Reflect.get(globalThis, slot);
  // Only this package writes to this slot, and every version of `add` accepts at least what this one does.
  if (known !== undefined) return known as Pick<Exits, 'add'>;
  const exits = new Exits();
  Object.defineProperty(globalThis, slot, { value: exits });
  return exits;
}
