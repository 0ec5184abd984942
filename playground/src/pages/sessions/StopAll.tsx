import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import type { OctaClient } from '@octaspace/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { codeOf } from '../../client/code.ts';
import { useOcta } from '../../client/octa.ts';
import { ErrorPanel } from '../../components/ErrorPanel.tsx';
import { Snippet } from '../../components/Snippet.tsx';

const stopAll = (client: OctaClient) => client.sessions.stopAll();

function Confirm({ onClose }: { readonly onClose: () => void }) {
  const { client, queries } = useOcta();
  const queryClient = useQueryClient();
  const { data = [] } = useQuery(queries.sessions.list());
  const sweep = useMutation({
    mutationFn: () => stopAll(client),
    onSuccess: ({ stopped }) => {
      notifications.show({ message: `Stopped: ${stopped.length}.` });
      onClose();
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: queries.key }),
  });
  return (
    <Stack>
      <Text fz="sm">These will be stopped:</Text>
      <List fz="sm">
        {data.map(({ uuid, node_id }) => (
          <List.Item key={uuid}>
            {uuid.slice(0, 8)}, node {node_id ?? 'unknown'}
          </List.Item>
        ))}
      </List>
      <Snippet code={codeOf(stopAll)} />
      {sweep.error !== null && <ErrorPanel error={sweep.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button color="red" loading={sweep.isPending} disabled={data.length === 0} onClick={() => sweep.mutate()}>
          Stop all
        </Button>
      </Group>
    </Stack>
  );
}

/** Stops all sessions of the account. */
export function StopAll() {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="light" color="red" onClick={open}>
        Stop all
      </Button>
      <Modal opened={opened} onClose={close} title="Stop all sessions?">
        <Confirm onClose={close} />
      </Modal>
    </>
  );
}
