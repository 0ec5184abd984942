import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Empty } from './Empty.tsx';
import { ErrorPanel } from './ErrorPanel.tsx';

/** On every screen, or on small ones and from `md` on. Unit: px. */
type Height = number | { readonly base: number; readonly md: number };

interface QueryViewProps<Data> {
  readonly query: UseQueryResult<Data, unknown>;
  /** Approximate height of the content, so that the page does not jump when it loads. */
  readonly height: Height;
  /** Text for an empty list. */
  readonly empty?: string;
  readonly children: (data: Data) => ReactNode;
}

function Loading({ height }: { readonly height: Height }) {
  const highest = typeof height === 'number' ? height : Math.max(height.base, height.md);
  const rows = Math.max(1, Math.round(highest / 48));
  return (
    <Stack gap={12} h={height} style={{ overflow: 'hidden' }} role="status" data-testid="loading">
      <VisuallyHidden>Loading</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars that are all alike
        <Skeleton key={row} height={36} />
      ))}
    </Stack>
  );
}

/** Shows a query: while it loads, after a failure, without data, and with data. */
export function QueryView<Data>({ query, height, empty, children }: QueryViewProps<Data>) {
  const { data, error, isPending, refetch } = query;
  if (isPending) return <Loading height={height} />;
  if (data === undefined) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  return (
    <>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {empty !== undefined && Array.isArray(data) && data.length === 0 ? <Empty>{empty}</Empty> : children(data)}
    </>
  );
}
