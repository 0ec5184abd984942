import { Divider, SegmentedControl, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { connect, connectLive, useOcta } from '../../client/octa.ts';
import { isStatic } from '../static.ts';
import { LiveSettings } from './LiveSettings.tsx';
import { SimulatorSettings } from './SimulatorSettings.tsx';

const modes = [
  { value: 'simulator', label: 'Simulator' },
  { value: 'live', label: 'Live' },
];

function choose(mode: string): void {
  if (mode === 'simulator') {
    connect({ mode });
    return;
  }
  connectLive().catch((error: unknown) => {
    notifications.show({ color: 'red', title: 'No live mode', message: String(error) });
  });
}

/** Settings of the connection. */
export function Settings() {
  const { connection, problem } = useOcta();
  const { mode } = connection;
  return (
    <Stack gap="sm" p="md" pt={0} component="section" aria-label="Connection">
      <Divider />
      {!isStatic && <SegmentedControl aria-label="Mode" data={modes} value={mode} onChange={choose} fullWidth />}
      {mode === 'simulator' ? <SimulatorSettings /> : <LiveSettings />}
      {problem !== undefined && (
        <Text fz="xs" c="red" role="alert">
          {problem}
        </Text>
      )}
    </Stack>
  );
}
