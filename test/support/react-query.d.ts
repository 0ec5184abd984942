/** TanStack Query for React, which is not installed here, as far as the guides use it. */

interface Query<Data> {
  readonly queryKey: readonly unknown[];
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Data>;
  readonly enabled?: boolean;
}

interface Result<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly isPending: boolean;
  readonly refetch: () => Promise<unknown>;
}

export function useQuery<Data>(query: Query<Data>): Result<Data>;
