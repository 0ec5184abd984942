/** `stopOnExit()`: stops the sessions of a client when the process ends. */
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, threadId } from 'node:worker_threads';
import { type LeaseWindow, leaseWindow, type OpenLease } from '../../core/lease-types.ts';
import { dispose } from '../../disposal.ts';
import { OctaConfigurationError } from '../../errors/errors.ts';
import { unknownOption } from '../../nearest.ts';
import { type Handed, Reaper, reaperProgram, reapNow } from './child.ts';
import { type ExitEntry, exitsOfProcess, say } from './exits.ts';
import { named, type Setup } from './messages.ts';

/** Options of `stopOnExit()`. */
export interface StopOnExitOptions {
  /** Signals that end the process. Default SIGINT, SIGTERM and SIGHUP. */
  readonly signals?: readonly `SIG${string}`[] | undefined;
  /** How long to delay the end of the process. Then stderr names the sessions that are not stopped. Unit: ms. Default 8 000. */
  readonly timeoutMs?: number | undefined;
  /**
   * True: a small child process runs beside this one, and stops its sessions if it is killed, as by `kill -9` or when out of memory.
   * Default false.
   */
  readonly reaper?: boolean | undefined;
}

/** Handle of `stopOnExit`; disposing it removes the exit handlers. */
export interface StopOnExit {
  /** Removes the exit handlers: the process then ends without stopping anything. A `using` scope calls it at its end. */
  [dispose](): void;
}

/** One address of the API. */
export interface BaseUrl {
  /** The URL. */
  readonly url: string;
}

/** Where the API is. */
export interface BaseUrls {
  /** Every address that a client uses. */
  readonly baseUrls: readonly BaseUrl[];
}

/** What `stopOnExit` needs of a client: an `OctaClient` or `OctaCore`. */
export interface ClosableClient {
  /** Whether `close` was called. */
  readonly closed: boolean;
  /** Where the API is. */
  transportStats(): BaseUrls;
  /** Closes it. */
  close(options?: { readonly stopSessions?: boolean | undefined }): Promise<void>;
}

const usualSignals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** How long the child that outlives the process searches for sessions and tries to stop them. Unit: ms. */
const reaperWithinMs = 15 * 60_000;
/** How long it writes to the standard error of the process. Readers of a pipe wait until it is closed. Unit: ms. */
const quietAfterMs = 30_000;

const ownName = isMainThread ? `process ${process.pid}` : `worker ${threadId} of process ${process.pid}`;

type Check = readonly [fits: (value: unknown) => boolean, what: string];

function isSignal(value: unknown): boolean {
  return typeof value === 'string' && Object.hasOwn(constants.signals, value) && !/^SIG(KILL|STOP)$/.test(value);
}

const checks: Readonly<Record<keyof StopOnExitOptions, Check>> = {
  signals: [
    (value) => Array.isArray(value) && value.every(isSignal),
    'an array of signals that a process can listen to, such as ["SIGINT", "SIGTERM"]',
  ],
  timeoutMs: [
    (value) => typeof value === 'number' && Number.isFinite(value) && value > 0,
    'a number of milliseconds above 0',
  ],
  reaper: [(value) => typeof value === 'boolean', 'true or false'],
};

function refuse(message: string): never {
  throw new OctaConfigurationError({ message });
}

function checkOptions(options: StopOnExitOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const check = Object.entries(checks).find(([known]) => known === name)?.[1];
    if (check === undefined) refuse(unknownOption(name, Object.keys(checks), 'stopOnExit'));
    if (value !== undefined && !check[0](value)) refuse(`${name} of stopOnExit must be ${check[1]}`);
  }
}

function windowOf(client: ClosableClient): LeaseWindow {
  const window: unknown = typeof client === 'object' && client !== null ? Reflect.get(client, leaseWindow) : undefined;
  if (window === undefined) refuse('stopOnExit needs an OctaClient or OctaCore');
  // Only clients have this property.
  return window as LeaseWindow;
}

/** Stops the sessions of one client when the process ends. */
class Watch implements ExitEntry {
  readonly signals: readonly NodeJS.Signals[];
  readonly #client: ClosableClient;
  readonly #window: LeaseWindow;
  readonly #timeoutMs: number;
  readonly #program: string | undefined;
  readonly #reaper: Reaper | undefined;
  readonly #update = () => this.#changed();
  #key: string | undefined;
  /** Whether the stops were tried within the timeout, and whether a child has stopped everything. */
  #isTried = false;
  #isDone = false;
  #hasLeft = false;

