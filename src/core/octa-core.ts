/** The core of every client, without resources. */
import { asyncDispose } from '../disposal.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { checkCount, makeStrict } from './arguments.ts';
import { createCaller } from './call.ts';
import type { Caller } from './call-types.ts';
import { type LeaseWindow, leaseWindow } from './lease-types.ts';
import type { CloseOptions, OctaClientOptions } from './option-types.ts';
import { resolveOptions } from './options.ts';
import type { TransportStats } from './transport.ts';

// Not a field, so that it is not visible in types or when a client is printed.
const callers = /* @__PURE__ */ new WeakMap<object, Caller>();

/** The caller of a client, which sends its requests. */
export function callerOf(core: OctaCore): Caller {
  const caller = callers.get(core);
  if (caller !== undefined) return caller;
  throw new OctaConfigurationError({
    message: 'a resource needs an OctaClient or OctaCore from the same copy of this package',
  });
}

/**
 * A client without resources: options, API key, connections, retries and rotation. Pass it to the resources that you use, so that a
 * bundle contains no others. `OctaClient` has all resources.
 *
 * @example
 * const core = new OctaCore({ timeoutMs: 5_000 });
 * const { market_price } = await new NetworkResource(core).get();
 */
export class OctaCore {
  /** @throws OctaConfigurationError if an option is wrong or unknown; the message names it. */
  constructor(options?: OctaClientOptions);
  constructor(...given: [OctaClientOptions?]) {
    checkCount('the constructor of the client', given, 1);
    callers.set(this, createCaller(resolveOptions(given[0])));
  }

  /** @internal */
  get [leaseWindow](): LeaseWindow {
    return callerOf(this).window;
  }

  /** The state of the base URLs, the retry budget and, with `nodeFetch()`, the connections. */
  transportStats(): TransportStats {
    return callerOf(this).stats();
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return callerOf(this).closed();
  }

  /**
   * Waits for calls and rentals in progress, then closes the connections of `nodeFetch()`, if the client uses it. Later calls throw
   * OctaConfigurationError. Sessions keep running and cost money, unless `stopSessions` is true. Guards end, and report that.
   *
   * @example
   * process.once('SIGTERM', () => void client.close({ stopSessions: true }));
   */
  close(options?: CloseOptions): Promise<void> {
    return callerOf(this).close(options);
  }

  /** Calls `close()` at the end of an `await using` scope. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

makeStrict(OctaCore.prototype, 'client', ['transportStats']);
