/** Types and members that the reference leaves out. */

/** Types that it shows only by name, because users of the package do not need to write them. */
export const notExported: readonly string[] = [
  // Options of error constructors. Only the SDK creates errors.
  'OctaErrorInit',
  'OctaNetworkErrorInit',
  'OctaApiErrorInit',
  'OctaSessionErrorInit',
  // Helper types of calls by path.
  'Method',
  'MethodOf',
  'OperationAt',
  'ParseAs',
  'DataOf',
  'Arguments',
  // The forms of a container.
  'Container',
  // Parts of the type that `nodeFetch()` returns.
  'OriginStats',
  'OwnInit',
  'SendHints',
];

/** Members whose comments are on the types that they are derived from, where TypeDoc does not look. */
export const notDocumented: readonly string[] = [
  '@octaspace/sdk/query.SessionQueries.info',
  '@octaspace/sdk/query.SessionQueries.logs',
];