  constructor(client: ClosableClient, { signals = usualSignals, timeoutMs = 8_000, reaper }: StopOnExitOptions) {
    // `checks` has validated each of them.
    this.signals = isMainThread ? (signals as readonly NodeJS.Signals[]) : [];
    this.#client = client;
    this.#window = windowOf(client);
    this.#timeoutMs = timeoutMs;
    this.#program = reaperProgram();
    if (reaper === true) this.#reaper = this.#startReaper();
    this.#window.listeners.add(this.#update);
    this.#changed();
  }

  open(): readonly OpenLease[] {
    return this.#isDone ? [] : this.#window.list();
  }

  async end(): Promise<void> {
    const wasClosed = this.#client.closed;
    const patience = new AbortController();
    const late = ` after ${this.#timeoutMs} ms`;
    const tooLong = sleep(this.#timeoutMs, late, { signal: patience.signal }).catch(() => '');
    const closing = this.#client.close({ stopSessions: true }).catch(() => undefined);
    const when = (await Promise.race([closing, tooLong])) ?? '';
    patience.abort();
    // A client that was closed before no longer stops its sessions.
    if (wasClosed) this.endNow();
    this.#isTried = true;
    const left = this.open();
    if (left.length > 0) say(`not proven over${when}: ${left.map(named).join(', ')}`);
  }

  endNow(): void {
    const open = this.open();
    if (this.#isTried || open.length === 0) return;
    this.#isTried = true;
    say(`the process ends: stopping ${open.map(named).join(', ')} …`);
    if (this.#program === undefined) {
      say('they keep running, because dist/reaper.js of @octaspace/sdk is missing; do not bundle this package');
      return;
    }
    this.#isDone = reapNow({ ...this.#handed(this.#program, 'once'), open });
  }

  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#window.listeners.delete(this.#update);
    // The reaper stops what this process could not.
    if (this.#isTried && this.open().length > 0) return;
    this.#reaper?.dismiss();
  }

  #handed(program: string, mode: Setup['mode']): Omit<Handed, 'open'> {
    const { headers, variable } = this.#window;
    const baseUrls = this.#client.transportStats().baseUrls.map(({ url }) => url);
    const withinMs = mode === 'once' ? this.#timeoutMs : reaperWithinMs;
    this.#readKey();
    return {
      program,
      setup: { owner: ownName, baseUrls, headers, variable, mode, withinMs, quietAfterMs },
      key: this.#key,
    };
  }

  #startReaper(): Reaper {
    if (this.#program === undefined) {
      refuse('the reaper of stopOnExit needs dist/reaper.js of @octaspace/sdk; do not bundle this package');
    }
    return new Reaper(this.#handed(this.#program, 'watch'), () => {
      say('the reaper has exited, so the sessions keep running if this process is killed');
    });
  }

  /** Reads the key early: on `exit`, a process cannot wait for an async function that returns it. */
  #readKey(): void {
    const take = (key: string | undefined) => {
      if (key !== undefined) this.#key = key;
    };
    try {
      const key = this.#window.key();
      if (typeof key === 'object')
        key
          .then(take)
          .then(() => this.#tellReaper())
          .catch(() => undefined);
      else take(key);
    } catch {
      // Calls of the API report this error.
    }
  }

  #changed(): void {
    this.#readKey();
    this.#tellReaper();
  }

  #tellReaper(): void {
    if (!this.#hasLeft) this.#reaper?.update(this.open(), this.#key);
  }
}

/**
 * Stops the sessions of a client that were not kept when the process ends: on SIGINT, SIGTERM and SIGHUP, when the event loop is
 * empty, and after `process.exit()`, an uncaught error or an unhandled rejection. The exit code or signal of the process does not
 * change. A second signal ends the process at once. If the program itself listens to a signal, this function stops the sessions and
 * leaves the exit to the program. It cannot act after `kill -9` or when out of memory; use `reaper: true`, or a ledger and
 * `octaspace reap`, for that.
 *
 * In a worker thread it needs `reaper: true`, because signals and `worker.terminate()` do not reach the thread. A child
 * process (the reaper, or the one after `process.exit()`) uses the global fetch, and the API key that was read last.
 *
 * @throws OctaConfigurationError if an option is wrong, if it is called in a worker thread without `reaper`, or if `reaper` is true
 * and its program is missing, for example because this package was bundled.
 * @example
 * const client = new OctaClient({ apiKey });
 * stopOnExit(client, { reaper: true });
 */
export function stopOnExit(client: ClosableClient, options: StopOnExitOptions = {}): StopOnExit {
  checkOptions(options);
  if (!isMainThread && options.reaper !== true) {
    refuse(
      'stopOnExit in a worker thread needs `reaper: true`: neither signals nor worker.terminate() reach the thread',
    );
  }
  const takeBack = exitsOfProcess().add(new Watch(client, options));
  return { [dispose]: takeBack };
}
