/** Creates a query: its key and its call. */
import type { OctaPromise, RequestOptions } from '@octaspace/sdk';
import type { DataTag } from '@tanstack/query-core';
import { checkCount } from './refuse.ts';
import type { OctaQuery, OctaQueryKey, QueriesOf, QueryBranch } from './types.ts';

/** Options that do not change the result, and so are not part of the key. The signal comes from the query. */
const outsideOfKeys: ReadonlySet<string> = new Set([
  'signal',
  'timeoutMs',
  'totalTimeoutMs',
  'retries',
  'headers',
  'maxBytes',
] satisfies (keyof RequestOptions | 'maxBytes')[]);

/** The options in the key, without bigints, because TanStack Query hashes keys with `JSON.stringify`. */
function parametersOf(options: object): object[] {
  const told = Object.entries(options).filter(([name]) => !outsideOfKeys.has(name));
  const asJson = (_name: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  const parameters: object = JSON.parse(JSON.stringify(Object.fromEntries(told), asJson));
  return Object.keys(parameters).length === 0 ? [] : [parameters];
}

/** A query for a call with some options. */
export function queryOf<Data>(
  path: OctaQueryKey,
  options: object,
  call: (options: RequestOptions) => Promise<Data>,
): OctaQuery<Data> {
  const queryKey: OctaQueryKey = [...path, ...parametersOf(options)];
  return {
    // The tag exists only in types.
    queryKey: queryKey as DataTag<OctaQueryKey, Data>,
    queryFn: ({ signal }) => call({ ...options, signal }),
    retry: false,
  };
}

/** The methods of a resource that become queries, and the number of id arguments before the options. */
export type Reads<Name extends string> = Readonly<Record<Name, 0 | 1 | 2>>;

type Methods = Readonly<Record<string, (...given: unknown[]) => OctaPromise<unknown>>>;

/** Creates the queries of a resource. */
export function branch<Resource extends object, Name extends keyof Resource & string>(
  key: OctaQueryKey,
  resource: Resource,
  reads: Reads<Name>,
): QueryBranch & QueriesOf<Resource, Name> {
  const methods = resource as Methods;
  const queries = Object.entries<number>(reads).map(([name, count]) => {
    const query = (...given: unknown[]) => {
      checkCount(name, given, count + 1);
      const ids = given.slice(0, count);
      // The API treats 7 and '7' as the same id.
      const path: OctaQueryKey = [...key, name, ...ids.map(String)];
      return queryOf(path, Object(given[count]), async (options) => methods[name]?.(...ids, options));
    };
    return [name, query];
  });
  // Each name is a method of the resource, and its query has the same arguments.
  return { key, ...Object.fromEntries(queries) } as QueryBranch & QueriesOf<Resource, Name>;
}
