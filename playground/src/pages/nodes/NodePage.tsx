import { Anchor } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { PageHeader } from '../../components/PageHeader.tsx';
import { NodeView } from './NodeView.tsx';

/** The page of one node. */
export function NodePage() {
  const { id = '' } = useParams();
  return (
    <>
      <Anchor component={Link} to="/nodes" fz="sm">
        All nodes
      </Anchor>
      <PageHeader
        title={`Node ${id}`}
        calls={[`nodes.get(${id})`, 'nodes.updatePrices()', 'nodes.reboot()', 'nodes.downloadLogs()']}
      />
      <NodeView id={id} />
    </>
  );
}
