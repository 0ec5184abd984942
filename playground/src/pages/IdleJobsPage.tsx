import { Button, Group, NumberInput, SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useOcta } from '../client/octa.ts';
import { CodeView } from '../components/CodeView.tsx';
import { Empty } from '../components/Empty.tsx';
import { Facts } from '../components/Facts.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { formatSeconds, formatText, formatYesNo } from '../format/format.ts';

interface Job {
  readonly nodeId: number;
  readonly jobId: number;
}

function JobView({ job: { nodeId, jobId } }: { readonly job: Job }) {
  const { queries } = useOcta();
  const state = useQuery(queries.idleJobs.get(nodeId, jobId));
  const log = useQuery(queries.idleJobs.logs(nodeId, jobId));
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Panel title={`Job ${jobId} of node ${nodeId}`}>
        <QueryView query={state} height={60}>
          {({ is_up, uptime, error }) => (
            <Facts
              facts={[
                ['Running', formatYesNo(is_up)],
                ['For', formatSeconds(uptime)],
                ['Error', formatText(error)],
              ]}
            />
          )}
        </QueryView>
      </Panel>
      <Panel title="Log">
        <QueryView query={log} height={200}>
          {(text) =>
            text === '' ? (
              <Empty>The log is empty.</Empty>
            ) : (
              <CodeView label="Log of the job" text={text} height={300} />
            )
          }
        </QueryView>
      </Panel>
    </SimpleGrid>
  );
}

function Ask({ onAsk }: { readonly onAsk: (job: Job) => void }) {
  const { queries } = useOcta();
  const nodes = useQuery(queries.nodes.list());
  const [node, setNode] = useState<string | number>('');
  const [job, setJob] = useState<string | number>(1);
  const nodeId = node === '' ? nodes.data?.[0]?.id : Number(node);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (nodeId !== undefined) onAsk({ nodeId, jobId: Number(job) });
  };
  return (
    <Group component="form" align="flex-end" onSubmit={ask}>
      <NumberInput label="Node" min={1} hideControls value={nodeId ?? ''} onChange={setNode} w={140} required />
      <NumberInput label="Job" min={1} hideControls value={job} onChange={setJob} w={100} required />
      <Button type="submit" disabled={nodeId === undefined || job === ''}>
        Look
      </Button>
    </Group>
  );
}

/** Jobs that nodes run while nobody rents them. */
export function IdleJobsPage() {
  const [job, setJob] = useState<Job>();
  return (
    <>
      <PageHeader title="Idle jobs" calls={['idleJobs.get(nodeId, jobId)', 'idleJobs.logs(nodeId, jobId)']}>
        Jobs that a node runs while nobody rents it. The API does not list them, so enter the node and the job.
      </PageHeader>
      <Stack>
        <Panel title="Which job">
          <Ask onAsk={setJob} />
        </Panel>
        {job === undefined ? <Empty>Choose a node and a job.</Empty> : <JobView job={job} />}
      </Stack>
    </>
  );
}
