import { NumberInput, Stack, Switch } from '@mantine/core';
import type { StartRenderOptions } from '@octaspace/sdk';
import { type FormEvent, useState } from 'react';
import type { Offer } from './offers.ts';
import { StartButton } from './StartButton.tsx';
import { useRental } from './use-rental.ts';

/** Settings of a render node. */
export function RenderForm({ offer }: { readonly offer: Offer }) {
  const [diskSize, setDiskSize] = useState<string | number>(100);
  const [multiGpu, setMultiGpu] = useState(false);
  const rental = useRental((client, settings: StartRenderOptions) => client.services.render.start(settings));
  const settings: StartRenderOptions = {
    node_id: offer.nodeId,
    disk_size: Number(diskSize),
    'multi-gpu-worker': multiGpu,
  };
  const start = (event: FormEvent) => {
    event.preventDefault();
    rental.mutate(settings);
  };
  return (
    <Stack component="form" onSubmit={start} gap="sm">
      <NumberInput label="Disk, in GB" min={1} value={diskSize} required onChange={setDiskSize} />
      <Switch
        label="One worker with all GPUs"
        checked={multiGpu}
        onChange={({ currentTarget }) => setMultiGpu(currentTarget.checked)}
      />
      <StartButton rental={rental} code={rental.code(settings)} disabled={Number(diskSize) < 1} />
    </Stack>
  );
}
