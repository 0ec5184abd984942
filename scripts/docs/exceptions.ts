/** What the reference leaves out. */

/** Types that it shows by name alone: nobody who uses the package needs to write them down. */
export const notExported: readonly string[] = [
  // What errors are made of; only the SDK makes them.
  'OctaErrorInit',
  'OctaNetworkErrorInit',
  'OctaApiErrorInit',
  'OctaSessionErrorInit',
  // How calls by path find their types.
  'Method',
  'MethodOf',
  'OperationAt',
  'ParseAs',
  'DataOf',
  'Arguments',
  // The forms in which a container is described.
  'Container',
  // Parts of what `nodeFetch()` gives.
  'OriginStats',
  'OwnInit',
  'SendHints',
];

/** Members that have the comments of what they are made from, out of TypeDoc's sight. */
export const notDocumented: readonly string[] = [
  '@octaspace/sdk/query.SessionQueries.info',
  '@octaspace/sdk/query.SessionQueries.logs',
];
