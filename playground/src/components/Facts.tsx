import { SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export type Fact = readonly [label: string, value: ReactNode];

/** Names with their values. */
export function Facts({ facts, cols = 3 }: { readonly facts: readonly Fact[]; readonly cols?: number }) {
  return (
    <SimpleGrid component="dl" cols={{ base: Math.min(2, cols), sm: cols }} spacing="md" verticalSpacing="sm" m={0}>
      {facts.map(([label, value]) => (
        <Stack key={label} gap={0} miw={0}>
          <Text component="dt" fz="xs" c="dimmed">
            {label}
          </Text>
          <Text component="dd" m={0} fz="sm" style={{ overflowWrap: 'anywhere' }}>
            {value}
          </Text>
        </Stack>
      ))}
    </SimpleGrid>
  );
}
