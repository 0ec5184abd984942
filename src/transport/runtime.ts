/** Differences between the supported runtimes. */

/** Whether this is a page or worker in a browser. Browsers repeat requests on dead connections themselves. */
export function isBrowser(): boolean {
  const scope: object = globalThis;
  return 'document' in scope || ('importScripts' in scope && 'WorkerGlobalScope' in scope && !('Deno' in scope));
}

let cacheOptionKnown: boolean | undefined;

/** Whether `fetch` supports the `cache` option. Some runtimes throw for it. */
export function knowsCacheOption(): boolean {
  cacheOptionKnown ??= typeof Request === 'function' && 'cache' in Request.prototype;
  return cacheOptionKnown;
}

/** The part of Deno's HTTP client that is used here. */
interface DenoClient {
  close(): void;
}

function denoClient(): DenoClient | undefined {
  const deno: unknown = Reflect.get(globalThis, 'Deno');
  if (typeof deno !== 'object' || deno === null) return undefined;
  const create: unknown = Reflect.get(deno, 'createHttpClient');
  // It keeps no idle connections, so each request opens a new one.
  return typeof create === 'function' ? create({ poolMaxIdlePerHost: 0 }) : undefined;
}

/**
 * Sends requests on new connections in Bun and Deno, which themselves repeat a request if a kept-alive connection is dead. Node does not
 * repeat requests; in browsers this cannot be controlled.
 */
export class FreshConnections {
  #client: DenoClient | undefined;

  /** Adds the options that the runtime needs to a request. */
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
