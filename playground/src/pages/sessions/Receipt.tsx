import { Alert, Group, Stack, Text } from '@mantine/core';
import { formatOcta, type ServiceInfo } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { useOcta } from '../../client/octa.ts';
import { formatSeconds, formatWei } from '../../format/format.ts';
import { endOf } from './states.ts';

interface ReceiptProps {
  readonly info: ServiceInfo;
  /** Unit: USD per OCTA. */
  readonly marketPrice: number | undefined;
}

/** The final charge of a session, and the remaining balance. */
export function Receipt({ info }: ReceiptProps) {
  const { queries } = useOcta();
  const [since] = useState(Date.now);
  const balance = useQuery({ ...queries.accounts.balance(), refetchOnMount: 'always' });
  const { charge_amount = 0n, duration } = info;
  // A balance from before the end does not include the last seconds.
  const left = balance.dataUpdatedAt < since ? undefined : balance.data?.balance;
  return (
    <Alert color="teal" icon={<CircleCheck aria-hidden />} title={`Over: ${endOf(info)}`} data-testid="receipt">
      <Stack gap={4}>
        <Text fz="sm">
          It ran for {formatSeconds(duration)} and cost {formatOcta(charge_amount)} OCTA.
        </Text>
        <Group gap="lg">
          <Text fz="sm" ff="monospace">
            {formatWei(charge_amount)} Wei paid
          </Text>
          <Text fz="sm" ff="monospace">
            {left === undefined ? 'Reading the balance' : `${formatWei(left)} Wei left`}
          </Text>
        </Group>
      </Stack>
    </Alert>
  );
}
