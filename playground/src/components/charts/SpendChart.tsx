import '@mantine/charts/styles.css';
import { AreaChart } from '@mantine/charts';
import type { XAxisProps } from 'recharts';
import { formatSeconds } from '../../format/format.ts';

/** What was spent by a moment. */
export interface SpendPoint {
  readonly seconds: number;
  readonly spent: number;
}

const timeAxis: XAxisProps = {
  type: 'number',
  domain: [0, 'dataMax'],
  tickFormatter: (seconds: number) => formatSeconds(seconds),
};

interface SpendChartProps {
  readonly points: readonly SpendPoint[];
  readonly unit: string;
  /** Unit: px. */
  readonly height: number;
}

/** What was spent, over time. */
export function SpendChart({ points, unit, height }: SpendChartProps) {
  return (
    <AreaChart
      h={height}
      data={[...points]}
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
  );
}
