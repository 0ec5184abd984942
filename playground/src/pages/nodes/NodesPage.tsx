import { Anchor, Button, Drawer, Select } from '@mantine/core';
import type { Node } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useOcta } from '../../client/octa.ts';
import { type Column, DataTable } from '../../components/DataTable.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { StateBadge } from '../../components/StateBadge.tsx';
import { formatBytes, formatGpus, formatPercent, formatPlace, formatSeconds } from '../../format/format.ts';
import { NodeView } from './NodeView.tsx';

const columns: readonly Column<Node>[] = [
  {
    key: 'id',
    label: 'Node',
    show: ({ id }) => (
      <Anchor component={Link} to={`/nodes/${id}`} fz="sm">
        {id}
      </Anchor>
    ),
    sortBy: ({ id }) => id,
  },
  { key: 'state', label: 'State', show: ({ state }) => <StateBadge state={state} />, sortBy: ({ state }) => state },
  {
    key: 'place',
    label: 'Place',
    show: ({ location = {} }) => formatPlace(location),
    sortBy: ({ location }) => location?.country,
  },
  {
    key: 'gpus',
    label: 'GPUs',
    show: ({ system }) => formatGpus(system?.gpus),
    sortBy: ({ system }) => system?.gpus?.length,
  },
  {
    key: 'load',
    label: 'CPU load',
    numeric: true,
    show: ({ system }) => formatPercent(system?.cpu_load_percent),
    sortBy: ({ system }) => system?.cpu_load_percent,
  },
  {
    key: 'memory',
    label: 'Memory',
    numeric: true,
    show: ({ system }) => formatBytes(system?.memory?.size),
    sortBy: ({ system }) => system?.memory?.size,
  },
  {
    key: 'uptime',
    label: 'Up for',
    numeric: true,
    show: ({ uptime }) => formatSeconds(uptime),
    sortBy: ({ uptime }) => uptime,
  },
];

function textOf({ id, state = '', location = {}, system }: Node): string {
  return [id, state, formatPlace(location), formatGpus(system?.gpus)].join(' ');
}

/** Countries that a list of nodes has shown. */
function useCountries(): string[] {
  const { queries } = useOcta();
  const { data = [] } = useQuery(queries.nodes.list());
  return [...new Set(data.flatMap(({ location }) => location?.country ?? []))].sort();
}

/** The nodes of the account, with details of one node in a panel beside the list. */
export function NodesPage() {
  const { queries } = useOcta();
  const [country, setCountry] = useState<string | null>(null);
  const [search, setSearch] = useSearchParams();
  const nodes = useQuery(queries.nodes.list(country === null ? {} : { country }));
  const shown = search.get('node');
  return (
    <>
      <PageHeader
        title="Nodes"
        calls={[country === null ? 'nodes.list()' : `nodes.list({ country: '${country}' })`]}
        actions={
          <Select
            aria-label="Country"
            placeholder="Any country"
            data={useCountries()}
            value={country}
            onChange={setCountry}
            clearable
            w={150}
          />
        }
      >
        Nodes that the account operates.
      </PageHeader>
      <QueryView query={nodes} height={420} empty="There are no nodes.">
        {(rows) => (
          <DataTable
            label="Nodes"
            rows={rows}
            columns={columns}
            keyOf={({ id }) => String(id)}
            textOf={textOf}
            initial={{ key: 'id', descending: false }}
            actions={({ id }) => (
              <Button
                size="xs"
                variant="default"
                onClick={() => setSearch({ node: String(id) })}
                aria-label={`Details of node ${id}`}
              >
                Details
              </Button>
            )}
          />
        )}
      </QueryView>
      <Drawer
        opened={shown !== null}
        onClose={() => setSearch({})}
        position="right"
        size="lg"
        title={`Node ${shown ?? ''}`}
      >
        {shown !== null && <NodeView id={shown} />}
      </Drawer>
    </>
  );
}
