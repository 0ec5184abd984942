/** The transports of the fault matrix. */
import type { FetchLike } from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';

// Load the built-in fetch first, or the package replaces its dispatcher.
Reflect.get(globalThis, 'Response');
// Load it now, because otherwise the first call of nodeFetch() would wait for it, and exceed short time limits.
await import('undici');

/** Name of a transport, for titles and differences. */
export type TransportName = 'the global fetch' | 'nodeFetch()';

/** A transport, and a function that creates it; each client gets its own, or none for the default. */
export type Transport = readonly [name: TransportName, makeFetch: () => FetchLike | undefined];

/** All transports. */
export const transports: readonly Transport[] = [
  ['the global fetch', () => undefined],
  ['nodeFetch()', () => nodeFetch()],
];
