/** What queries look like to an adapter of TanStack Query. Types only. */
import type { Id, OctaPromise, RequestOptions } from '@octaspace/sdk';
import type { DataTag } from '@tanstack/query-core';

/**
 * Key of a query, or the beginning of several: `['octaspace', scope, 'nodes', 'list', { country: 'DE' }]`. It is JSON, whatever was
 * asked for.
 */
export type OctaQueryKey = readonly ['octaspace', string, ...(string | object)[]];

/**
 * What `useQuery`, `fetchQuery` and the like take, of every adapter. Spread it to add options of theirs, such as `staleTime`, `select`
 * or `enabled`.
 */
export interface OctaQuery<Data> {
  /** Where the data is in the cache; it carries its type, so that `getQueryData` gives that. */
  readonly queryKey: DataTag<OctaQueryKey, Data>;
  /** Makes the call. A query that is cancelled ends it, whatever it is doing. */
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Data>;
  /** False: the SDK has tried again already, as often as its `retries` say, and knows which failures pass. */
  readonly retry: false;
}

/**
 * Options of a read within a query. The signal is that of the query, and reads have no body. `query` and filters are part of the
 * key; `timeoutMs`, `totalTimeoutMs`, `retries`, `headers` and `maxBytes` are not, for they change how is asked, not what.
 */
export type QueryRequestOptions<Options extends RequestOptions = RequestOptions> = Omit<Options, 'signal' | 'body'>;

/** Arguments of a method, with options as a query takes them. */
export type QueryArguments<Given extends readonly unknown[]> = {
  [Index in keyof Given]: Given[Index] extends Id ? Given[Index] : QueryRequestOptions<NonNullable<Given[Index]>>;
};

/** The queries of some methods, which take what the methods take. */
export type QueriesOf<Resource, Names extends keyof Resource> = {
  readonly [Name in keyof Pick<Resource, Names>]: Resource[Name] extends (
    ...given: infer Given
  ) => OctaPromise<infer Data>
    ? (...given: QueryArguments<Given>) => OctaQuery<Data>
    : never;
};

/** A place in the tree of queries. */
export interface QueryBranch {
  /**
   * The beginning of the keys of all queries below: to invalidate, cancel or remove them together.
   *
   * @example
   * await queryClient.invalidateQueries({ queryKey: queries.sessions.key });
   */
  readonly key: OctaQueryKey;
}
