import { Button, Group, Modal, Rating, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import type { OctaClient } from '@octaspace/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Square } from 'lucide-react';
import { useState } from 'react';
import { codeOf } from '../../client/code.ts';
import { recordDone } from '../../client/done.ts';
import { useOcta } from '../../client/octa.ts';
import { ErrorPanel } from '../../components/ErrorPanel.tsx';
import { Snippet } from '../../components/Snippet.tsx';

interface ConfirmProps {
  readonly uuid: string;
  readonly onClose: () => void;
}

function Confirm({ uuid, onClose }: ConfirmProps) {
  const { client, queries } = useOcta();
  const queryClient = useQueryClient();
  const [score, setScore] = useState(5);
  const end = (by: OctaClient) => by.services.session(uuid).stop(score === 0 ? {} : { score });
  const code = codeOf(end);
  const stop = useMutation({
    mutationFn: async () => end(client),
    onSuccess: async ({ alreadyStopped }) => {
      recordDone(uuid, code);
      notifications.show({
        message: alreadyStopped ? 'An earlier attempt had already stopped it.' : 'The session is stopped.',
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: queries.services.session(uuid).key });
    },
  });
  return (
    <Stack>
      <Text fz="sm">Stopping ends the charge. All data on the machine is lost.</Text>
      <Group>
        <Text fz="sm" id="score">
          How was it?
        </Text>
        <Rating aria-labelledby="score" value={score} onChange={setScore} getSymbolLabel={(value) => `${value} of 5`} />
      </Group>
      <Snippet code={code} />
      {stop.error !== null && <ErrorPanel error={stop.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Let it run
        </Button>
        <Button color="red" loading={stop.isPending} onClick={() => stop.mutate()}>
          Stop it
        </Button>
      </Group>
    </Stack>
  );
}

/** Stops a session, with a rating. */
export function StopSession({ uuid }: { readonly uuid: string }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button color="red" leftSection={<Square size={14} aria-hidden />} onClick={open}>
        Stop
      </Button>
      <Modal opened={opened} onClose={close} title="Stop the session?">
        <Confirm uuid={uuid} onClose={close} />
      </Modal>
    </>
  );
}
