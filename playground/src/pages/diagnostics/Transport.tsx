import { Progress, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import type { TransportStats } from '@octaspace/sdk';
import { useEffect, useState } from 'react';
import { useOcta } from '../../client/octa.ts';
import { Panel } from '../../components/Panel.tsx';
import { Stat } from '../../components/Stat.tsx';
import { StateBadge } from '../../components/StateBadge.tsx';
import { formatCount, formatMs } from '../../format/format.ts';

const everyMs = 250;

/** The current statistics of the client. */
function useStats(): TransportStats {
  const { client } = useOcta();
  const [stats, setStats] = useState(() => client.transportStats());
  const interval = useInterval(() => setStats(client.transportStats()), everyMs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the interval is the same one at every render
  useEffect(() => {
    interval.start();
    return interval.stop;
  }, [client]);
  return stats;
}

function Urls({ baseUrls }: Pick<TransportStats, 'baseUrls'>) {
  return (
    <Table.ScrollContainer minWidth={480} type="native" tabIndex={0} role="region" aria-label="Base URLs">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Base URL</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th ta="right">Rests for</Table.Th>
            <Table.Th ta="right">Attempts</Table.Th>
            <Table.Th ta="right">Failures</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody style={{ fontVariantNumeric: 'tabular-nums' }}>
          {baseUrls.map(({ url, state, restsForMs, attempts, failures }) => (
            <Table.Tr key={url} data-url={url}>
              <Table.Td>{url}</Table.Td>
              <Table.Td>
                <StateBadge state={state} />
              </Table.Td>
              <Table.Td ta="right">{restsForMs > 0 ? formatMs(restsForMs) : ''}</Table.Td>
              <Table.Td ta="right">{attempts}</Table.Td>
              <Table.Td ta="right">{failures}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** The state of the transport: the base URLs, the retry budget, and calls in progress. */
export function Transport() {
  const { baseUrls, retryBudget, activeCalls } = useStats();
  const { tokens, capacity, cost } = retryBudget;
  const attempts = baseUrls.reduce((sum, each) => sum + each.attempts, 0);
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Stat label="Calls in progress" value={activeCalls} />
        <Stat label="Attempts" value={formatCount(attempts)} note="of this client" />
        <Stat
          label="Retry budget"
          value={`${Math.floor(tokens)} of ${capacity}`}
          note={<Progress value={(100 * tokens) / capacity} mt={6} aria-label="Retry budget" />}
        />
      </SimpleGrid>
      <Panel title="Base URLs">
        <Urls baseUrls={baseUrls} />
      </Panel>
      <Text fz="sm" c="dimmed">
        A retry takes {cost} tokens; successes and time give them back. When too few are left, the first failure of a
        call is final. A URL that fails rests, and calls go to the others.
      </Text>
    </Stack>
  );
}
