import { Anchor, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import type { NetworkStats } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useMarketPrice } from '../client/market.ts';
import { useOcta } from '../client/octa.ts';
import { Amount } from '../components/Amount.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { Stat } from '../components/Stat.tsx';
import { formatCount, formatUsd } from '../format/format.ts';
import { CheapestMachines } from './dashboard/CheapestMachines.tsx';
import { RunningSessions } from './dashboard/RunningSessions.tsx';

function NetworkFigures({ stats }: { readonly stats: NetworkStats }) {
  const { market_price, nodes, power, marketplace } = stats;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      <Stat label="1 OCTA" value={formatUsd(market_price)} note="market price" />
      <Stat label="Nodes" value={formatCount(nodes?.count)} note={`${formatCount(nodes?.locations)} locations`} />
      <Stat label="GPUs" value={formatCount(power?.gpus)} note={`${formatCount(power?.cpus)} CPUs`} />
      <Stat label="Sessions" value={formatCount(marketplace?.sessions_24h)} note="in the last 24 h" />
    </SimpleGrid>
  );
}

function AccountCard() {
  const { queries } = useOcta();
  const account = useQuery(queries.accounts.get());
  const marketPrice = useMarketPrice();
  return (
    <Panel
      title="Account"
      aside={
        <Anchor component={Link} to="/account" fz="sm">
          Details
        </Anchor>
      }
    >
      <QueryView query={account} height={140}>
        {({ email, balance }) => (
          <Stack gap="xs">
            <Text fz="sm" c="dimmed">
              {email}
            </Text>
            {balance === undefined ? (
              <Text>The API sent the balance in an unreadable form.</Text>
            ) : (
              <Amount wei={balance} marketPrice={marketPrice} />
            )}
          </Stack>
        )}
      </QueryView>
    </Panel>
  );
}

/** An overview of the network and the account. */
export function DashboardPage() {
  const { queries } = useOcta();
  const network = useQuery(queries.network.get());
  return (
    <>
      <PageHeader
        title="Dashboard"
        calls={['network.get()', 'accounts.get()', 'services.mr.find()', 'sessions.list()']}
      >
        An overview of the network and the account.
      </PageHeader>
      <Stack>
        <QueryView query={network} height={{ base: 226, md: 105 }}>
          {(stats) => <NetworkFigures stats={stats} />}
        </QueryView>
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <AccountCard />
          <RunningSessions />
        </SimpleGrid>
        <CheapestMachines />
        <Group>
          <Button component={Link} to="/services/mr">
            Rent a machine
          </Button>
          <Button component={Link} to="/diagnostics/calls" variant="default">
            Try any call
          </Button>
        </Group>
      </Stack>
    </>
  );
}
