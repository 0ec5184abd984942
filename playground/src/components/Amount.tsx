import { Stack, Text } from '@mantine/core';
import { formatOcta, weiToUsd } from '@octaspace/sdk';
import { formatUsd, formatWei } from '../format/format.ts';

interface AmountProps {
  readonly wei: bigint;
  /** Unit: USD per OCTA. */
  readonly marketPrice?: number | undefined;
  readonly size?: 'md' | 'xl';
}

/** An amount in OCTA, exact in Wei, and in USD if the price is known. */
export function Amount({ wei, marketPrice, size = 'md' }: AmountProps) {
  const usd = marketPrice === undefined ? undefined : weiToUsd(wei, marketPrice);
  return (
    <Stack gap={0} style={{ fontVariantNumeric: 'tabular-nums' }}>
      <Text fz={size === 'xl' ? 32 : 26} fw={700} lh={1.3} component="div">
        {formatOcta(wei, 6)}{' '}
        <Text span fz="md" c="dimmed">
          OCTA
        </Text>
      </Text>
      <Text fz="sm" data-testid="usd">
        {formatUsd(usd, 6)}
      </Text>
      <Text fz="xs" c="dimmed" ff="monospace" data-testid="wei" data-wei={String(wei)}>
        {formatWei(wei)} Wei
      </Text>
    </Stack>
  );
}
