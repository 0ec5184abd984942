import { Anchor, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useOcta } from '../../client/octa.ts';
import { Panel } from '../../components/Panel.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { formatGpus, formatPlace, formatUsd } from '../../format/format.ts';

const shown = 5;

/** The cheapest machines with a GPU. */
export function CheapestMachines() {
  const { queries } = useOcta();
  const machines = useQuery(queries.services.mr.find({ minGpus: 1 }));
  return (
    <Panel
      title="Cheapest machines with a GPU"
      aside={
        <Anchor component={Link} to="/services/mr" fz="sm">
          All machines
        </Anchor>
      }
    >
      <QueryView query={machines} height={190} empty="No machine with a GPU is free.">
        {(found) => (
          <Stack gap={8}>
            {found.slice(0, shown).map(({ node_id, gpus, country, city, total_price_usd }) => (
              <Group key={node_id} justify="space-between" wrap="nowrap" gap="sm">
                <Text fz="sm" fw={500} flex={1} truncate>
                  {formatGpus(gpus)}
                </Text>
                <Text fz="sm" c="dimmed" visibleFrom="sm">
                  {formatPlace({ city, country })}
                </Text>
                <Text fz="sm" miw={110} ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
                  {formatUsd(total_price_usd)} / h
                </Text>
              </Group>
            ))}
          </Stack>
        )}
      </QueryView>
    </Panel>
  );
}
