import { Box } from '@mantine/core';
import { type ReactNode, Suspense } from 'react';

interface ChartProps {
  readonly label: string;
  /** Unit: px. */
  readonly height: number;
  readonly children: ReactNode;
}

/** Room for a chart, which is loaded when it is to be seen. */
export function Chart({ label, height, children }: ChartProps) {
  return (
    <Box h={height} role="img" aria-label={label}>
      <Suspense>{children}</Suspense>
    </Box>
  );
}
