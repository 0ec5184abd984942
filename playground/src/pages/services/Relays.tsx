import { Badge, Button, SegmentedControl, Stack } from '@mantine/core';
import type { VpnNode } from '@octaspace/sdk';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useOcta } from '../../client/octa.ts';
import { type Column, DataTable } from '../../components/DataTable.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { formatMbits, formatPlace, formatUsd } from '../../format/format.ts';
import type { Offer } from './offers.ts';

const columns: readonly Column<VpnNode>[] = [
  { key: 'node', label: 'Node', show: ({ node_id }) => node_id, sortBy: ({ node_id }) => node_id },
  { key: 'place', label: 'Place', show: formatPlace, sortBy: ({ country }) => country },
  {
    key: 'residential',
    label: 'Connection',
    show: ({ residential }) => (
      <Badge variant="light" color={residential ? 'blue' : 'gray'}>
        {residential ? 'home' : 'hosting'}
      </Badge>
    ),
    sortBy: ({ residential }) => Number(residential ?? false),
  },
  {
    key: 'download',
    label: 'Download',
    numeric: true,
    show: ({ net_down_mbits }) => formatMbits(net_down_mbits),
    sortBy: ({ net_down_mbits }) => net_down_mbits,
  },
  {
    key: 'upload',
    label: 'Upload',
    numeric: true,
    show: ({ net_up_mbits }) => formatMbits(net_up_mbits),
    sortBy: ({ net_up_mbits }) => net_up_mbits,
  },
  {
    key: 'price',
    label: 'Per GB',
    numeric: true,
    show: ({ traffic_price_usd }) => formatUsd(traffic_price_usd),
    sortBy: ({ traffic_price_usd }) => traffic_price_usd,
  },
];

const filters = [
  { value: 'all', label: 'All' },
  { value: 'home', label: 'Home' },
  { value: 'hosting', label: 'Hosting' },
];

function offerOf(relay: VpnNode): Offer {
  const price = `${formatUsd(relay.traffic_price_usd)} per GB`;
  return { kind: 'vpn', nodeId: relay.node_id, title: 'VPN relay', place: formatPlace(relay), price };
}

/** VPN relays. */
export function Relays({ onRent }: { readonly onRent: (offer: Offer) => void }) {
  const { queries } = useOcta();
  const [filter, setFilter] = useState('all');
  const criteria = filter === 'all' ? {} : { residential: filter === 'home' };
  const relays = useQuery({ ...queries.services.vpn.find(criteria), placeholderData: keepPreviousData });
  return (
    <Stack>
      <SegmentedControl
        aria-label="Connection"
        data={filters}
        value={filter}
        onChange={setFilter}
        w={{ base: '100%', sm: 300 }}
      />
      <QueryView query={relays} height={520} empty="No relay meets these criteria.">
        {(rows) => (
          <DataTable
            label="Relays"
            rows={rows}
            columns={columns}
            keyOf={({ node_id }) => String(node_id)}
            textOf={({ node_id, country, country_iso = '', city }) => [node_id, country, country_iso, city].join(' ')}
            initial={{ key: 'price', descending: false }}
            actions={(relay) => (
              <Button size="xs" onClick={() => onRent(offerOf(relay))} aria-label={`Rent node ${relay.node_id}`}>
                Rent
              </Button>
            )}
          />
        )}
      </QueryView>
    </Stack>
  );
}
