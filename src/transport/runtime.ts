/** What differs between the runtimes that the SDK runs on. */

/** Whether this is a page or a worker of a browser, which repeats requests on dead connections by itself. */
export function isBrowser(): boolean {
  const scope: object = globalThis;
  return 'document' in scope || ('importScripts' in scope && 'WorkerGlobalScope' in scope && !('Deno' in scope));
}

let cacheOptionKnown: boolean | undefined;

/** Whether this runtime's fetch knows the `cache` option; some throw at it. */
export function knowsCacheOption(): boolean {
  cacheOptionKnown ??= typeof Request === 'function' && 'cache' in Request.prototype;
  return cacheOptionKnown;
}

/** Deno's HTTP client, as far as it is used here. */
interface DenoClient {
  close(): void;
}

function denoClient(): DenoClient | undefined {
  const deno: unknown = Reflect.get(globalThis, 'Deno');
  if (typeof deno !== 'object' || deno === null) return undefined;
  const create: unknown = Reflect.get(deno, 'createHttpClient');
  // It keeps no connection for later, so each request gets one of its own.
  return typeof create === 'function' ? create({ poolMaxIdlePerHost: 0 }) : undefined;
}

/**
 * Makes requests go out on a connection that nobody used before, where the runtime would by itself send a request again
 * that finds a kept-alive connection dead: Bun and Deno. Node does not; browsers cannot be told.
 */
export class FreshConnections {
  #client: DenoClient | undefined;

  /** Adds to the init of a request what the runtime needs. */
  apply(init: RequestInit): void {
    if ('Bun' in globalThis) {
      init.keepalive = false;
      return;
    }
    this.#client ??= denoClient();
    if (this.#client !== undefined) Object.assign(init, { client: this.#client });
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }
}
