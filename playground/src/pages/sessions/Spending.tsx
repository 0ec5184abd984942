import { AreaChart } from '@mantine/charts';
import { Box, Stack, Text } from '@mantine/core';
import type { ServiceInfo } from '@octaspace/sdk';
import type { XAxisProps } from 'recharts';
import { pointsOf, useSpending } from '../../client/spending.ts';
import { Amount } from '../../components/Amount.tsx';
import { Panel } from '../../components/Panel.tsx';
import { formatSeconds } from '../../format/format.ts';

const timeAxis: XAxisProps = {
  type: 'number',
  domain: [0, 'dataMax'],
  tickFormatter: (seconds: number) => formatSeconds(seconds),
};

interface SpendingProps {
  readonly info: ServiceInfo;
  /** Unit: USD per OCTA. */
  readonly marketPrice: number | undefined;
}

/** What a session costs by now, exactly, and how that grew. */
export function Spending({ info, marketPrice }: SpendingProps) {
  const { uuid, charge_amount } = info;
  const points = pointsOf(useSpending(uuid), marketPrice);
  const unit = marketPrice === undefined ? 'OCTA' : 'USD';
  return (
    <Panel title="Charge">
      <Stack data-testid="charge">
        {charge_amount === undefined ? (
          <Text>The API does not say what it costs.</Text>
        ) : (
          <Amount wei={charge_amount} marketPrice={marketPrice} size="xl" />
        )}
        <Box h={180} role="img" aria-label={`Chart of what was spent, in ${unit}, over time`}>
          <AreaChart
            h={180}
            data={points}
            dataKey="seconds"
            series={[{ name: 'spent', label: unit, color: 'violet.6' }]}
            curveType="linear"
            withDots={false}
            xAxisProps={timeAxis}
            yAxisProps={{ width: 70 }}
            valueFormatter={(value) => value.toFixed(5)}
            areaProps={{ isAnimationActive: false }}
            areaChartProps={{ accessibilityLayer: false }}
          />
        </Box>
      </Stack>
    </Panel>
  );
}
