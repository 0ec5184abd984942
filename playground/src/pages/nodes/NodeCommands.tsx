import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import type { OctaClient } from '@octaspace/sdk';
import { useMutation } from '@tanstack/react-query';
import { Download, Power } from 'lucide-react';
import { codeOf } from '../../client/code.ts';
import { useOcta } from '../../client/octa.ts';
import { ErrorPanel } from '../../components/ErrorPanel.tsx';
import { Panel } from '../../components/Panel.tsx';
import { Snippet } from '../../components/Snippet.tsx';

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

function Reboot({ id, onClose }: { readonly id: number; readonly onClose: () => void }) {
  const { client } = useOcta();
  const reboots = (by: OctaClient) => by.nodes.reboot(id);
  const reboot = useMutation({
    mutationFn: async () => reboots(client),
    onSuccess: () => {
      notifications.show({ message: `Node ${id} reboots.` });
      onClose();
    },
  });
  return (
    <Stack>
      <Text fz="sm">
        This ends everything that runs on the node. The API uses GET for it, but the SDK does not retry it.
      </Text>
      <Snippet code={codeOf(reboots)} />
      {reboot.error !== null && <ErrorPanel error={reboot.error} mayCost />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button color="red" loading={reboot.isPending} onClick={() => reboot.mutate()}>
          Reboot
        </Button>
      </Group>
    </Stack>
  );
}

/** Files of a node, and its reboot. */
export function NodeCommands({ id }: { readonly id: number }) {
  const { client } = useOcta();
  const [opened, { open, close }] = useDisclosure();
  const downloads = {
    ident: (by: OctaClient) => by.nodes.downloadIdent(id),
    logs: (by: OctaClient) => by.nodes.downloadLogs(id),
  };
  const ident = useMutation({
    mutationFn: async () => downloads.ident(client),
    onSuccess: (file) => save(file, `node-${id}.ident`),
  });
  const logs = useMutation({
    mutationFn: async () => downloads.logs(client),
    onSuccess: (file) => save(file, `node-${id}-logs.bin`),
  });
  const error = ident.error ?? logs.error;
  const icon = <Download size={14} aria-hidden />;
  return (
    <Panel title="Commands">
      <Stack gap="sm">
        <Group>
          <Button variant="default" leftSection={icon} loading={ident.isPending} onClick={() => ident.mutate()}>
            Identity file
          </Button>
          <Button variant="default" leftSection={icon} loading={logs.isPending} onClick={() => logs.mutate()}>
            Logs
          </Button>
          <Button variant="light" color="red" leftSection={<Power size={14} aria-hidden />} onClick={open}>
            Reboot
          </Button>
        </Group>
        <Snippet
          title="The code for the downloads"
          code={[downloads.ident, downloads.logs].map((download) => codeOf(download)).join('\n')}
        />
        {error !== null && <ErrorPanel error={error} />}
      </Stack>
      <Modal opened={opened} onClose={close} title={`Reboot node ${id}?`}>
        <Reboot id={id} onClose={close} />
      </Modal>
    </Panel>
  );
}
