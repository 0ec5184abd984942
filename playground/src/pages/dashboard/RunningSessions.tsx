import { Anchor, Group, Stack, Text } from '@mantine/core';
import { formatOcta } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useOcta } from '../../client/octa.ts';
import { Panel } from '../../components/Panel.tsx';
import { QueryView } from '../../components/QueryView.tsx';

/** The running sessions of the account. */
export function RunningSessions() {
  const { queries } = useOcta();
  const sessions = useQuery({ ...queries.sessions.list(), refetchInterval: 5_000 });
  return (
    <Panel
      title="Running sessions"
      aside={
        <Anchor component={Link} to="/sessions/active" fz="sm">
          All sessions
        </Anchor>
      }
    >
      <QueryView query={sessions} height={140} empty="Nothing is rented. There are no costs.">
        {(running) => (
          <Stack gap={8} mih={140}>
            {running.slice(0, 5).map(({ uuid, node_id, progress, charge_amount = 0n }) => (
              <Group key={uuid} justify="space-between" wrap="nowrap">
                <Anchor component={Link} to={`/sessions/${uuid}`} fz="sm">
                  node {node_id ?? 'unknown'}
                </Anchor>
                <Text fz="sm" c="dimmed" flex={1} truncate>
                  {progress}
                </Text>
                <Text fz="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>
                  {formatOcta(charge_amount, 6)} OCTA
                </Text>
              </Group>
            ))}
          </Stack>
        )}
      </QueryView>
    </Panel>
  );
}
