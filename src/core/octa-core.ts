/** What every client has at its heart, and every resource is built on. */
import { asyncDispose } from '../disposal.ts';
import { OctaConfigurationError } from '../errors/errors.ts';
import { checkCount, makeStrict } from './arguments.ts';
import { createCaller } from './call.ts';
import type { Caller } from './call-types.ts';
import { type LeaseWindow, leaseWindow } from './lease-types.ts';
import type { CloseOptions, OctaClientOptions } from './option-types.ts';
import { resolveOptions } from './options.ts';
import type { TransportStats } from './transport.ts';

// Kept aside, so that nothing of it shows in types or when a client is printed.
const callers = /* @__PURE__ */ new WeakMap<object, Caller>();

/** What carries out the calls of a client. */
export function callerOf(core: OctaCore): Caller {
  const caller = callers.get(core);
  if (caller !== undefined) return caller;
  throw new OctaConfigurationError({
    message: 'a resource needs an OctaClient or OctaCore from the same copy of this package',
  });
}

/**
 * Options, key, connections, retries and rotation of a client, without resources. Give it to those that are needed, and a bundle
 * holds no others; `OctaClient` has them all.
 *
 * @example
 * const core = new OctaCore({ timeoutMs: 5_000 });
 * const { market_price } = await new NetworkResource(core).get();
 */
export class OctaCore {
  /** Throws OctaConfigurationError for a wrong or unknown option, naming it. */
  constructor(options?: OctaClientOptions);
  constructor(...given: [OctaClientOptions?]) {
    checkCount('the constructor of the client', given, 1);
    callers.set(this, createCaller(resolveOptions(given[0])));
  }

  /** @internal */
  get [leaseWindow](): LeaseWindow {
    return callerOf(this).window;
  }

  /** How the base URLs are, what is left for retries, and, with `nodeFetch()`, its connections. */
  transportStats(): TransportStats {
    return callerOf(this).stats();
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return callerOf(this).closed();
  }

  /**
   * Waits for calls and rentals under way, then closes what the client holds open: the connections of `nodeFetch()`, if it was
   * given one. Calls made later throw OctaConfigurationError. Sessions run on, and cost money, unless `stopSessions` is true; guards
   * end, and say so.
   *
   * @example
   * process.once('SIGTERM', () => void client.close({ stopSessions: true }));
   */
  close(options?: CloseOptions): Promise<void> {
    return callerOf(this).close(options);
  }

  /** The same as `close`, at the end of an `await using` scope. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

makeStrict(OctaCore.prototype, 'client', ['transportStats']);
