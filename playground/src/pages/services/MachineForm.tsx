import { NumberInput, Select, Stack, TextInput } from '@mantine/core';
import type { App, StartMrOptions } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useOcta } from '../../client/octa.ts';
import type { Offer } from './offers.ts';
import { StartButton } from './StartButton.tsx';
import { useRental } from './use-rental.ts';

const imageOnly = 'none';

interface Typed {
  readonly image: string;
  readonly diskSize: string | number;
  readonly ports: string;
}

function portsIn(text: string): number[] {
  return text
    .split(/[\s,]+/)
    .filter((port) => port !== '')
    .map(Number);
}

function arePorts(text: string): boolean {
  return portsIn(text).every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535);
}

function settingsOf({ nodeId }: Offer, { image, diskSize, ports }: Typed, app: App | undefined): StartMrOptions {
  const disk_size = Number(diskSize);
  if (app !== undefined) return { node_id: nodeId, app, disk_size };
  return { node_id: nodeId, image, disk_size, ports: portsIn(ports) };
}

/** The settings of the app, or of the form for an image. */
function useApp() {
  const { queries } = useOcta();
  const [search] = useSearchParams();
  const { data: apps = [], isPending } = useQuery(queries.apps.list());
  const [uuid, setUuid] = useState(search.get('app') ?? imageOnly);
  const app = apps.find((each) => each.uuid === uuid);
  const choices = [
    { value: imageOnly, label: 'No app: an image' },
    ...apps.map(({ uuid: value, name }) => ({ value, label: name })),
  ];
  return { app, uuid: app === undefined ? imageOnly : uuid, setUuid, choices, isPending };
}

/** Settings of a machine to rent. */
export function MachineForm({ offer }: { readonly offer: Offer }) {
  const { app, uuid, setUuid, choices, isPending } = useApp();
  const [typed, setTyped] = useState<Typed>({ image: 'ubuntu:24.04', diskSize: 50, ports: '22' });
  const rental = useRental((client, settings: StartMrOptions) => client.services.mr.start(settings));
  const settings = settingsOf(offer, typed, app);
  const start = (event: FormEvent) => {
    event.preventDefault();
    rental.mutate(settings);
  };
  const valid =
    arePorts(typed.ports) && Number(typed.diskSize) >= 1 && (app !== undefined || typed.image.trim() !== '');
  return (
    <Stack component="form" onSubmit={start} gap="sm">
      <Select
        label="App"
        data={choices}
        value={uuid}
        allowDeselect={false}
        disabled={isPending}
        onChange={(value) => setUuid(value ?? imageOnly)}
      />
      <TextInput
        label="Image"
        value={app?.image ?? typed.image}
        disabled={app !== undefined}
        required
        onChange={({ currentTarget }) => setTyped({ ...typed, image: currentTarget.value })}
      />
      <NumberInput
        label="Disk, in GB"
        min={1}
        value={typed.diskSize}
        required
        onChange={(diskSize) => setTyped({ ...typed, diskSize })}
      />
      <TextInput
        label="Ports"
        description="TCP and UDP, separated by commas"
        value={app === undefined ? typed.ports : app.ports.join(', ')}
        disabled={app !== undefined}
        error={arePorts(typed.ports) ? null : 'whole numbers from 1 to 65535'}
        onChange={({ currentTarget }) => setTyped({ ...typed, ports: currentTarget.value })}
      />
      <StartButton rental={rental} code={rental.code(settings)} disabled={!valid} />
    </Stack>
  );
}
