import { Card, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** One figure. */
export function Stat({
  label,
  value,
  note,
}: {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
}) {
  return (
    <Card withBorder padding="md">
      <Text fz="xs" c="dimmed" tt="uppercase" fw={600} lts={0.4}>
        {label}
      </Text>
      <Text fz={26} fw={700} lh={1.3} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {value}
      </Text>
      {note !== undefined && (
        <Text fz="xs" c="dimmed" component="div">
          {note}
        </Text>
      )}
    </Card>
  );
}
