/** Types of queries for the adapters of TanStack Query. Types only. */
import type { Id, OctaPromise, RequestOptions } from '@octaspace/sdk';
import type { DataTag } from '@tanstack/query-core';

/**
 * The key of a query, or the common prefix of several, such as `['octaspace', scope, 'nodes', 'list', { country: 'DE' }]`. It contains
 * only JSON values.
 */
export type OctaQueryKey = readonly ['octaspace', string, ...(string | object)[]];

/**
 * Options for `useQuery`, `fetchQuery` and similar functions of every adapter. Spread them to add other options, such as `staleTime`,
 * `select` or `enabled`.
 */
export interface OctaQuery<Data> {
  /** The key of the data in the cache. It carries the type of the data, so that `getQueryData` returns that type. */
  readonly queryKey: DataTag<OctaQueryKey, Data>;
  /** Makes the call. Cancelling the query aborts it. */
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Data>;
  /** False, because the SDK itself retries failures, up to its option `retries`. */
  readonly retry: false;
}

/**
 * Options of a read method in a query. The signal comes from the query, and reads have no body. `query` and filters are part of the key;
 * `timeoutMs`, `totalTimeoutMs`, `retries`, `headers` and `maxBytes` are not.
 */
export type QueryRequestOptions<Options extends RequestOptions = RequestOptions> = Omit<Options, 'signal' | 'body'>;

/** The arguments of a method, with the options of a query. */
export type QueryArguments<Given extends readonly unknown[]> = {
  [Index in keyof Given]: Given[Index] extends Id ? Given[Index] : QueryRequestOptions<NonNullable<Given[Index]>>;
};

/** The queries of some methods, with the same arguments. */
export type QueriesOf<Resource, Names extends keyof Resource> = {
  readonly [Name in keyof Pick<Resource, Names>]: Resource[Name] extends (
    ...given: infer Given
  ) => OctaPromise<infer Data>
    ? (...given: QueryArguments<Given>) => OctaQuery<Data>
    : never;
};

/** A branch of the tree of queries. */
export interface QueryBranch {
  /**
   * The prefix of the keys of all queries below, to invalidate, cancel or remove them together.
   *
   * @example
   * await queryClient.invalidateQueries({ queryKey: queries.sessions.key });
   */
  readonly key: OctaQueryKey;
}
