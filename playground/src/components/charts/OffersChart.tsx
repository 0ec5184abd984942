import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';

interface OffersChartProps {
  readonly bars: readonly { readonly model: string; readonly Offers: number }[];
  /** Unit: px. */
  readonly height: number;
}

/** How many offers there are of each model. */
export function OffersChart({ bars, height }: OffersChartProps) {
  return (
    <BarChart
      h={height}
      data={[...bars]}
      dataKey="model"
      orientation="vertical"
      yAxisProps={{ width: 130 }}
      series={[{ name: 'Offers', color: 'violet.6' }]}
      barChartProps={{ accessibilityLayer: false }}
      barProps={{ isAnimationActive: false }}
    />
  );
}
