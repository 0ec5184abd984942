/** The transports that the fault matrix is run with. */
import type { FetchLike } from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';

// What the global fetch is made of has to be there first, or the package takes its place as the dispatcher of it.
Reflect.get(globalThis, 'Response');
// Loaded beforehand: the first call of nodeFetch() would wait for it, and short time limits would not.
await import('undici');

/** Name of a transport, for titles and for what differs between them. */
export type TransportName = 'the global fetch' | 'nodeFetch()';

/** A transport, and what makes one; each client gets its own, or none for the default. */
export type Transport = readonly [name: TransportName, makeFetch: () => FetchLike | undefined];

/** All of them. */
export const transports: readonly Transport[] = [
  ['the global fetch', () => undefined],
  ['nodeFetch()', () => nodeFetch()],
];
