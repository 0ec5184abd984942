import { Stack } from '@mantine/core';
import type { NodeDetail } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { useOcta } from '../../client/octa.ts';
import { Facts } from '../../components/Facts.tsx';
import { Panel } from '../../components/Panel.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { StateBadge } from '../../components/StateBadge.tsx';
import {
  formatBytes,
  formatCount,
  formatGpus,
  formatPercent,
  formatPlace,
  formatSeconds,
  formatText,
} from '../../format/format.ts';
import { NodeCommands } from './NodeCommands.tsx';
import { NodePrices } from './NodePrices.tsx';

function Overview({ node }: { readonly node: NodeDetail }) {
  const { state, ip, location = {}, reliability, data } = node;
  return (
    <Panel title="Overview" aside={<StateBadge state={state} />}>
      <Facts
        facts={[
          ['Place', formatPlace(location)],
          ['IP', formatText(ip)],
          ['Provider', formatText(location.provider)],
          ['Up for', formatSeconds(data?.uptime)],
          ['Uptime', formatPercent(reliability?.uptime)],
          ['Sessions that ended normally', formatPercent(reliability?.stability)],
          ['Rating', `${formatCount(reliability?.rating?.score)} of ${formatCount(reliability?.rating?.count)} votes`],
          ['Version', formatText(data?.version)],
          ['System', [data?.linux_distro, data?.linux_release].filter(Boolean).join(' ')],
        ]}
      />
    </Panel>
  );
}

function Hardware({ node: { data } }: { readonly node: NodeDetail }) {
  return (
    <Panel title="Hardware">
      <Facts
        facts={[
          ['CPU', formatText(data?.cpu_model_name)],
          ['Cores', formatCount(data?.cpu_cores)],
          ['CPU load', formatPercent(data?.cpu_load_percent)],
          ['GPUs', formatGpus(data?.gpus)],
          ['Driver', formatText(data?.gpu_driver_version)],
          ['CUDA', formatText(data?.cuda_version)],
          ['Memory', formatBytes(data?.memory?.total_memory)],
          ['Memory free', formatBytes(data?.memory?.free_memory)],
          ['Disk free', formatBytes(data?.disk?.free)],
        ]}
      />
    </Panel>
  );
}

/** Everything about one node, and the commands of its operator. */
export function NodeView({ id }: { readonly id: string }) {
  const { queries } = useOcta();
  const node = useQuery(queries.nodes.get(id));
  return (
    <QueryView query={node} height={520}>
      {(found) => (
        <Stack>
          <Overview node={found} />
          <Hardware node={found} />
          <NodePrices id={found.id} />
          <NodeCommands id={found.id} />
        </Stack>
      )}
    </QueryView>
  );
}
