import { SimpleGrid, Stack } from '@mantine/core';
import type { NetworkStats } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { useOcta } from '../client/octa.ts';
import { Chart } from '../components/charts/Chart.tsx';
import { OffersChart } from '../components/charts/lazily.ts';
import { DataTable } from '../components/DataTable.tsx';
import { Empty } from '../components/Empty.tsx';
import { Facts } from '../components/Facts.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { formatBytes, formatCount, formatPercent, formatSeconds, formatUsd } from '../format/format.ts';

function Figures({ stats }: { readonly stats: NetworkStats }) {
  const { market_price, staked, mmROI, nodes, power, marketplace, platform } = stats;
  return (
    <Panel title="Figures">
      <Facts
        cols={4}
        facts={[
          ['Market price', `${formatUsd(market_price)} / OCTA`],
          ['Staked', formatCount(staked)],
          ['Return of masternodes', formatPercent(mmROI)],
          ['Nodes', formatCount(nodes?.count)],
          ['VPN relays', formatCount(nodes?.vpn)],
          ['Locations', formatCount(nodes?.locations)],
          ['CPUs', formatCount(power?.cpus)],
          ['GPUs', formatCount(power?.gpus)],
          ['Memory', formatBytes(power?.mem)],
          ['Disk', formatBytes(power?.disk)],
          ['TFLOPS', formatCount(power?.tflops)],
          ['Nodes rented', formatCount(marketplace?.nodes_rented)],
          ['Nodes idle', formatCount(marketplace?.nodes_idle)],
          ['Sessions in 24 h', formatCount(marketplace?.sessions_24h)],
          ['Sessions in all', formatCount(marketplace?.total_sessions)],
          ['Users', formatCount(platform?.users)],
        ]}
      />
    </Panel>
  );
}

function Chain({ stats: { blockchain, render } }: { readonly stats: NetworkStats }) {
  return (
    <Panel title="Chain and rendering">
      <Facts
        cols={4}
        facts={[
          ['Height', formatCount(blockchain?.height)],
          ['Block time', formatSeconds(blockchain?.blocktime)],
          ['Hash rate', formatCount(blockchain?.hashrate)],
          ['Difficulty', formatCount(blockchain?.difficulty)],
          ['Supply', formatCount(blockchain?.total_supply)],
          ['Circulating', formatCount(blockchain?.circulating_supply)],
          ['Frames in 24 h', formatCount(render?.frames_24h)],
          ['Frames in all', formatCount(render?.frames_total)],
        ]}
      />
    </Panel>
  );
}

interface Offer {
  readonly model: string;
  readonly count: number | undefined;
  readonly price: number | undefined;
}

function Offers({ stats }: { readonly stats: NetworkStats }) {
  const offers: Offer[] = Object.entries(stats.marketplace?.gpus ?? {}).map(([model, { count, avg_price }]) => ({
    model,
    count,
    price: avg_price,
  }));
  if (offers.length === 0) return <Empty>The API does not list the GPUs of the network.</Empty>;
  const bars = offers.map(({ model, count = 0 }) => ({ model, Offers: count }));
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Panel title="Offers by GPU">
        <Chart label="Chart of offers by GPU" height={280}>
          <OffersChart bars={bars} height={280} />
        </Chart>
      </Panel>
      <Panel title="Prices by GPU">
        <DataTable
          label="GPUs"
          rows={offers}
          keyOf={({ model }) => model}
          initial={{ key: 'price', descending: false }}
          columns={[
            { key: 'model', label: 'GPU', show: ({ model }) => model, sortBy: ({ model }) => model },
            {
              key: 'count',
              label: 'Offers',
              numeric: true,
              show: ({ count }) => formatCount(count),
              sortBy: ({ count }) => count,
            },
            {
              key: 'price',
              label: 'Average per hour',
              numeric: true,
              show: ({ price }) => formatUsd(price),
              sortBy: ({ price }) => price,
            },
          ]}
        />
      </Panel>
    </SimpleGrid>
  );
}

/** Public figures of the network. */
export function NetworkPage() {
  const { queries } = useOcta();
  const network = useQuery(queries.network.get());
  return (
    <>
      <PageHeader title="Network" calls={['network.get()']}>
        Public figures; no key is sent.
      </PageHeader>
      <QueryView query={network} height={640}>
        {(stats) => (
          <Stack>
            <Figures stats={stats} />
            <Chain stats={stats} />
            <Offers stats={stats} />
          </Stack>
        )}
      </QueryView>
    </>
  );
}
