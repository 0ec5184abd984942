/** All read methods of the SDK as options for TanStack Query 5, with typed keys. */
export {
  type OctaQueries,
  type OctaQueriesOptions,
  octaQueries,
  type ServicesQueries,
  type SessionQueries,
} from './queries.ts';
export { deserialize, serialize } from './serialize.ts';
export type {
  OctaQuery,
  OctaQueryKey,
  QueriesOf,
  QueryArguments,
  QueryBranch,
  QueryRequestOptions,
} from './types.ts';
export type { OctaWatchQuery, WatchedQuery, WatchQueryOptions } from './watch.ts';
