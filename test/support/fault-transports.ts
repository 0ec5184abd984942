/** The transports that the fault matrix is run with. */
// Loaded beforehand: the first call of nodeFetch() would wait for it, and short time limits would not.
import 'undici';
import type { FetchLike } from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';

/** Name of a transport, for titles and for what differs between them. */
export type TransportName = 'the global fetch' | 'nodeFetch()';

/** A transport, and what makes one; each client gets its own, or none for the default. */
export type Transport = readonly [name: TransportName, makeFetch: () => FetchLike | undefined];

/** All of them. */
export const transports: readonly Transport[] = [
  ['the global fetch', () => undefined],
  ['nodeFetch()', () => nodeFetch()],
];
