/** The part of TanStack Query for React that the guides use; the package is not installed here. */

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
