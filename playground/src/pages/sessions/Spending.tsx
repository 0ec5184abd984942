import { Stack, Text } from '@mantine/core';
import type { ServiceInfo } from '@octaspace/sdk';
import { pointsOf, useSpending } from '../../client/spending.ts';
import { Amount } from '../../components/Amount.tsx';
import { Chart } from '../../components/charts/Chart.tsx';
import { SpendChart } from '../../components/charts/lazily.ts';
import { Panel } from '../../components/Panel.tsx';

interface SpendingProps {
  readonly info: ServiceInfo;
  /** Unit: USD per OCTA. */
  readonly marketPrice: number | undefined;
}

/** The exact charge of a session so far, and a chart of it. */
export function Spending({ info, marketPrice }: SpendingProps) {
  const { uuid, charge_amount } = info;
  const points = pointsOf(useSpending(uuid), marketPrice);
  const unit = marketPrice === undefined ? 'OCTA' : 'USD';
  return (
    <Panel title="Charge">
      <Stack data-testid="charge">
        {charge_amount === undefined ? (
          <Text>The API does not report the charge.</Text>
        ) : (
          <Amount wei={charge_amount} marketPrice={marketPrice} size="xl" />
        )}
        <Chart label={`Chart of the charge, in ${unit}, over time`} height={180}>
          <SpendChart points={points} unit={unit} height={180} />
        </Chart>
      </Stack>
    </Panel>
  );
}
