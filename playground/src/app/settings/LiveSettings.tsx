import { Alert, List, Stack, Switch, Text } from '@mantine/core';
import { connect, liveStatus, useOcta } from '../../client/octa.ts';
import { useStore } from '../../client/store.ts';

/** Settings of live mode. Only the proxy has the key. */
export function LiveSettings() {
  const { connection, baseUrls } = useOcta();
  const { configured, upstreams } = useStore(liveStatus);
  return (
    <Stack gap="sm">
      <Alert
        color={configured ? 'teal' : 'orange'}
        title={configured ? 'The proxy has the key' : 'The proxy has no key'}
        p="xs"
      >
        <Text fz="xs">
          {configured
            ? 'It comes from OCTA_API_KEY, and never reaches this page.'
            : 'Stop the playground, set OCTA_API_KEY, and start it again. Until then, only public calls work.'}
        </Text>
      </Alert>
      <div>
        <Text fz="sm" fw={500}>
          Base URLs
        </Text>
        <List fz="xs" c="dimmed" listStyleType="none">
          {upstreams.map((upstream, index) => (
            <List.Item key={upstream} style={{ overflowWrap: 'anywhere' }}>
              {new URL(baseUrls[index] ?? '/', location.origin).pathname} → {upstream}
            </List.Item>
          ))}
        </List>
      </div>
      <Switch
        label="Allow calls that cost money"
        description="Starts, reboots, prices and wallets, from a browser: allowBillableInBrowser"
        checked={connection.allowBillable}
        onChange={({ currentTarget }) => connect({ allowBillable: currentTarget.checked })}
      />
    </Stack>
  );
}
