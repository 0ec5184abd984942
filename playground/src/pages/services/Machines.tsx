import { Button, Group, NumberInput, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { FindMachinesOptions, MrMachine, RenderMachine } from '@octaspace/sdk';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useOcta } from '../../client/octa.ts';
import { type Column, DataTable } from '../../components/DataTable.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import {
  formatBytes,
  formatCount,
  formatGpus,
  formatMbits,
  formatPercent,
  formatPlace,
  formatUsd,
} from '../../format/format.ts';
import type { Offer } from './offers.ts';

type Machine = MrMachine | RenderMachine;

const mbInGb = 1024;

/** Video memory of the largest GPU. Unit: MB. */
function vramOf({ gpus }: Machine): number | undefined {
  return gpus.length === 0 ? undefined : Math.max(...gpus.map(({ mem_total_mb = 0 }) => mem_total_mb));
}

function formatVram(machine: Machine): string {
  const mb = vramOf(machine);
  return mb === undefined ? '–' : `${formatCount(Math.round(mb / mbInGb))} GB`;
}

const columns: readonly Column<Machine>[] = [
  { key: 'node', label: 'Node', show: ({ node_id }) => node_id, sortBy: ({ node_id }) => node_id },
  { key: 'gpus', label: 'GPUs', show: ({ gpus }) => formatGpus(gpus), sortBy: ({ gpus }) => gpus.length },
  { key: 'vram', label: 'VRAM', numeric: true, show: formatVram, sortBy: vramOf },
  {
    key: 'cpu',
    label: 'Cores',
    numeric: true,
    show: ({ cpu_cores }) => formatCount(cpu_cores),
    sortBy: ({ cpu_cores }) => cpu_cores,
  },
  {
    key: 'memory',
    label: 'Memory',
    numeric: true,
    show: ({ total_memory }) => formatBytes(total_memory),
    sortBy: ({ total_memory }) => total_memory,
  },
  {
    key: 'download',
    label: 'Download',
    numeric: true,
    show: ({ net_down_mbits }) => formatMbits(net_down_mbits),
    sortBy: ({ net_down_mbits }) => net_down_mbits,
  },
  {
    key: 'stability',
    label: 'Stability',
    numeric: true,
    show: ({ reliability }) => formatPercent(reliability?.stability),
    sortBy: ({ reliability }) => reliability?.stability,
  },
  { key: 'place', label: 'Place', show: formatPlace, sortBy: ({ country }) => country },
  {
    key: 'price',
    label: 'Per hour',
    numeric: true,
    show: ({ total_price_usd }) => formatUsd(total_price_usd),
    sortBy: ({ total_price_usd }) => total_price_usd,
  },
];

interface Criteria {
  readonly gpu: string;
  readonly minVramGb: string | number;
  readonly minGpus: string | number;
  readonly maxUsdPerHour: string | number;
}

const none: Criteria = { gpu: '', minVramGb: '', minGpus: '', maxUsdPerHour: '' };

function optionsOf({ gpu, minVramGb, minGpus, maxUsdPerHour }: Criteria): FindMachinesOptions {
  return {
    ...(gpu.trim() === '' ? {} : { gpu }),
    ...(minVramGb === '' ? {} : { minVramMb: Number(minVramGb) * mbInGb }),
    ...(minGpus === '' ? {} : { minGpus: Number(minGpus) }),
    ...(maxUsdPerHour === '' ? {} : { maxUsdPerHour: Number(maxUsdPerHour) }),
  };
}

function CriteriaForm({
  criteria,
  onChange,
}: {
  readonly criteria: Criteria;
  readonly onChange: (criteria: Criteria) => void;
}) {
  const number = (name: keyof Criteria, label: string) => (
    <NumberInput
      label={label}
      min={0}
      hideControls
      value={criteria[name]}
      onChange={(value) => onChange({ ...criteria, [name]: value })}
      w={{ base: '45%', sm: 130 }}
    />
  );
  return (
    <Group gap="sm" align="flex-end" role="group" aria-label="Criteria of find">
      <TextInput
        label="GPU"
        placeholder="4090"
        value={criteria.gpu}
        onChange={({ currentTarget }) => onChange({ ...criteria, gpu: currentTarget.value })}
        w={{ base: '45%', sm: 160 }}
      />
      {number('minGpus', 'GPUs, at least')}
      {number('minVramGb', 'VRAM GB, at least')}
      {number('maxUsdPerHour', 'USD/h, at most')}
      <Button variant="default" onClick={() => onChange(none)}>
        Reset
      </Button>
    </Group>
  );
}

function offerOf(kind: 'mr' | 'render', machine: Machine): Offer {
  const price = `${formatUsd(machine.total_price_usd)} per hour`;
  return { kind, nodeId: machine.node_id, title: formatGpus(machine.gpus), place: formatPlace(machine), price };
}

function textOf({ node_id, gpus, country, country_iso = '', city, cpu_model_name = '' }: Machine): string {
  return [node_id, formatGpus(gpus), country, country_iso, city, cpu_model_name].join(' ');
}

interface MachinesProps {
  readonly kind: 'mr' | 'render';
  readonly onRent: (offer: Offer) => void;
}

/** Machines to rent, or to render on. */
export function Machines({ kind, onRent }: MachinesProps) {
  const { queries } = useOcta();
  const [criteria, setCriteria] = useState(none);
  const [settled] = useDebouncedValue(criteria, 250);
  const find = kind === 'mr' ? queries.services.mr.find : queries.services.render.find;
  const machines = useQuery({ ...find(optionsOf(settled)), placeholderData: keepPreviousData });
  return (
    <Stack>
      <CriteriaForm criteria={criteria} onChange={setCriteria} />
      <QueryView<readonly Machine[]> query={machines} height={720} empty="No machine meets these criteria.">
        {(rows) => (
          <DataTable
            label="Machines"
            rows={rows}
            columns={columns}
            keyOf={({ node_id }) => String(node_id)}
            textOf={textOf}
            initial={{ key: 'price', descending: false }}
            actions={(machine) => (
              <Button
                size="xs"
                onClick={() => onRent(offerOf(kind, machine))}
                aria-label={`Rent node ${machine.node_id}`}
              >
                Rent
              </Button>
            )}
          />
        )}
      </QueryView>
    </Stack>
  );
}
